import FileAccess
import HuginnModel
import PackFormat
import Parallelism
import Quantization
import Tensors
import TestSupport
import Testing

struct PackTests {
  private static let reference = Fixtures.path("expected/huginn-nano-int8.muninn")

  @Test func `a pack opens and its planes are views of the map`() throws {
    let pack = try Pack(path: Self.reference)
    let segment = pack.segment(.embedding)
    let embedding = try segment.tensor("transformer.wte.weight")
    let codes = try segment.view(.codes, of: embedding, as: Int8.self)
    let scales = try segment.view(.scales, of: embedding, as: UInt16.self)
    let counts = [codes.count, scales.count]
    #expect(counts == [256 * 96, 256 * 3])
    var largest = 0
    for index in 0..<codes.count { largest = max(largest, Int(codes[index].magnitude)) }
    #expect(largest == 127)
    #expect(scales[0] > 0)
    let length = pack.segment(.core).bytes.byteCount
    #expect(length == 442_368)
  }

  private func copy() throws -> (TemporaryDirectory, String) {
    let directory = try TemporaryDirectory()
    return (directory, try directory.copy(Self.reference, as: "pack"))
  }

  private func error(opening path: String) -> PackError? {
    do throws(PackError) {
      _ = try Pack(path: path)
      return nil
    } catch {
      return error
    }
  }

  @Test func `a directory without a manifest is not a pack`() throws {
    let directory = try TemporaryDirectory()
    #expect(error(opening: directory.path) == .noManifest(path: directory.path))
  }

  @Test func `a missing path is another error`() {
    #expect(error(opening: "/nonexistent") == .file(.notFound(path: "/nonexistent")))
  }

  @Test func `a segment of another length is refused`() throws {
    let (directory, pack) = try copy()
    let bytes = try InputFile.contents(of: "\(pack)/core.seg", limit: 1 << 20)
    try directory.write("pack/core.seg", bytes + [0])
    #expect(
      error(opening: pack)
        == .segmentLength(path: "\(pack)/core.seg", expected: 442_368, found: 442_369))
  }

  @Test func `a segment of another pack is refused`() throws {
    let (directory, pack) = try copy()
    var bytes = try InputFile.contents(of: "\(pack)/core.seg", limit: 1 << 20)
    bytes[40] ^= 1
    try directory.write("pack/core.seg", bytes)
    guard case .segmentHeader(_, .field(let field, _, _))? = error(opening: pack) else {
      Issue.record("expected a header error")
      return
    }
    #expect(field.name == "pack identity")
  }

  @Test func `a missing segment is named`() throws {
    let directory = try TemporaryDirectory()
    try directory.write(
      "manifest.json", try Fixtures.bytes("expected/huginn-nano-int8.muninn/manifest.json"))
    #expect(
      error(opening: directory.path)
        == .file(.notFound(path: "\(directory.path)/embedding.seg")))
  }

  @Test func `an intact pack has no faults, with one thread and with four`() throws {
    for count in [1, 4] {
      let verification = try PackVerification(
        path: Self.reference, workers: Workers(count: count))
      #expect(verification.faults.isEmpty)
      #expect(verification.manifest?.tensors.count == 75)
    }
  }

  @Test
  func `extra files are faults, companions and files of other tools are not`()
    throws
  {
    let (directory, pack) = try copy()
    #expect(try PackVerification(path: pack).ignored == [])
    for name in PackFileNames.companions { try directory.write("pack/\(name)", "x") }
    try directory.write("pack/notes.txt", "x")
    try directory.write("pack/tokenizer.json", "{}")
    // A folder or a file: a clone's '.git' may be either.
    for (index, name) in PackFileNames.ignored.enumerated() {
      if index.isMultiple(of: 2) {
        try directory.write("pack/\(name)", "x")
      } else {
        try directory.copy(Fixtures.path("vectors"), as: "pack/\(name)")
      }
    }
    let verification = try PackVerification(path: pack)
    #expect(
      verification.faults == [
        .unexpectedFile(name: "notes.txt"), .unexpectedFile(name: "tokenizer.json"),
      ])
    #expect(verification.ignored == PackFileNames.ignored)
  }

  @Test func `a path that is not a directory and one that does not exist are distinguished`() throws
  {
    #expect(throws: ReadingError.file(.notFound(path: "/nonexistent"))) {
      try PackVerification(path: "/nonexistent")
    }
    let directory = try TemporaryDirectory()
    #expect(
      try PackVerification(path: directory.path).faults
        == [.manifest(.noManifest(path: directory.path))])
  }
}

/// Views of a mapped segment.
struct MappedSegmentTests {
  private static let reference = Fixtures.path("expected/huginn-nano-int8.muninn")

  /// The error of a use of the core's segment.
  private func error(_ use: (borrowing MappedSegment) throws(PackError) -> Void) throws
    -> PackError?
  {
    let pack = try Pack(path: Self.reference)
    do throws(PackError) {
      try use(pack.segment(.core))
      return nil
    } catch {
      return error
    }
  }

  @Test func `a tensor of another stage is not in the segment`() throws {
    let found = try error { segment throws(PackError) in
      _ = try segment.tensor("transformer.wte.weight")
    }
    #expect(found == .noTensor(name: "transformer.wte.weight"))
  }

  @Test func `a role that the encoding lacks and a type of another dtype are refused`() throws {
    let role = try error { segment throws(PackError) in
      let tensor = try segment.tensor("transformer.adapter.weight")
      _ = try segment.view(.values, of: tensor, as: Float.self)
    }
    #expect(role == .noPlane(tensor: "transformer.adapter.weight", role: .values))
    let type = try error { segment throws(PackError) in
      let tensor = try segment.tensor("transformer.adapter.weight")
      _ = try segment.view(.scales, of: tensor, as: Float.self)
    }
    #expect(type == .planeType(tensor: "transformer.adapter.weight", dtype: .f16))
  }

  @Test func `a tensor of another segment cannot be viewed through this one`() throws {
    let found = try error { segment throws(PackError) in
      let pack = try Pack(path: Self.reference)
      let layout = pack.manifest.layout[.embedding].tensors[0]
      // Its offsets lie in the core's segment too, but its name does not.
      _ = try segment.view(.codes, of: layout, as: Int8.self)
    }
    #expect(found == .noTensor(name: "transformer.wte.weight"))
  }

  @Test func `vectors are viewed as they are stored`() throws {
    let pack = try Pack(path: Self.reference)
    let segment = pack.segment(.coda)
    let norm = try segment.tensor("transformer.ln_f.weight")
    let values = try segment.view(.values, of: norm, as: Float.self)
    let stored = try Fixtures.floats(
      "transformer.ln_f.weight", in: "checkpoints/huginn-nano/model.safetensors")
    var viewed: [Float] = []
    for index in values.indices { viewed.append(values[index]) }
    #expect(viewed == stored)
  }

  @Test func `advice and pinning do not disturb`() throws {
    let pack = try Pack(path: Self.reference)
    for stage in Stage.allCases { try pack.adviseWillNeed(stage) }
    do throws(FileError) {
      try pack.pin(.core)
    } catch {
      // Where the process may lock less, it is told how much.
      guard case .cannotPin(_, 442_368, let limit) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(error.description.contains("\(limit) in all (RLIMIT_MEMLOCK)"))
    }
  }
}
