public import FileAccess
public import GGUF
import Kernels
public import Models
public import PackFormat
public import Quantization
public import Safetensors
import Tensors
public import Tokenization

/// Why an export stopped.
public enum ExportError: CancellableError, Equatable, Sendable, CustomStringConvertible {
  /// The system refused.
  case file(FileError)
  /// The source is not exported.
  case model(ModelError)
  /// A shard cannot be written.
  case shard(SafetensorsError)
  /// Values of a tensor cannot be stored.
  case values(tensor: String, EncodingError)
  /// A quantized export of what is no pack.
  case noCodes(scheme: String, convertTo: String)
  /// A tensor's encoding that the scheme cannot express.
  case encoding(tensor: String, Encoding, scheme: String, convertTo: String)
  /// Rows that blocks of 32 do not tile.
  case blocks(tensor: String, columns: Int)
  /// Values so large that the scale of their block has no binary16.
  case blockScale(tensor: String, largest: Float)
  /// A scale of a pack that is no number, so that its codes mean nothing.
  case scale(tensor: String, row: Int, group: Int, value: Float)
  /// A longer name than GGUF has, or another rule of GGUF.
  case gguf(GGUFError)
  /// The tokenizer cannot be read.
  case tokenizer(TokenizerError)
  /// The tokenizer has more tokens than the embedding has rows.
  case tokenizerSize(tokens: Int, rows: Int)
  /// The target lies in a pack.
  case pack(PackError)
  /// The caller asked to stop.
  case cancelled

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .model(let error): error.description
    case .shard(let error): error.description
    case .values(let tensor, let error): "tensor \(tensor.quoted): \(error)"
    case .noCodes(let scheme, _):
      "\(scheme) needs the codes of a quantized pack, but the source has none"
    case .scale(let tensor, let row, let group, let value):
      "tensor \(tensor.quoted): the scale of group \(group) in row \(row) is \(value), expected a "
        + "finite number; convert the checkpoint again"
    case .encoding(let tensor, let encoding, let scheme, _):
      "tensor \(tensor.quoted) is stored as \(encoding), which \(scheme) cannot represent"
    case .blocks(let tensor, let columns):
      "tensor \(tensor.quoted) has rows of \(columns) elements, expected a multiple of "
        + "\(BlockFormat.elementCount), the size of ggml's blocks"
    case .blockScale(let tensor, let largest):
      "tensor \(tensor.quoted) has values up to \(largest), too large for a binary16 scale"
    case .gguf(let error): error.description
    case .tokenizer(let error): "\(error); remove the file to export without a tokenizer"
    case .tokenizerSize(let tokens, let rows):
      "'tokenizer.json' has \(tokens) tokens, but the embedding has \(rows) rows: it belongs to "
        + "another model; remove the file to export without a tokenizer"
    case .pack(let error): error.description
    case .cancelled: "interrupted; nothing was left behind"
    }
  }

  /// The error that this one stands for.
  public var underlying: (any Error)? {
    switch self {
    case .file(let error): error
    case .model(let error): error
    case .shard(let error): error
    case .gguf(let error): error
    case .pack(let error): error
    case .cancelled: CancellationError()
    default: nil
    }
  }
}
