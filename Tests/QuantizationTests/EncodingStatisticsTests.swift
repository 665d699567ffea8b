import Kernels
import Quantization
import Testing

struct EncodingStatisticsTests {
  @Test func `an encoding is exact while no difference was seen`() {
    var statistics = EncodingStatistics()
    #expect(statistics.isExact)
    statistics.error.sumSquaredSource = 5
    #expect(statistics.isExact)
    statistics.error.maxAbs = .leastNonzeroMagnitude
    #expect(!statistics.isExact)
  }

  @Test func `rows are added in order, and the largest value is named`() throws {
    var statistics = EncodingStatistics()
    var row = RowOutcome(largest: 3)
    row.error.sumSquaredError = 0x1p54
    (row.clamped, row.underflowed) = (2, 5)
    statistics.add(row)
    try statistics.checkOverflow(in: .f16)
    for _ in 0..<2 {
      row = RowOutcome(largest: 9)
      row.error.sumSquaredError = 1
      row.overflowed = 1
      statistics.add(row)
    }
    #expect(statistics.error.sumSquaredError == 0x1p54)
    #expect(statistics.clamped == 2)
    #expect(statistics.underflowed == 5)
    #expect(throws: EncodingError.overflow(encoding: .f16, count: 2, largest: 9)) {
      try statistics.checkOverflow(in: .f16)
    }
    #expect(throws: EncodingError.scaleOverflow(encoding: .int8, count: 2, largest: 9)) {
      try statistics.checkOverflow(in: .int8)
    }
  }

  @Test(
    arguments: [(0, 4, 0), (36, 4, 3), (2, 1, 1.4142135623730951), (0, 0, 0)]
      as [(Double, Int, Double)])
  func `the root mean square divides by the count, and of nothing is 0`(
    sum: Double, count: Int, expected: Double
  ) {
    var error = ErrorSums()
    error.sumSquaredError = sum
    #expect(error.rootMeanSquare(count: count) == expected)
  }
}
