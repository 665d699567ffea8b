#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Arguments, standard streams, environment and signals: what the command needs of C.
enum Terminal {
  /// What follows the command's name, as the system has it: bytes, of whatever encoding.
  static var arguments: [[UInt8]] {
    (0..<Int(CommandLine.argc)).dropFirst().compactMap { index in
      guard let argument = unsafe CommandLine.unsafeArgv[index] else { return nil }
      let bytes = unsafe UnsafeBufferPointer(start: argument, count: strlen(argument))
      return unsafe bytes.map { UInt8(bitPattern: $0) }
    }
  }

  /// A standard stream.
  enum Stream: Int32 {
    case output = 1
    case error = 2
  }

  /// The outcome of writing bytes.
  enum Reception: Equatable {
    /// The stream took them.
    case taken
    /// The stream is a pipe that nobody reads.
    case unwanted
    /// The system refused.
    case failed(errno: Int32)
  }

  /// Writes text; to a pipe that nobody reads it is dropped, so that the command ends quietly.
  ///
  /// - Returns: what became of it.
  @discardableResult
  static func write(_ text: String, to stream: Stream) -> Reception {
    offer(Array(text.utf8), to: stream)
  }

  /// Writes bytes, and tells what became of them.
  static func offer(_ bytes: [UInt8], to stream: Stream) -> Reception {
    unsafe bytes.withUnsafeBufferPointer { bytes in
      var done = 0
      while done < bytes.count {
        #if canImport(Darwin)
        let count = unsafe Darwin.write(
          stream.rawValue, bytes.baseAddress?.advanced(by: done), bytes.count - done)
        #else
        let count = unsafe Glibc.write(
          stream.rawValue, bytes.baseAddress?.advanced(by: done), bytes.count - done)
        #endif
        if count < 0 && errno == EINTR { continue }
        if count < 0 && errno == EPIPE { return .unwanted }
        guard count > 0 else { return .failed(errno: count < 0 ? errno : EIO) }
        done += count
      }
      return .taken
    }
  }

  /// Whether a person is looking at the stream.
  static func isInteractive(_ stream: Stream) -> Bool {
    isatty(stream.rawValue) == 1
  }

  /// Whether text on the stream may be coloured: the terminal can, and the user does not object.
  static func isColoured(_ stream: Stream) -> Bool {
    isInteractive(stream) && !hasEnvironment("NO_COLOR") && !isDumb
  }

  private static var isDumb: Bool {
    guard let name = unsafe getenv("TERM") else { return true }
    return unsafe String(cString: name) == "dumb"
  }

  /// The columns of the terminal at this moment; 80 where it does not say.
  static func columns(_ stream: Stream) -> Int {
    var size = winsize()
    let code = unsafe ioctl(stream.rawValue, UInt(TIOCGWINSZ), &size)
    return code == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }

  /// Whether the environment has a variable that is not empty.
  static func hasEnvironment(_ name: String) -> Bool {
    guard let value = unsafe getenv(name) else { return false }
    return unsafe value.pointee != 0
  }

  /// Ends the process.
  static func exit(_ status: Int32) -> Never {
    #if canImport(Darwin)
    Darwin.exit(status)
    #else
    Glibc.exit(status)
    #endif
  }

  /// A closed pipe, or a limit on the size of files, is then an error of `write` and no signal.
  static func ignoreSignalsOfWriting() {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  /// Calls `handler`, on a thread of its own, with each SIGINT, SIGTERM and SIGHUP.
  ///
  /// The signals are blocked everywhere and waited for: no code runs inside a signal handler. Those
  /// that were ignored when the process started, as `nohup` and a shell's background jobs have it,
  /// stay ignored.
  static func handleInterrupts(_ handler: @escaping @Sendable (_ signal: Int32) -> Void) {
    var signals = interrupts
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    let box = unsafe Unmanaged.passRetained(Handler(handler)).toOpaque()
    var thread = pthread_t()
    let code = unsafe pthread_create(&thread, nil, waitForInterrupts, box)
    guard code == 0 else {
      // Without the thread, the default action is better than none.
      unsafe Unmanaged<Handler>.fromOpaque(box).release()
      unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
      return
    }
    pthread_detach(thread)
  }

  /// The signals that ask a process to stop, without those that it ignores.
  fileprivate static var interrupts: sigset_t {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    for signal in [SIGINT, SIGTERM, SIGHUP] where !isIgnored(signal) {
      unsafe sigaddset(&signals, signal)
    }
    return signals
  }

  private static func isIgnored(_ signal: Int32) -> Bool {
    var action = sigaction()
    guard unsafe sigaction(signal, nil, &action) == 0 else { return false }
    #if canImport(Darwin)
    let handler = unsafe action.__sigaction_u.__sa_handler
    #else
    let handler = unsafe action.__sigaction_handler.sa_handler
    #endif
    // Functions are not compared in Swift.
    return unsafe unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  fileprivate final class Handler {
    let body: @Sendable (Int32) -> Void
    init(_ body: @escaping @Sendable (Int32) -> Void) { self.body = body }
  }
}

private func waitForInterrupts(_ box: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let box = unsafe box else { return nil }
  let handler = unsafe Unmanaged<Terminal.Handler>.fromOpaque(box).takeRetainedValue()
  var signals = Terminal.interrupts
  while true {
    var received: Int32 = 0
    if unsafe sigwait(&signals, &received) == 0 { handler.body(received) }
  }
}
