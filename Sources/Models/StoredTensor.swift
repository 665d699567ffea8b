public import FileAccess
import HuginnModel
public import Kernels
public import PackFormat
import Quantization
public import Tensors

/// A tensor of the model as a file stores it, whatever the file's format.
public struct StoredTensor: Sendable {
  /// What its bytes are.
  enum Storage: Sendable {
    /// Values, row by row.
    case values(DType)
    /// Codes under scales, in another engine's form.
    case codes(CodeLayout)
    /// The planes of a pack.
    case planes(TensorLayout, PackReader)
    /// A type that is not read.
    case other
    /// A type that is not read, and whose size is unknown.
    case unknown
  }

  /// Its name in the reference's `state_dict`.
  public let name: String
  /// Its dimensions, outermost first.
  public let shape: Shape
  /// How it is stored, in the terms of its format: `BF16`, `Q8_0`, `w8a8`.
  public let type: String
  /// Where its values or codes are.
  public let file: InputFile
  /// Their bytes in the file; empty where it is not known how many they are.
  public let byteRange: Range<Int>
  let storage: Storage

  /// A tensor of values.
  init(_ tensor: TensorDescription, in file: InputFile, _ byteRange: Range<Int>) {
    self.init(
      name: tensor.name, shape: tensor.shape, type: tensor.dtype.rawValue, file: file,
      byteRange: byteRange, storage: .values(tensor.dtype))
  }

  /// A tensor of a pack.
  init(_ layout: TensorLayout, in pack: PackReader) {
    self.init(
      name: layout.tensor.name, shape: layout.tensor.shape, type: layout.encoding.description,
      file: pack.file(of: layout), byteRange: layout.planes[0].byteRange,
      storage: .planes(layout, pack))
  }

  init(
    name: String, shape: Shape, type: String, file: InputFile, byteRange: Range<Int>,
    storage: Storage
  ) {
    self.name = name
    self.shape = shape
    self.type = type
    self.file = file
    self.byteRange = byteRange
    self.storage = storage
  }

  /// The dtype that its elements are read as: their own, F32 of codes; nil if they are not read.
  public var valueDType: DType? {
    switch storage {
    case .values(let dtype): HuginnConfig.convertedDTypes.contains(dtype) ? dtype : nil
    case .codes, .planes: .f32
    case .other, .unknown: nil
    }
  }

  /// Whether its bytes are its values, so that the same bytes of one type are the same values.
  public var isPlain: Bool { if case .values = storage { true } else { false } }

  /// All bytes that it takes, scales included; nil if that is not known.
  public var byteCount: Int? {
    switch storage {
    case .unknown: return nil
    case .planes(let layout, _): return layout.byteCount
    case .codes(let layout):
      guard case .apart(let scales) = layout.scales else { return byteRange.count }
      return byteRange.count + scales.byteRange.count
    case .values, .other: return byteRange.count
    }
  }

  /// Its place in a pack; nil elsewhere.
  public var layout: TensorLayout? {
    if case .planes(let layout, _) = storage { layout } else { nil }
  }

  /// How kernels take it where it lies, with the bytes of its elements and of its scales, in
  /// ``file``; nil if it must be decoded first.
  public var matrix: (scheme: MatrixScheme, elements: Range<Int>, scales: Range<Int>)? {
    switch storage {
    case .values(.f32): (.f32, byteRange, 0..<0)
    case .values(.f16): (.f16, byteRange, 0..<0)
    case .values(.bf16): (.bf16, byteRange, 0..<0)
    case .planes(let layout, _):
      (
        layout.encoding.matrixScheme, byteRange,
        layout.planes.count > 1 ? layout.planes[1].byteRange : 0..<0
      )
    default: nil
    }
  }
}

/// How codes and their scales lie.
struct CodeLayout: Sendable {
  /// How the codes of a group are written.
  enum Form: Sendable {
    /// A signed byte each.
    case bytes
    /// A byte each, with 128 added.
    case offsetBytes
    /// Two neighbours in a byte, as in a pack (`Int4`).
    case neighbours
    /// Codes 16 apart in a byte, 32 of them in a block, as in ggml's Q4_0.
    case halves

    /// The bits of a code.
    var bitsPerCode: Int {
      switch self {
      case .bytes, .offsetBytes: 8
      case .neighbours, .halves: 4
      }
    }

    /// One code of a group.
    func code(at index: Int, of group: Span<UInt8>) -> Int8 {
      switch self {
      case .bytes: return Int8(bitPattern: group[index])
      case .offsetBytes: return Int8(bitPattern: group[index] ^ 0x80)
      case .neighbours: return Int4.code(at: index, in: group)
      case .halves:
        let (block, place) = index.quotientAndRemainder(dividingBy: 32)
        let byte = group[block * 16 + place % 16]
        return Int8(place < 16 ? byte & 15 : byte >> 4) - 8
      }
    }
  }

  /// Scales as a tensor of their own, `[rows, groups]`.
  struct Scales: Sendable {
    let file: InputFile
    let byteRange: Range<Int>
    let dtype: DType
  }

  enum Placement: Sendable {
    /// A binary16 scale before the codes of each group, as in ggml's blocks.
    case before
    case apart(Scales)
  }

  /// The columns that share a scale.
  let groupSize: Int
  let scales: Placement
  var form = Form.bytes
}
