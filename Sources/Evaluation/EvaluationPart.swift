public import Inference
public import Parallelism

/// A measurement that goes on in small pieces, so that the caller can show, save and stop.
public protocol EvaluationPart: Sendable {
  /// What is to be measured: predictions, tokens or questions.
  var total: Int { get }
  /// How many of them have been.
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
