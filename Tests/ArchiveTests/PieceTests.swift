import FileAccess
import HuginnModel
import PackFormat
import Quantization
import Tensors
import TestSupport
import Testing

@testable import Archive

struct PieceTests {
  private static let limit = 4 << 20

  private func check(_ pieces: [Piece], cover byteCount: Int) {
    var end = 0
    for piece in pieces {
      #expect(piece.range.lowerBound == end)
      #expect((1...Self.limit).contains(piece.range.count))
      end = piece.range.upperBound
    }
    #expect(end == byteCount)
  }

  @Test(arguments: [0, 1, 512, limit - 1, limit, limit + 1, 3 * limit, 3 * limit + 5])
  func `a file is cut at every 4 MiB`(byteCount: Int) {
    let pieces = Piece.pieces(ofFile: byteCount)
    check(pieces, cover: byteCount)
    #expect(pieces.count == Piece.count(ofFile: byteCount))
    #expect(pieces.dropLast().allSatisfy { $0.range.count == Self.limit && !$0.isSplit })
  }

  @Test(arguments: ["f16", "bf16", "int8", "int8:row", "f32"])
  func `a segment is cut at the ends of 16-bit planes too`(weights: String) throws {
    let recipe = Recipe(weights: try Encoding(weights))
    let config = try #require(HuginnConfig.parse(ConfigText.release.bytes).config)
    for segment in try PackLayout(config, recipe).segments {
      let pieces = Piece.pieces(ofSplit: segment)
      check(pieces, cover: segment.byteCount)
      let planes = segment.tensors.flatMap(\.planes)
      let words = planes.filter { $0.plane.dtype == .f16 || $0.plane.dtype == .bf16 }
      #expect(segment.hasWords == !words.isEmpty)
      for piece in pieces {
        let inside = words.contains { $0.byteRange.contains(piece.range) }
        let outside = words.allSatisfy { !$0.byteRange.overlaps(piece.range) }
        #expect(piece.isSplit ? inside : outside)
        #expect(!piece.isSplit || piece.range.count.isMultiple(of: 2))
      }
      let splitCount = pieces.filter(\.isSplit).reduce(0) { $0 + $1.range.count }
      #expect(splitCount == words.reduce(0) { $0 + $1.plane.byteCount })
    }
  }

  @Test(arguments: [0, 1, 2, 3, 7, 8, 9, 31, 32, 33, 1000])
  func `values are separated and joined`(count: Int) {
    var random = SeededGenerator(seed: 3)
    let values = (0..<count).map { _ in UInt16.random(in: .min ... .max, using: &random) }
    var planes = [UInt8](repeating: 0xAA, count: 2 * count)
    var output = planes.mutableSpan
    BytePlanes.separate(values.span.rawBytes, into: &output)
    #expect(Array(planes.prefix(count)) == values.map { UInt8($0 & 0xFF) })
    #expect(Array(planes.suffix(count)) == values.map { UInt8($0 >> 8) })
    var joined = [UInt16](repeating: 0, count: count)
    var back = joined.mutableSpan
    BytePlanes.join(planes.span.rawBytes, into: &back)
    #expect(joined == values)
  }

  @Test func `more frames than a seek table lists are refused before any is written`() throws {
    try FrameWriter.checkFrameCount(pieces: [FrameTable.frameLimit - 5, 1])
    let error = #expect(throws: ArchiveError.self) {
      try FrameWriter.checkFrameCount(pieces: [FrameTable.frameLimit - 4, 1])
    }
    #expect(error == .tooManyFrames(count: FrameTable.frameLimit + 1))
  }
}
