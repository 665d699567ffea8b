import FileAccess
import Kernels
import Safetensors
import TestSupport
import Tensors
import Testing

/// Blocks of Q8_0 against those of ggml's reference quantizer.
struct Q8_0Tests {
  private let values: [Float]
  private let blocks: [UInt8]

  init() throws {
    let file = try SafetensorsFile(path: Fixtures.path("vectors/q8_0.safetensors"))
    func bytes(_ name: String) throws -> [UInt8] {
      let entry = try #require(file.header.entries.first { $0.tensor.name == name })
      let start = file.dataOffset + entry.dataRange.lowerBound
      return try file.file.read(at: start, count: entry.dataRange.count)
    }
    let source = try bytes("values")
    values = stride(from: 0, to: source.count, by: 4).map { index in
      Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(source[index + $1]) << (8 * $1) })
    }
    blocks = try bytes("blocks")
  }

  @Test func `blocks are those of ggml's reference quantizer, bit for bit`() {
    var found = [UInt8](repeating: 99, count: blocks.count)
    var span = found.mutableSpan
    _ = Scalar.encodeQ8_0(values.span, into: &span)
    #expect(found == blocks)
  }

  @Test func `codes are rounded away from zero under the scale that was not rounded`() {
    // 127 makes the scale 1: halves are exact.
    let values =
      [127, 0.5, -0.5, 1.5, -1.5, 2.5, 126.5, 0.49999997] + [Float](repeating: 0, count: 24)
    var block = [UInt8](repeating: 99, count: 34)
    var span = block.mutableSpan
    #expect(Scalar.encodeQ8_0(values.span, into: &span) == 127)
    #expect(block.prefix(2) == [0x00, 0x3C])
    #expect(
      block.dropFirst(2).prefix(8).map { Int8(bitPattern: $0) } == [127, 1, -1, 2, -2, 3, 127, 0])
  }

  @Test func `where the scale has no reciprocal all codes are 0`() {
    let values = [Float](repeating: 0x1p-149, count: 32)
    var block = [UInt8](repeating: 99, count: 34)
    var span = block.mutableSpan
    #expect(Scalar.encodeQ8_0(values.span, into: &span) == 0x1p-149)
    #expect(block == [UInt8](repeating: 0, count: 34))
  }

  @Test func `a count that is not a multiple of 32 traps`() async {
    await #expect(processExitsWith: .failure) { _ = Q8_0.byteCount(ofElements: 33) }
  }
}
