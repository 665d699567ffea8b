import Foundation
import TestSupport
import Testing

/// What signals and streams that fail do to the command.
struct SignalTests {
  /// Starts a conversion that lasts, and waits until it has begun to write.
  ///
  /// A slow machine is fast enough to be stopped before the end where it is asked at once.
  private func conversion(
    _ shell: String, to directory: TemporaryDirectory
  ) throws -> Process {
    let muninn = CommandRun.process([]).executableURL?.path ?? ""
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = [
      "-c", shell, "sh", muninn, "convert", Fixtures.tiny, directory("pack"), "-j", "1",
      "--weights",
      "f32",
    ]
    process.standardError = Pipe()
    process.standardOutput = Pipe()
    try process.run()
    while directory.names.isEmpty && process.isRunning {}
    return process
  }

  @Test(arguments: [(SIGINT, Int32(130)), (SIGTERM, 143), (SIGHUP, 129)] as [(Int32, Int32)])
  func `a signal that asks to stop lets work clean up`(signal: Int32, status: Int32) throws {
    let directory = try TemporaryDirectory()
    let process = try conversion("exec \"$@\"", to: directory)
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    if process.terminationStatus == status {
      #expect(directory.names.isEmpty)
    } else {
      // It had published before the signal came.
      #expect(process.terminationStatus == 0)
      #expect(directory.names == ["pack"])
    }
  }

  @Test(arguments: [("INT", SIGINT), ("TERM", SIGTERM), ("HUP", SIGHUP)])
  func `a signal that was ignored at the start stays ignored`(name: String, signal: Int32) throws {
    let directory = try TemporaryDirectory()
    let process = try conversion("trap '' \(name); exec \"$@\"", to: directory)
    #expect(process.isRunning)
    for _ in 0..<3 { kill(process.processIdentifier, signal) }
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 0)
    #expect(directory.names == ["pack"])
  }

  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")),
    arguments: [
      "--help", "--version", "help", "verify --help", "--generate-completion-script bash",
    ])
  func `output of the parser that is lost is an error`(arguments: String) throws {
    let muninn = CommandRun.process([]).executableURL?.path ?? ""
    let run = try CommandRun(shell: "'\(muninn)' \(arguments) >/dev/full")
    #expect(run.status == 1)
    #expect(run.errors == "muninn: cannot write to standard output: No space left on device\n")
  }

  @Test func `the number of threads may be joined to its option`() throws {
    let pack = Fixtures.path("expected/huginn-nano-int8.muninn")
    for jobs in [["-j1"], ["-j", "1"], ["-j=2"], ["--jobs", "2"], ["--jobs=2"]] {
      #expect(try CommandRun(["verify", pack] + jobs).status == 0, "\(jobs)")
    }
    for jobs in ["-j0", "-jx", "-j1025", "-j-1", "-j"] {
      #expect(try CommandRun("verify", pack, jobs).status == 64, "\(jobs)")
    }
  }
}
