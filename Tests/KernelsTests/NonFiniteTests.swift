import Kernels
import Testing

struct NonFiniteTests {
  @Test(arguments: edgeCounts)
  func `finite values have no such index at any count`(count: Int) {
    #expect(firstNonFinite(anyFiniteValues(count, seed: 2).span) == nil)
    let greatest = [Float](repeating: -.greatestFiniteMagnitude, count: count)
    #expect(firstNonFinite(greatest.span) == nil)
  }

  @Test(arguments: edgeCounts.filter { $0 > 0 })
  func `a NaN or infinity is found at every index`(count: Int) {
    let intruders: [Float] = [.nan, -.nan, .signalingNaN, .infinity, -.infinity]
    for index in 0..<count {
      var values = anyFiniteValues(count, seed: 3)
      values[index] = intruders[index % intruders.count]
      #expect(firstNonFinite(values.span) == index)
    }
  }

  @Test func `the first of several is named, whichever is larger`() {
    let values: [Float] = [0, 1, -.infinity, .nan, .infinity]
    #expect(firstNonFinite(values.span) == 2)
    #expect(firstNonFinite(values.span.extracting(3...)) == 0)
  }
}
