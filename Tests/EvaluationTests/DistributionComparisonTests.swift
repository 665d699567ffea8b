import Testing

@testable import Evaluation

struct DistributionComparisonTests {
  @Test func placeholder() {}
}
