public import Checkpoint
import FileAccess
import HuginnModel
public import Kernels
public import PackFormat
import Parallelism
import Quantization
public import Tensors

/// Named tensors whose values can be read, wherever they come from.
public struct TensorSource: Sendable {
  /// Fills a buffer with the elements of rows.
  typealias Read = (_ rows: Range<Int>, _ values: inout [Float]) throws(ConversionError) -> Void

  /// One tensor.
  public struct Tensor: Sendable {
    /// Its dimensions.
    public let shape: Shape
    /// Its dtype or encoding, as its source names it.
    public let type: String
    /// Makes a reader with buffers of its own; nil where values of this type are not read.
    let makeReader: (@Sendable () -> Read)?
    /// Where its bytes are as one run; nil where they are not.
    let bytes: (file: InputFile, range: Range<Int>)?

    /// Whether both are the same bytes, read in pieces.
    func hasSameBytes(as other: Tensor, _ monitor: Monitor) throws(ConversionError) -> Bool {
      guard let bytes, let others = other.bytes, bytes.range.count == others.range.count else {
        return false
      }
      do throws(FileError) {
        for start in stride(from: 0, to: bytes.range.count, by: Self.pieceByteCount) {
          if monitor.isCancelled { break }
          let count = min(Self.pieceByteCount, bytes.range.count - start)
          let piece = try bytes.file.read(at: bytes.range.lowerBound + start, count: count)
          let other = try others.file.read(at: others.range.lowerBound + start, count: count)
          guard piece == other else { return false }
          monitor.advance(by: 2 * count)
        }
      } catch {
        throw .file(error)
      }
      if monitor.isCancelled { throw .cancelled }
      return true
    }

    private static let pieceByteCount = 1 << 20
  }

  /// The tensors that are stored.
  public let stored: [String: Tensor]
  /// Names that stand for another tensor.
  public let aliases: [String: String]
  /// Names that follow from the config and need not be stored.
  public let derived: Set<String>

  /// The tensors of a model in files, as far as they could be found.
  public init(_ model: some StoredModel, kernels: KernelSet = .best) {
    stored = model.storedTensors.mapValues { tensor in
      let makeReader: @Sendable () -> Read = { Self.read(TensorReader(tensor, kernels: kernels)) }
      return Tensor(
        shape: tensor.shape, type: tensor.type,
        makeReader: tensor.valueDType == nil ? nil : makeReader,
        bytes: tensor.isPlain ? (tensor.file, tensor.byteRange) : nil)
    }
    (aliases, derived) = Self.implied(by: model.config)
  }

  /// The tensors of a pack, decoded.
  public init(_ pack: PackReader) {
    var stored: [String: Tensor] = [:]
    for layout in pack.manifest.layout.tensors {
      stored[layout.tensor.name] = Tensor(
        shape: layout.tensor.shape, type: layout.encoding.description,
        makeReader: { Self.read(pack.tensor(layout)) }, bytes: nil)
    }
    self.stored = stored
    (aliases, derived) = Self.implied(by: pack.manifest.config)
  }

  private static func read(_ reader: TensorReader) -> Read {
    var reader = reader
    return { rows, values throws(ConversionError) in
      do throws(CheckpointError) {
        try reader.read(rows, into: &values)
      } catch {
        throw ConversionError(error)
      }
    }
  }

  private static func read(_ reader: PackTensorReader) -> Read {
    var reader = reader
    return { rows, values throws(ConversionError) in
      do throws(FileError) {
        try reader.read(rows, into: &values)
      } catch {
        throw .file(error)
      }
    }
  }

  private static func implied(
    by config: HuginnConfig?
  ) -> (aliases: [String: String], derived: Set<String>) {
    let isTied = config?.tiesEmbeddings == true
    return (
      isTied ? [HuginnConfig.headName: HuginnConfig.embeddingName] : [:],
      [HuginnConfig.rotaryTableName]
    )
  }

  /// Fills a buffer with the elements of some rows of a tensor that is stored as values or codes.
  ///
  /// - Throws: ``ConversionError``.
  public func read(
    _ name: String, _ rows: Range<Int>, into values: inout [Float]
  ) throws(ConversionError) {
    guard let read = tensor(name)?.makeReader?() else {
      preconditionFailure("the layout has been checked: \(name) is there")
    }
    try read(rows, &values)
  }

  /// A tensor under its own name or its alias.
  func tensor(_ name: String) -> Tensor? {
    stored[name] ?? aliases[name].flatMap { stored[$0] }
  }
}
