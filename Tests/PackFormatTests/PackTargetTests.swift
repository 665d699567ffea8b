import FileAccess
import Foundation
import PackFormat
import TestSupport
import Testing

/// What a pack may replace.
struct PackTargetTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    try directory.copy(
      Fixtures.path("expected/huginn-nano-int8.muninn"), as: "pack.muninn")
  }

  private func makeFolder(_ path: String) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  @Test func `a pack is replaced with what nobody wrote, and not with anybody's work`() throws {
    func check(_ target: String) throws {
      try PackWriter.checkTarget(target, byteCount: 0, replacing: true)
    }
    try makeFolder(directory("empty"))
    for name in ["pack.muninn", "empty"] {
      try directory.write("\(name)/.DS_Store", "x")
      try check(directory(name))
      for ignored in PackFileNames.ignored where ignored != ".DS_Store" {
        let path = directory("\(name)/\(ignored)")
        let refusal = PackError.notReplaced(
          path: directory(name), found: "holds '\(ignored)'")
        // A clone of a submodule has a file of that name.
        try directory.write("\(name)/\(ignored)", "x")
        #expect(throws: refusal) { try check(directory(name)) }
        try FileManager.default.removeItem(atPath: path)
        try makeFolder(path)
        #expect(throws: refusal) { try check(directory(name)) }
        try FileManager.default.removeItem(atPath: path)
      }
    }
  }
}
