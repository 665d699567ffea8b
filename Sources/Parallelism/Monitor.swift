/// The channel through which work reports progress and learns that it should stop.
public struct Monitor: Sendable {
  private let onAdvance: @Sendable (_ byteCount: Int) -> Void
  private let onCancelled: @Sendable () -> Bool

  /// A monitor that calls back from any thread.
  ///
  /// - Parameters:
  ///   - advance: called with the bytes done since the last call.
  ///   - isCancelled: asked between tiles.
  public init(
    advance: @escaping @Sendable (_ byteCount: Int) -> Void,
    isCancelled: @escaping @Sendable () -> Bool
  ) {
    onAdvance = advance
    onCancelled = isCancelled
  }

  /// A monitor that nobody watches.
  public static let none = Monitor(advance: { _ in }, isCancelled: { false })

  /// Reports `byteCount` more bytes as done.
  public func advance(by byteCount: Int) { onAdvance(byteCount) }

  /// Whether the work should stop.
  public var isCancelled: Bool { onCancelled() }
}
