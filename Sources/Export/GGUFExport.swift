import FileAccess
import GGUF
import HuginnModel
public import Kernels
public import Models
import PackFormat
public import Parallelism
public import Quantization
import Tensors

/// Writes a model as one GGUF file, tokenizer included.
///
/// Tensors are in the order of the forward pass, so that the core is one run. A tied head is left
/// out, and so is the rotary table, which follows from the metadata. `formats/gguf.md` has the
/// names.
public struct GGUFExport: Sendable {
  /// How matrices are stored; vectors are always F32.
  public enum Matrices: Equatable, Sendable {
    /// As the source stores them, bit for bit: a pack's groups of codes as Q8_0 or Q4_0, values in
    /// their dtype.
    case stored
    /// Decoded, and rounded to F32, F16 or BF16.
    case values(Encoding)
    /// In blocks: a pack's groups of codes as they are stored, values as ggml quantizes them.
    case blocks(BlockFormat)
  }

  private let source: ExportSource
  private let tensors: [ExportTensor]
  private let metadata: [(key: String, value: GGUFValue)]

  /// Plans an export.
  ///
  /// - Throws: ``ExportError`` if the model is refused, a tensor cannot be stored that way, or the
  ///   tokenizer not read.
  public init(_ model: StoredModel, matrices: Matrices = .stored) throws(ExportError) {
    let source = try ExportSource(model)
    self.source = source
    let config = source.config
    tensors = try config.tensors.map { tensor throws(ExportError) in
      ExportTensor(
        name: config.ggufName(of: tensor), shape: tensor.shape,
        content: try Self.content(of: tensor, in: source, matrices))
    }
    metadata = try GGUFMetadata(source, tensors).values
  }

  /// The bytes of all tensors.
  public var byteCount: Int { tensors.reduce(0) { $0 + $1.byteCount } }
  /// The number of tensors.
  public var tensorCount: Int { tensors.count }

  private static func content(
    of tensor: ModelTensor, in source: ExportSource, _ matrices: Matrices
  ) throws(ExportError) -> ExportTensor.Content {
    guard tensor.kind == .matrix else { return .values(of: tensor.name, as: .f32) }
    let encoding = source.encoding(of: tensor.name)
    if case .values(let encoding) = matrices { return .values(of: tensor.name, as: encoding) }
    if encoding == .int8Row {
      throw .encoding(
        tensor: tensor.name, .int8Row, scheme: GGUFTensorType.q8_0.description,
        convertTo: Encoding.int8.description)
    }
    if let bits = encoding?.bitsPerCode, let layout = source.layout(of: tensor.name) {
      return .regrouped(layout, as: bits == 4 ? .q4_0 : .q8_0)
    }
    if case .stored = matrices, let encoding { return .values(of: tensor.name, as: encoding) }
    guard tensor.shape.columns.isMultiple(of: BlockFormat.elementCount) else {
      throw .blocks(tensor: tensor.name, columns: tensor.shape.columns)
    }
    return .blocks(of: tensor.name, as: matrices == .blocks(.q4_0) ? .q4_0 : .q8_0)
  }

  /// Writes the file `target`; it appears complete, or not at all.
  ///
  /// - Parameters:
  ///   - target: the file.
  ///   - replacing: whether a file that is there is replaced.
  ///   - workers: the threads to use.
  ///   - kernels: what decodes and encodes.
  ///   - monitor: receives the number of bytes written.
  /// - Throws: ``ExportError``.
  public func write(
    to target: String, replacing: Bool, workers: Workers = Workers(), kernels: KernelSet = .best,
    monitor: Monitor = .none
  ) throws(ExportError) {
    try checkNotOverInput(source.model, target)
    try checkNotInsidePack(target)
    try source.checkStoredCopies(workers, kernels, monitor)
    let described = tensors.map {
      GGUFWriter.Tensor(name: $0.name, type: $0.ggufType, shape: $0.shape)
    }
    let writer = try ExportError.wrapping(
      GGUFWriter(target: target, metadata: metadata, tensors: described, replacing: replacing),
      as: ExportError.gguf)
    var digests = SourceDigests(of: source.model)
    try TensorExport(tensors, into: writer.data, of: source, kernels, monitor)
      .write(hashing: &digests, on: workers)
    try digests.check()
    try ExportError.wrapping { () throws(FileError) in
      try source.model.checkUnchanged()
      try writer.publish()
    }
  }
}

extension ExportTensor {
  /// How GGUF names its type.
  var ggufType: GGUFTensorType {
    switch dtype {
    case .f16: .f16
    case .bf16: .bf16
    case nil: blockFormat == .q4_0 ? .q4_0 : .q8_0
    default: .f32
    }
  }
}
