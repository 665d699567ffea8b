import FileAccess
import Presentation
import TestSupport
import Testing

@testable import Evaluation
@testable import Report

struct TraceDirectoryTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func trace(tokens: Int) -> LatentTrace {
    let states = (0...8).map { [Float($0), 1] }
    let path = LatentTrace.Path(
      motion: Motion(states), points: (1...8).map { [Double($0), 1 / Double($0)] })
    return LatentTrace(
      models: ["m"], recurrences: 8, explained: [0.9, 0.1],
      tokens: (0..<tokens).map { .init(token: $0, text: "a", paths: [path]) })
  }

  @Test func `a trace is pictures and numbers, and replaces a trace`() throws {
    let target = directory("trace")
    for (count, replacing) in [(2, false), (1, true)] {
      try TraceDirectory.checkReplaceable(target)
      let left = try TraceDirectory(trace(tokens: count)).write(to: target, replacing: replacing)
      #expect(left == nil)
      let pictures = (0..<count).flatMap { ["token-00\($0).png", "token-00\($0).svg"] }
      #expect(try directoryContents(target).sorted() == pictures + ["trace.json"])
    }
    #expect(throws: TraceDirectoryError.file(.exists(path: target))) {
      _ = try TraceDirectory(trace(tokens: 1)).write(to: target, replacing: false)
    }
  }

  @Test func `a directory with other files is not replaced`() throws {
    let target = directory("trace")
    _ = try TraceDirectory(trace(tokens: 1)).write(to: target, replacing: false)
    try directory.write("trace/token-001.svg", "<svg/>")
    #expect(
      throws: TraceDirectoryError.file(
        .notReplaced(path: target, found: "holds files that are not part of a trace"))
    ) {
      try TraceDirectory.checkReplaceable(target)
    }
  }

  @Test func `a picture that is too large is an error with its size`() {
    let reason = DrawingError.tooManyPixels(width: 1, height: 2, scale: 3, limit: 4)
    #expect("\(TraceDirectoryError.drawing(reason))" == "\(reason)")
  }
}
