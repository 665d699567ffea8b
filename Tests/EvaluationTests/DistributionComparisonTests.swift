import Foundation
import TestSupport
import Testing

@testable import Evaluation

struct DistributionComparisonTests {
  private func compare(_ p: [Double], _ q: [Double], next: Int = 0) -> DistributionComparison {
    let (a, b) = (p.map { Float(log($0)) }, q.map { Float(log($0)) })
    return DistributionComparison(a.span, b.span, next: next)
  }

  @Test func `the divergence of two coins is the textbook's`() {
    let comparison = compare([0.5, 0.5], [0.9, 0.1], next: 1)
    let expected = 0.5 * log(0.5 / 0.9) + 0.5 * log(0.5 / 0.1)
    #expect(abs(comparison.divergence - expected) < 1e-7)
    #expect(abs(comparison.referenceNLL - log(2)) < 1e-7)
    #expect(abs(comparison.candidateNLL - log(10)) < 1e-6)
    #expect(abs(compare([0.9, 0.1], [0.5, 0.5]).divergence - expected) > 0.1)
  }

  @Test func `equal distributions have no divergence, whatever is added to their logits`() {
    let a: [Float] = [1, -2, 30, 4, 4]
    let b = a.map { $0 + 10_000 }
    let comparison = DistributionComparison(a.span, b.span, next: 3)
    #expect(comparison.divergence >= 0)
    #expect(comparison.divergence < 1e-3)
    #expect(comparison.agreesOnTop)
    #expect(comparison.topFiveShare == 1)
    #expect(DistributionComparison(a.span, a.span, next: 3).divergence == 0)
  }

  @Test func `logits far apart overflow nothing`() {
    let (a, b): ([Float], [Float]) = ([3e38, -3e38], [-3e38, 3e38])
    let comparison = DistributionComparison(a.span, b.span, next: 0)
    #expect(comparison.divergence > 1e38)
    #expect(comparison.divergence.isFinite)
    #expect(comparison.referenceNLL == 0)
    #expect(!comparison.agreesOnTop)
  }

  @Test func `the five largest are in order, the first of equals before`() {
    let values: [Float] = [1, 5, 5, 0, 7, -1, 5, 2, 5]
    #expect(DistributionComparison.topFive(values.span) == [4, 1, 2, 6, 8])
    let few: [Float] = [1, 2]
    #expect(DistributionComparison.topFive(few.span) == [1, 0])
  }

  @Test func `the share of the top five counts a set`() {
    let a: [Float] = [9, 8, 7, 6, 5, 0, 0, 0, 0]
    let b: [Float] = [5, 6, 7, 0, 0, 9, 8, 0, 0]
    let comparison = DistributionComparison(a.span, b.span, next: 0)
    #expect(comparison.topFiveShare == 3.0 / 5)
    #expect(!comparison.agreesOnTop)
  }
}

struct LargestValuesTests {
  @Test(arguments: [1, 2, 3, 10, 99, 100, 101, 102, 777, 65_280])
  func `the percentile from the largest is that of all values`(count: Int) {
    var generator = SeededGenerator(seed: UInt64(count))
    let values = (0..<count).map { _ in Double.random(in: 0...1, using: &generator) }
    var largest = LargestValues(total: count)
    for start in stride(from: 0, to: count, by: 255) {
      largest.add(Array(values[start..<min(start + 255, count)]))
    }
    let sorted = values.sorted()
    let rank = 0.99 * Double(count - 1)
    let (low, high) = (sorted[Int(rank)], sorted[min(count - 1, Int(rank) + 1)])
    #expect(largest.percentile99 == low + (rank - rank.rounded(.down)) * (high - low))
    #expect(largest.maximum == sorted[count - 1])
    #expect(largest.values.count <= count / 100 + 2)
  }

  @Test func `the percentile is numpy's`() {
    // numpy 2.4: np.percentile(np.arange(10.) ** 2, 99) and of np.arange(250.) ** 0.5
    var squares = LargestValues(total: 10)
    squares.add((0..<10).map { Double($0 * $0) })
    #expect(abs(squares.percentile99 - 79.47) < 1e-12)
    var roots = LargestValues(total: 250)
    roots.add((0..<250).map { Double($0).squareRoot() })
    #expect(abs(roots.percentile99 - 15.700_628_858_471_353) < 1e-12)
  }

  @Test func `without predictions, everything is zero`() {
    #expect(LargestValues(total: 0).percentile99 == 0)
    #expect(LargestValues(total: 0).maximum == 0)
  }
}
