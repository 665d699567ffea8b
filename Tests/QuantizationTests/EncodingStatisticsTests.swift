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
