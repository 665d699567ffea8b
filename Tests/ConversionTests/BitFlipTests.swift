import Models
import Conversion
import FileAccess
import HuginnModel
import PackFormat
import TestSupport
import Testing

/// A pack in which bytes are flipped one at a time, verified, and put back.
private final class FlippedPack {
  let path: String
  let manifest: Manifest
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    path = directory("pack")
    let checkpoint = try MicroCheckpoint.write(to: directory)
    let plan = try ConversionPlan(try StoredModel(path: checkpoint), Recipe())
    manifest = try Converter(plan).write(to: path, .test).manifest
  }

  /// The faults that verification finds with one byte changed.
  func faults(flipping name: String, at offset: Int, by mask: UInt8) throws -> [PackFault] {
    try Flip.faults(ofPack: path, flipping: name, at: offset, by: mask)
  }

  /// The fault that a flip in a segment must give: the tensor, the padding, or the header.
  func expects(_ faults: [PackFault], in segment: SegmentLayout, at offset: Int) {
    let owner = segment.tensors.first { tensor in
      tensor.planes.contains { $0.byteRange.contains(offset) }
    }
    switch faults.first {
    case .tensor(let name, let stage, let layer, _, _)?:
      #expect(name == owner?.tensor.name, "byte \(offset) of \(segment.fileName)")
      #expect(stage == segment.stage)
      #expect(layer == owner?.tensor.layer)
    case .padding(let stage, let found, _)?:
      #expect(owner == nil && stage == segment.stage && found == offset)
    case .header(let stage, _)?:
      #expect(offset < SegmentHeader.byteCount && stage == segment.stage)
    default:
      Issue.record("byte \(offset) of \(segment.fileName) is not found: \(faults)")
    }
    #expect(faults.count == 1)
  }
}

struct BitFlipTests {
  @Test func `a flip in any field of a header page is found`() throws {
    let pack = try FlippedPack()
    for segment in pack.manifest.layout.segments {
      for offset in 0..<76 {
        let faults = try pack.faults(flipping: segment.fileName, at: offset, by: 1)
        pack.expects(faults, in: segment, at: offset)
      }
    }
  }

  @Test func `a flip in the first and last byte of each plane and gap is found and named`() throws {
    let pack = try FlippedPack()
    for segment in pack.manifest.layout.segments {
      let ranges = segment.tensors.flatMap(\.planes).map(\.byteRange) + segment.gaps
      for range in ranges {
        for offset in Set([range.lowerBound, range.upperBound - 1]) {
          let faults = try pack.faults(flipping: segment.fileName, at: offset, by: 0x80)
          pack.expects(faults, in: segment, at: offset)
        }
      }
    }
  }

  @Test func `2000 seeded flips of the manifest are found`() throws {
    let pack = try FlippedPack()
    let count = pack.manifest.canonicalBytes.count
    var random = SeededGenerator(seed: 8)
    for _ in 0..<2000 {
      let offset = Int.random(in: 0..<count, using: &random)
      let mask = UInt8(1) << UInt8.random(in: 0..<8, using: &random)
      let faults = try pack.faults(flipping: "manifest.json", at: offset, by: mask)
      guard case .manifest(.manifest)? = faults.first else {
        Issue.record("bit \(mask) of manifest byte \(offset) is not found: \(faults)")
        continue
      }
    }
  }

  @Test func `2000 seeded flips elsewhere are found and named`() throws {
    let pack = try FlippedPack()
    let files =
      pack.manifest.layout.segments.map { ($0.fileName, $0.byteCount, Optional($0)) }
      + pack.manifest.sidecars.map { ($0.name, $0.byteCount, nil) }
    let total = files.reduce(0) { $0 + $1.1 }
    var random = SeededGenerator(seed: 9)
    for _ in 0..<2000 {
      var offset = Int.random(in: 0..<total, using: &random)
      let mask = UInt8(1) << UInt8.random(in: 0..<8, using: &random)
      for (name, byteCount, segment) in files {
        guard offset >= byteCount else {
          let faults = try pack.faults(flipping: name, at: offset, by: mask)
          if let segment {
            pack.expects(faults, in: segment, at: offset)
          } else if case .sidecar(name, _, _)? = faults.first {
            #expect(faults.count == 1)
          } else {
            Issue.record("byte \(offset) of \(name) is not found: \(faults)")
          }
          break
        }
        offset -= byteCount
      }
    }
  }
}
