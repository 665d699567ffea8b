import HuginnModel
import Inference
import Parallelism

/// The next few texts of an evaluation: which go through a model together, and on which threads.
///
/// Texts that go together share the reading of the weights. Several batches run at a time where their
/// caches fit into a gibibyte: a small model is kept busy by texts, a large one by the rows of its
/// matrices.
struct Batches {
  /// Consecutive texts, batch by batch.
  let ranges: [Range<Int>]
  /// One for each batch.
  private let outer: Workers
  /// The threads of each batch's model.
  let inner: Workers

  /// The memory for the caches and logits of all batches.
  private static let byteLimit = 1 << 30

  /// - Parameters:
  ///   - lengths: the tokens of every text.
  ///   - first: the first text that has not been run.
  ///   - bytesPerToken: of caches and logits, in all models together.
  ///   - tokens: the tokens that a batch has at most, unless its first text has more.
  ///   - workers: the threads.
  init(
    _ lengths: [Int], from first: Int, bytesPerToken: Int, tokens: Int, on workers: Workers
  ) {
    let inMemory = max(1, Self.byteLimit / max(1, bytesPerToken))
    let left = lengths[first...].reduce(0, +)
    let share = min(tokens, inMemory / workers.count, (left + workers.count - 1) / workers.count)
    var (ranges, next, total): ([Range<Int>], Int, Int) = ([], first, 0)
    while next < lengths.count, ranges.count < workers.count {
      var (end, count) = (next + 1, lengths[next])
      while end < lengths.count, count + lengths[end] <= share {
        count += lengths[end]
        end += 1
      }
      guard ranges.isEmpty || total + count <= inMemory else { break }
      ranges.append(next..<end)
      (next, total) = (end, total + count)
    }
    self.ranges = ranges
    outer = Workers(count: max(1, ranges.count))
    inner = Workers(count: max(1, workers.count / max(1, ranges.count)))
  }

  /// What `body` gives for each batch, in order.
  ///
  /// - Throws: the error of the first batch that failed.
  func map<Value: Sendable>(
    _ body: @Sendable (_ texts: Range<Int>) throws(InferenceError) -> Value
  ) throws(InferenceError) -> [Value] {
    let ranges = ranges
    let results = outer.map(ranges.count) { index in
      Result { () throws(InferenceError) in try body(ranges[index]) }
    }
    var values: [Value] = []
    for result in results { values.append(try result.get()) }
    return values
  }
}
