public import Inference
public import Parallelism

/// A measurement that goes on in small pieces, so that the caller can show, save and stop.
public protocol EvaluationPart: Sendable {
  /// The number of things to measure: predictions, tokens or questions.
  var total: Int { get }
  /// The number of them measured so far.
  var completed: Int { get }

  /// Measures the next few.
  ///
  /// - Parameter workers: the threads; the result does not depend on them.
  /// - Throws: `InferenceError`.
  mutating func advance(on workers: Workers) throws(InferenceError)
}

extension EvaluationPart {
  /// Whether everything has been measured.
  public var isFinished: Bool { completed == total }
}
