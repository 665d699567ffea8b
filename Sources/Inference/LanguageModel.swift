import FileAccess
public import HuginnModel
public import Kernels
public import Models
public import Parallelism
import Tokenization

/// A model ready to run, with what turns text into its tokens and says where a text ends.
public struct LanguageModel: Sendable {
  /// Where it lies.
  public let stored: StoredModel
  /// The model.
  public let model: Model
  /// How text becomes its tokens.
  public let vocabulary: Vocabulary
  /// The tokens that end a text: the release's, where the tokenizer has them, and those of
  /// `generation_config.json`, or else of `config.json`.
  public let stops: Set<Int>
  /// Files beside the weights that could not be read.
  public let warnings: [Diagnostic]

  /// A pack, or a checkpoint without errors, made ready to run.
  ///
  /// - Throws: ``InferenceError``.
  public init(
    _ stored: StoredModel, workers: Workers = Workers(), kernels: KernelSet = .best
  ) throws(InferenceError) {
    self.stored = stored
    model = try Model(stored, workers: workers, kernels: kernels)
    vocabulary = try Vocabulary(of: stored, rows: model.config.paddedVocabularySize)
    let found = try InferenceError.wrapping(StopTokens(of: stored), as: InferenceError.model)
    stops = found.ids.union(vocabulary.stops)
    warnings = found.warnings
  }

  /// Settings of the tokenizer's file that are not followed exactly, in sentences.
  public var notes: [String] {
    if case .tokenizer(let tokenizer) = vocabulary {
      tokenizer.notes.map(\.description)
    } else {
      []
    }
  }

  /// Checks that two models can be compared.
  ///
  /// - Throws: ``InferenceError/otherSizes(path:reference:)``.
  public func checkSizes(equal reference: LanguageModel) throws(InferenceError) {
    guard model.config != reference.model.config else { return }
    throw .otherSizes(path: stored.path, reference: reference.stored.path)
  }
}

extension Model {
  /// A pack, or a checkpoint without errors, mapped where it lies.
  ///
  /// - Throws: ``InferenceError/model(_:)`` if it is refused, ``InferenceError/noise(path:)``,
  ///   ``InferenceError/file(_:)``.
  public convenience init(
    _ stored: StoredModel, workers: Workers = Workers(), kernels: KernelSet = .best
  ) throws(InferenceError) {
    let config = try InferenceError.wrapping(stored.usableConfig(), as: InferenceError.model)
    try Self.checkNoise(stored)
    let weights = try InferenceError.wrapping(MappedWeights(stored))
    self.init(config, weights, workers, kernels)
  }

  /// What a manifest leaves out of a config and the forward pass would need.
  private static func checkNoise(_ stored: StoredModel) throws(InferenceError) {
    let bytes = try InferenceError.wrapping(stored.configBytes(), as: InferenceError.model)
    guard !bytes.isEmpty else { return }
    if HuginnConfig.parse(bytes).diagnostics.contains(where: { $0.code == .configNoise }) {
      throw .noise(path: Path.join(stored.directory, HuginnConfig.fileName))
    }
  }
}
