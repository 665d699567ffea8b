import Testing

@testable import Evaluation

struct AccuracyTests {
  @Test(
    arguments: [
      // scipy, binomtest(right, total).proportion_ci(method="wilson")
      (139, 200, 0.628_01, 0.754_64), (0, 10, 0, 0.277_54), (10, 10, 0.722_46, 1),
      (1, 1, 0.206_54, 1),
    ])
  func `the interval is Wilson's`(right: Int, total: Int, lower: Double, upper: Double) {
    let interval = Accuracy(right: right, total: total).interval
    #expect(abs(interval.lowerBound - lower) < 2e-4)
    #expect(abs(interval.upperBound - upper) < 2e-4)
  }

  @Test func `without questions, any accuracy is possible`() {
    #expect(Accuracy(right: 0, total: 0).interval == 0...1)
    #expect(Accuracy(right: 0, total: 0).share == 0)
  }
}
