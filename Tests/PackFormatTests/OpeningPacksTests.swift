import FileAccess
import Foundation
import HuginnModel
import Integrity
import PackFormat
import Parallelism
import TestSupport
import Testing

/// What opening a pack proves without reading its weights.
struct OpeningPacksTests {
  private let directory: TemporaryDirectory
  private let path: String

  init() throws {
    directory = try TemporaryDirectory()
    path = try directory.copy(Fixtures.path("expected/huginn-nano-int8.muninn"), as: "pack")
  }

  /// What opening it says, mapped and not.
  private func refusals() -> [PackError?] { [mappingRefusal(), readingRefusal()] }

  private func mappingRefusal() -> PackError? {
    do throws(PackError) {
      _ = try Pack(path: path)
      return nil
    } catch {
      return error
    }
  }

  private func readingRefusal() -> PackError? {
    do throws(PackError) {
      _ = try PackReader(path: path)
      return nil
    } catch {
      return error
    }
  }

  /// Replaces the config, and its digest in the manifest, and the manifest's own.
  private func rewriteConfig(_ old: String, with new: String) throws {
    let text = String(decoding: try directory.bytes("pack/config.json"), as: UTF8.self)
    #expect(text.contains(old))
    let bytes = Array(text.replacing(old, with: new).utf8)
    try directory.write("pack/config.json", bytes)
    let manifest = try Pack.readManifest(ofPack: path)
    let config = Manifest.File(
      name: "config.json", byteCount: bytes.count, sha256: Digest(of: bytes.span.rawBytes))
    let sidecars = manifest.sidecars.map { $0.name == config.name ? config : $0 }
    let rewritten = try Manifest(
      tool: manifest.tool, config: manifest.config, recipe: manifest.recipe,
      identity: manifest.identity, sourceFiles: manifest.sourceFiles,
      sourceIndex: manifest.sourceIndex, tensors: manifest.tensors,
      rotaryTableDType: manifest.rotaryTableDType, sidecars: sidecars)
    try directory.write("pack/manifest.json", rewritten.canonicalBytes)
  }

  @Test func `a sidecar that was edited is refused by all that opens a pack`() throws {
    let bytes = try directory.bytes("pack/config.json")
    try directory.write("pack/config.json", [bytes[0]] + [0x20] + bytes.dropFirst(2))
    let sidecar = try #require(
      try Pack.readManifest(ofPack: path).sidecars.first { $0.name == "config.json" })
    let edited = try directory.bytes("pack/config.json")
    let found = Digest(of: edited.span.rawBytes)
    let fault = PackFault.sidecar(name: "config.json", expected: sidecar.sha256, found: found)
    for error in refusals() { #expect(error == .faulty(path: path, fault)) }
    try directory.write("pack/config.json", bytes + [0x20])
    for error in refusals() {
      #expect(
        error
          == .faulty(
            path: path,
            .length(name: "config.json", expected: bytes.count, found: bytes.count + 1)))
    }
  }

  @Test func `a file with a sidecar's name that the manifest does not list is refused`() throws {
    try directory.write("pack/tokenizer.json", "{}")
    for error in refusals() {
      #expect(error == .faulty(path: path, .unexpectedFile(name: "tokenizer.json")))
    }
  }

  @Test(
    arguments: [
      (#""rope_base": 50000"#, #""rope_base": 60000"#, "rope_base", "60000", "50000"),
      (#""mean_recurrence": 32"#, #""mean_recurrence": 8"#, "mean_recurrence", "8", "32"),
      (#""mean_recurrence": 32"#, #""mean_recurrence": 0"#, "mean_recurrence", "0", "32"),
    ])
  func `a config that contradicts the manifest is named, whatever its digest`(
    old: String, new: String, member: String, found: String, expected: String
  ) throws {
    try rewriteConfig(old, with: new)
    let faults = try PackVerification(path: path).faults
    let expected =
      new.hasSuffix(" 0")
      ? PackFault.invalidConfig(reason: "mean_recurrence is malformed")
      : .config(member: member, found: found, expected: expected)
    #expect(faults == [expected])
    for error in refusals() { #expect(error == .faulty(path: path, expected)) }
    let whole = try PackVerification(try OpenDirectory(path: path), digestingFiles: true)
    #expect(whole.faults == faults)
  }

  @Test func `a config that says the same in other words is not a contradiction`() throws {
    try rewriteConfig(#""rope_base": 50000"#, with: #""rope_base": 5e4, "note": "ours""#)
    #expect(try PackVerification(path: path).faults == [])
    _ = try PackReader(path: path)
  }

  @Test func `a pack that loses its files while it is opened has changed, and is not damaged`()
    throws
  {
    let opened = try OpenDirectory(path: path)
    try FileManager.default.removeItem(atPath: "\(path)/core.seg")
    #expect(throws: ReadingError.file(.changed(path: path))) {
      try PackVerification(opened)
    }
    // The same pack, opened now, lacks a segment.
    #expect(try PackVerification(path: path).faults.map(\.code) == ["unreadable"])
  }

  @Test func `one pass finds what verification finds, and the digest of every file`() throws {
    try directory.write("pack/README.md", "Mine.\n")
    let flips = [("core.seg", 20000), ("coda.seg", 4200), ("prelude.seg", 3), ("config.json", 5)]
    for (name, index) in flips {
      var bytes = try directory.bytes("pack/\(name)")
      bytes[index] ^= 0x10
      try directory.write("pack/\(name)", bytes)
    }
    let separate = try PackVerification(path: path)
    for count in [1, 3] {
      let whole = try PackVerification(
        try OpenDirectory(path: path), digestingFiles: true, workers: .init(count: count))
      #expect(separate.faults.count >= 4)
      #expect(Set(whole.faults.map(\.description)) == Set(separate.faults.map(\.description)))
      #expect(whole.fileDigests.keys.sorted() == (try directoryContents(path)))
      for (name, digest) in whole.fileDigests {
        let bytes = try directory.bytes("pack/\(name)")
        let expected = Digest(of: bytes.span.rawBytes)
        #expect(digest == expected)
      }
    }
    #expect(separate.fileDigests.isEmpty)
  }
}
