import Checkpoint
import FileAccess
import HuginnModel
import Inference
import Kernels
import PackFormat
import Parallelism
import StrictJSON
import Tensors
import Tokenization

/// A model with what turns text into its tokens.
struct LoadedModel {
  /// How text becomes tokens.
  enum Vocabulary {
    /// By the tokenizer beside the weights.
    case tokenizer(Tokenizer)
    /// Each byte is a token: a model of at most 256 without a tokenizer.
    case bytes
    /// Not at all: ids go in and come out.
    case none
  }

  let model: Model
  let vocabulary: Vocabulary
  /// The tokens that end a text: the release's, where the tokenizer has them, and those of
  /// `generation_config.json`.
  let stops: Set<Int>

  /// Opens a pack or a checkpoint.
  init(path: String, workers: Workers, kernels: KernelSet) throws(Failure) {
    let isPack = try failing { try PackFileNames.isPackDirectory(path) }
    let directory: String
    if isPack {
      model = try failing { Model(try Pack(path: path), workers: workers, kernels: kernels) }
      directory = path
    } else {
      let checkpoint = try failing { try Checkpoint(path: path) }
      model = try failing { try Model(checkpoint, workers: workers, kernels: kernels) }
      directory = checkpoint.location.directory
    }
    let file = Path.join(directory, "tokenizer.json")
    if try failing({ try FileStatus.ifPresent(ofLink: file) }) != nil {
      let tokenizer = try failing { try Tokenizer(path: file) }
      let rows = model.config.paddedVocabularySize
      guard tokenizer.vocabularySize <= rows else {
        throw Failure(
          .failure, code: "refused",
          message: "\(file.quoted) has \(tokenizer.vocabularySize) tokens, the model \(rows): they "
            + "are not of one release")
      }
      vocabulary = .tokenizer(tokenizer)
    } else {
      vocabulary = model.config.paddedVocabularySize <= 256 ? .bytes : .none
    }
    stops = try Self.configuredStops(directory).union(vocabulary.stops)
    if isPack { try Self.checkNoise(Path.join(directory, "config.json")) }
  }

  /// What the manifest leaves out of a config and the forward pass would need.
  private static func checkNoise(_ path: String) throws(Failure) {
    guard let bytes = try Self.bytes(path) else { return }
    if HuginnConfig.parse(bytes).diagnostics.contains(where: { $0.code == .configNoise }) {
      throw Failure(InferenceError.noise(path: path))
    }
  }

  /// `eos_token_id`, one or several, where the file has it.
  private static func configuredStops(_ directory: String) throws(Failure) -> Set<Int> {
    guard let bytes = try Self.bytes(Path.join(directory, "generation_config.json")),
      case .object(let members)? = try? JSONValue(parsing: bytes)
    else { return [] }
    switch members["eos_token_id"] {
    case .integer(let id)?: return [id]
    case .array(let ids)?:
      return Set(ids.compactMap { if case .integer(let id) = $0 { id } else { nil } })
    default: return []
    }
  }

  /// A small file, where it is there.
  private static func bytes(_ path: String) throws(Failure) -> [UInt8]? {
    try failing {
      try InputFile.contents(ifPresent: path, limit: HuginnModel.Limits.configByteCount)
    }
  }

  /// Refuses two models that cannot be compared.
  func checkSizes(equal other: LoadedModel, _ names: String) throws(Failure) {
    guard model.config != other.model.config else { return }
    throw Failure(
      .failure, code: "refused", message: "\(names) are of different models: their sizes differ")
  }

  /// The tokens of a prompt.
  func encode(_ text: String) throws(Failure) -> [Int] {
    switch vocabulary {
    case .tokenizer(let tokenizer): return tokenizer.encode(text)
    case .bytes: return text.utf8.map { Int($0) }
    case .none:
      throw Failure(
        .usage, code: "usage", message: "there is no tokenizer.json: give token ids with --tokens")
    }
  }

  /// The bytes that a token is written as.
  func bytes(of token: Int) -> [UInt8] {
    switch vocabulary {
    case .tokenizer(let tokenizer): tokenizer.bytes(of: token)
    case .bytes: [UInt8(truncatingIfNeeded: token)]
    case .none: Array("\(token) ".utf8)
    }
  }
}

extension LoadedModel.Vocabulary {
  /// The release's tokens that end a text.
  fileprivate var stops: Set<Int> {
    guard case .tokenizer(let tokenizer) = self else { return [] }
    return Set(
      ["<|begin_text|>", "<|end_text|>", "<|end_turn|>"].compactMap {
        tokenizer.specialTokens[$0]
      })
  }
}
