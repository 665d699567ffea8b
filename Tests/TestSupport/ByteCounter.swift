import Synchronization

/// Adds up what a monitor is told, from any thread.
public final class ByteCounter: Sendable {
  private let count = Mutex(0)

  /// A counter at 0.
  public init() {}

  /// Adds `byteCount`.
  public func add(_ byteCount: Int) { count.withLock { $0 += byteCount } }

  /// The bytes so far.
  public var total: Int { count.withLock { $0 } }
}
