import FileAccess
import GGUF
import HuginnModel
import Models
import Tensors
import Tokenization

/// The metadata of a GGUF export: what it is, the sizes, and the tokenizer.
struct GGUFMetadata {
  private(set) var values: [(key: String, value: GGUFValue)] = []

  init(_ source: ExportSource, _ tensors: [ExportTensor]) throws(ExportError) {
    let types = tensors.filter { $0.shape.rank == 2 }.map(\.ggufType)
    values = [
      ("general.architecture", .string(HuginnConfig.ggufArchitecture)),
      ("general.type", .string("model")),
      ("general.alignment", .uint32(UInt32(GGUFHeader.defaultAlignment))),
      ("general.file_type", .uint32(Self.fileType(of: types))),
    ]
    if types.contains(where: { [.q8_0, .q4_0].contains($0) }) {
      values.append(("general.quantization_version", .uint32(2)))
    }
    if let codes = Self.origin(ofCodesIn: tensors) {
      values.append(("huginn.codes", .string(codes)))
    }
    values += source.config.ggufMetadata
    if let tokenizer = source.sidecars.first(where: { $0.name == "tokenizer.json" }) {
      try add(tokenizer, rows: source.config.paddedVocabularySize)
    }
  }

  /// Who chose the codes: a pack's rounding differs from that of ggml's quantizers.
  private static func origin(ofCodesIn tensors: [ExportTensor]) -> String? {
    var origins: Set<String> = []
    for tensor in tensors {
      switch tensor.content {
      case .regrouped: origins.insert("pack")
      case .blocks: origins.insert("ggml")
      default: break
      }
    }
    return origins.isEmpty ? nil : origins.sorted().joined(separator: ", ")
  }

  /// `llama_ftype` of the type that most matrices have.
  private static func fileType(of types: [GGUFTensorType]) -> UInt32 {
    let numbers: [(type: GGUFTensorType, number: UInt32)] = [
      (.f32, 0), (.f16, 1), (.q4_0, 2), (.q8_0, 7), (.bf16, 32),
    ]
    func count(_ type: GGUFTensorType) -> Int { types.count { $0 == type } }
    return numbers.max { count($0.type) < count($1.type) }?.number ?? 0
  }

  // MARK: - Tokenizer

  /// What `tokenizer.ggml.token_type` says of a token.
  private enum TokenType: Int32 {
    case normal = 1
    case control = 3
    case userDefined = 4
    case unused = 5
  }

  private mutating func add(_ sidecar: Sidecar, rows: Int) throws(ExportError) {
    let bytes = try ExportError.wrapping(
      sidecar.contents(limit: Tokenizer.byteLimit), as: ExportError.model)
    let tokenizer = try ExportError.wrapping(Tokenizer(parsing: bytes), as: ExportError.tokenizer)
    guard tokenizer.vocabularySize <= rows else {
      throw .tokenizerSize(tokens: tokenizer.vocabularySize, rows: rows)
    }
    let added = Dictionary(uniqueKeysWithValues: tokenizer.addedTokens.map { ($0.id, $0) })
    var tokens: [String] = []
    var types: [Int32] = []
    let written = tokenizer.writtenTokens
    // A token for each row: engines take their number for that of the logits.
    for id in 0..<rows {
      let text = id < written.count ? written[id] : nil
      tokens.append(text ?? "[PAD\(id)]")
      let type: TokenType =
        text == nil
        ? .unused : added[id].map { $0.isSpecial ? .control : .userDefined } ?? .normal
      types.append(type.rawValue)
    }
    values += [
      ("tokenizer.ggml.model", .string("gpt2")),
      ("tokenizer.ggml.pre", .string(HuginnConfig.ggufArchitecture)),
      ("tokenizer.ggml.tokens", .array(.strings(tokens))),
      ("tokenizer.ggml.token_type", .array(GGUFArray(types))),
      ("tokenizer.ggml.merges", .array(.strings(tokenizer.mergeRules.map { "\($0) \($1)" }))),
    ]
    for (key, name) in Self.roles {
      guard let id = tokenizer.specialTokens[name] else { continue }
      values.append(("tokenizer.ggml.\(key)_token_id", .uint32(UInt32(clamping: id))))
    }
    values += [
      ("tokenizer.ggml.add_bos_token", .boolean(!tokenizer.prefixTokens.isEmpty)),
      ("tokenizer.ggml.add_eos_token", .boolean(false)),
      ("tokenizer.huggingface.json", .string(String(decoding: bytes, as: UTF8.self))),
    ]
  }

  /// The release's names of the tokens that engines ask for.
  private static let roles = [
    ("bos", "<|begin_text|>"), ("eos", "<|end_text|>"), ("eot", "<|end_turn|>"),
    ("padding", "<|pad|>"),
  ]
}
