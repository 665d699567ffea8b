import Kernels
import Testing

struct LargestMagnitudeTests {
  @Test(arguments: edgeCounts)
  func `the largest magnitude is found at any count`(count: Int) {
    let values = anyFiniteValues(count, seed: 1)
    let expected = values.map(\.magnitude).max() ?? 0
    #expect(Scalar.largestMagnitude(values.span) == expected)
  }

  @Test(arguments: edgeCounts.filter { $0 > 0 })
  func `it is found at every index and of either sign`(count: Int) {
    for index in 0..<count {
      var values = [Float](repeating: 1, count: count)
      values[index] = index.isMultiple(of: 2) ? -2.5 : 2.5
      #expect(Scalar.largestMagnitude(values.span) == 2.5, "index \(index)")
    }
  }

  @Test(
    arguments: [
      ([-0.0], 0), ([0, -0x1p-149], 0x1p-149), ([0x1p-149, -0x1p-126], 0x1p-126),
      ([1, -.greatestFiniteMagnitude, 2], .greatestFiniteMagnitude),
    ] as [([Float], Float)])
  func `zeros have magnitude 0, and subnormals and the greatest value count`(
    values: [Float], expected: Float
  ) {
    let largest = Scalar.largestMagnitude(values.span)
    #expect(largest.bitPattern == expected.bitPattern)
  }

  @Test(arguments: edgeCounts.filter { $0 > 0 })
  func `a NaN or infinity at any index makes it one`(count: Int) {
    let intruders: [Float] = [.nan, -.nan, .signalingNaN, .infinity, -.infinity]
    for index in 0..<count {
      var values = anyFiniteValues(count, seed: 3)
      values[index] = intruders[index % intruders.count]
      #expect(!Scalar.largestMagnitude(values.span).isFinite)
    }
  }
}
