import Parallelism
import Testing

@testable import Evaluation

struct BatchesTests {
  private func ranges(
    _ lengths: [Int], from first: Int = 0, bytesPerToken: Int = 1, tokens: Int = 10,
    workers: Int = 1
  ) -> [Range<Int>] {
    Batches(
      lengths, from: first, bytesPerToken: bytesPerToken, tokens: tokens,
      on: Workers(count: workers)
    ).ranges
  }

  @Test func `a batch takes texts in order up to its tokens`() {
    #expect(ranges([4, 4, 4, 4]) == [0..<2])
    #expect(ranges([4, 4, 4, 4], from: 2) == [2..<4])
    #expect(ranges([5, 5, 1]) == [0..<2])
    #expect(ranges([4, 4], from: 2).isEmpty)
  }

  @Test func `a text longer than a batch goes alone`() {
    #expect(ranges([20, 1]) == [0..<1])
    #expect(ranges([1, 20, 1], from: 1) == [1..<2])
  }

  @Test func `threads share what is left evenly`() {
    #expect(ranges([4, 4, 4, 4], tokens: 100, workers: 2) == [0..<2, 2..<4])
    #expect(ranges([4, 4, 4, 4], tokens: 100, workers: 8) == [0..<1, 1..<2, 2..<3, 3..<4])
  }

  @Test func `batches at a time are as many as memory takes, and at least one`() {
    let gibibyte = 1 << 30
    #expect(ranges([4, 4, 4], bytesPerToken: gibibyte, workers: 2) == [0..<1])
    #expect(ranges([4, 4, 4], bytesPerToken: gibibyte / 8, workers: 2) == [0..<1, 1..<2])
    #expect(ranges([4, 4, 4], bytesPerToken: gibibyte / 7, workers: 2) == [0..<1])
  }

  @Test func `a model gets the threads that batches leave`() {
    func inner(_ lengths: [Int]) -> Int {
      Batches(lengths, from: 0, bytesPerToken: 1, tokens: 10, on: Workers(count: 4)).inner.count
    }
    #expect(inner([4]) == 4)
    #expect(inner([4, 4]) == 2)
    #expect(inner([4, 4, 4, 4]) == 1)
  }
}
