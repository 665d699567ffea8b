import Synchronization
import Tensors

/// Whether the user has asked the process to stop.
///
/// Work asks between tiles and cleans up behind itself; commands that do none end at once, and a
/// second signal does not wait.
enum Interruption {
  private static let received = Atomic<Int32>(0)
  private static let workInProgress = Atomic<Bool>(false)

  /// Starts listening for the signals that ask a process to stop.
  static func install() {
    Terminal.handleInterrupts { signal in
      let isFirst = received.exchange(signal, ordering: .sequentiallyConsistent) == 0
      if !isFirst || !workInProgress.load(ordering: .sequentiallyConsistent) {
        Terminal.exit(128 + signal)
      }
    }
  }

  /// Whether a signal came.
  static var isRequested: Bool { received.load(ordering: .relaxed) != 0 }

  /// Runs work that asks ``isRequested`` and cleans up by itself.
  static func cleaningUp<Value: ~Copyable, Failure: Error>(
    _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    workInProgress.store(true, ordering: .sequentiallyConsistent)
    defer { workInProgress.store(false, ordering: .sequentiallyConsistent) }
    return try body()
  }

  /// The end of a command that was asked to stop.
  static var failure: Failure { failure(resumable: nil) }

  /// The same, where a file was left to go on from.
  static func failure(resumable path: String?) -> Failure {
    let status = ExitStatus(rawValue: 128 + received.load(ordering: .relaxed)) ?? .interrupted
    return Failure(
      status, code: "interrupted",
      message: path.map { "interrupted; run the same command again to resume from \($0.quoted)" }
        ?? "interrupted; nothing was left behind")
  }
}
