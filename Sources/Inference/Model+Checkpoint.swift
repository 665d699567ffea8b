public import Checkpoint
public import FileAccess
import HuginnModel
public import Kernels
public import Parallelism

/// Why a model cannot be run.
public enum InferenceError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The system refused.
  case file(FileError)
  /// The checkpoint has errors, which are among its diagnostics.
  case refused(path: String)
  /// A config whose forward pass is not the one implemented: `test_time_noise`.
  case noise(path: String)
  /// Logits that are no numbers: a weight is damaged.
  case notFinite(position: Int)
  /// A token that the vocabulary does not have.
  case token(Int, vocabulary: Int)
  /// A prompt without a token.
  case emptyPrompt
  /// More tokens than the model has positions.
  case contextFull(limit: Int)

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .refused(let path): "\(path) is not run: 'muninn validate' explains each error"
    case .noise(let path):
      "\(path) asks for test_time_noise, which changes the forward pass and is not run; set it to 0"
    case .notFinite(let position):
      "the logits at position \(position) are not finite: a weight is damaged; verify the model"
    case .token(let token, let vocabulary):
      "token \(token) is outside the vocabulary of \(vocabulary)"
    case .emptyPrompt: "the prompt has no token; give at least one"
    case .contextFull(let limit): "the context is full: the model has \(limit) positions"
    }
  }
}

extension Model {
  /// A model straight from a checkpoint.
  ///
  /// - Throws: ``InferenceError/refused(path:)``, ``InferenceError/file(_:)``.
  public convenience init(
    _ checkpoint: Checkpoint, workers: Workers = Workers(), kernels: KernelSet = .best
  ) throws(InferenceError) {
    guard let config = checkpoint.config, !checkpoint.diagnostics.containErrors else {
      throw .refused(path: checkpoint.location.directory)
    }
    guard !checkpoint.diagnostics.contains(where: { $0.code == .configNoise }) else {
      throw .noise(path: checkpoint.location.path(of: "config.json"))
    }
    let weights: WeightSource
    do throws(FileError) { weights = try WeightSource(checkpoint) } catch { throw .file(error) }
    self.init(config, weights, workers, kernels)
  }
}
