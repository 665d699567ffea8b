import Checkpoint
import FileAccess
import Foundation
import HuginnModel
import Integrity
import TestSupport
import Testing

/// A checkpoint with checksums, damaged in every way; flips and cuts here are samples.
@Suite(.timeLimit(.minutes(10)))
struct DamagedCheckpointTests {
  @Test func `500 seeded flips of one bit are found`() throws {
    let checkpoint = try ChecksummedCheckpoint()
    #expect(try checkpoint.isProven())
    var random = SeededGenerator(seed: 10)
    for number in 0..<500 {
      let name = checkpoint.names[number % checkpoint.names.count]
      let path = checkpoint.directory(name)
      let offset = Int.random(in: 0..<(try FileStatus(ofPath: path).byteCount), using: &random)
      let bit = Int.random(in: 0..<8, using: &random)
      let isProven = try Flip.during(path, at: offset, by: 1 << bit) { try checkpoint.isProven() }
      #expect(!isProven, "bit \(bit) of byte \(offset) of \(name)")
    }
    #expect(try checkpoint.isProven())
  }

  @Test func `bytes after the end of any file are found`() throws {
    let checkpoint = try ChecksummedCheckpoint()
    for name in checkpoint.names {
      let bytes = try checkpoint.directory.bytes(name)
      try checkpoint.directory.write(name, bytes + [0])
      #expect(try !checkpoint.isProven(), "\(name)")
      try checkpoint.directory.write(name, bytes)
    }
    #expect(try checkpoint.isProven())
  }

  @Test(arguments: OtherKind.allCases)
  func `something other than a file in place of any file is found`(kind: OtherKind) throws {
    let checkpoint = try ChecksummedCheckpoint()
    for name in checkpoint.names {
      let path = checkpoint.directory(name)
      let bytes = try checkpoint.directory.bytes(name)
      try kind.put(at: path)
      let opened = try Checkpoint(path: checkpoint.directory.path)
      let verification = try CheckpointVerification(opened)
      let named =
        opened.diagnostics.map(\.subject) + verification.missing
        + verification.unreadable.map(\.file)
      #expect(named.contains(name), "\(name): \(named)")
      #expect(!verification.isProven)
      #expect(verification.isIntact == (name == ChecksumList.fileName))
      try FileManager.default.removeItem(atPath: path)
      try checkpoint.directory.write(name, bytes)
    }
    #expect(try checkpoint.isProven())
  }

  @Test(.enabled(if: geteuid() != 0, "root may read everything"))
  func `a file that may not be read is the system's error`() throws {
    let checkpoint = try ChecksummedCheckpoint()
    for name in checkpoint.names where name != ChecksumList.fileName {
      let path = checkpoint.directory(name)
      chmod(path, 0)
      #expect(throws: (any Error).self, "\(name)") { _ = try checkpoint.isProven() }
      chmod(path, 0o644)
    }
  }

  @Test(arguments: HostileName.all)
  func `a hostile name is refused for a shard, and is not a tensor of the model`(
    name: String
  ) throws {
    var small = try SmallCheckpoint(isSharded: true)
    let json = JSONText.escaped(name)
    small.weightMap?["transformer.ln_f.weight"] = json
    #expect(try small.open().diagnostics.contains { $0.code == .shardName && $0.subject == name })

    var other = try SmallCheckpoint()
    other.add(json, [2], [1, 2], to: "model.safetensors")
    let diagnostics = try other.open().diagnostics
    #expect(diagnostics.containErrors)
  }
}

/// What a name is in a JSON text.
private enum JSONText {
  static func escaped(_ name: String) -> String {
    name.unicodeScalars.map {
      $0.value < 32 ? "\\u00" + ($0.value < 16 ? "0" : "") + String($0.value, radix: 16) : "\($0)"
    }.joined()
  }
}
