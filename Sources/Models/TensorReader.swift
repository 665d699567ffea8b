public import FileAccess
public import Kernels
import Integrity
import PackFormat
public import Tensors

/// Reads one tensor in runs of whole rows: values as they lie in the file, codes decoded to binary32.
///
/// Buffers are kept and reused; no more than the run that is asked for is in memory.
public struct TensorReader: Sendable {
  /// Name, shape, and the dtype of ``bytes``: F32, F16 or BF16.
  public let tensor: TensorDescription
  private let stored: StoredTensor
  private let kernels: KernelSet
  private var planes: PackTensorReader?
  private var buffer = ByteBuffer()
  private var decoded: [Float] = []
  /// What hashes the planes of a pack's tensor; none if they are not held against anything.
  private var hashers: [SHA256Hasher] = []

  /// A reader for a tensor whose elements are read.
  ///
  /// - Parameters:
  ///   - stored: the tensor.
  ///   - isChecking: whether it will be read from its first row to its last, so that
  ///     ``checkDigest()`` can tell whether that was what its manifest says.
  ///   - kernels: what decodes.
  public init(
    _ stored: StoredTensor, isChecking: Bool = false, kernels: KernelSet = .best
  ) {
    guard let dtype = stored.valueDType else {
      preconditionFailure("elements of \(stored.type) are not read")
    }
    self.tensor = TensorDescription(name: stored.name, dtype: dtype, shape: stored.shape)
    self.stored = stored
    self.kernels = kernels
    if case .planes(let layout, let pack) = stored.storage {
      planes = pack.tensor(layout, kernels: kernels)
      if isChecking { hashers = layout.planes.map { _ in SHA256Hasher() } }
    }
  }

  /// The elements of the rows that were read last.
  public var bytes: RawSpan {
    @_lifetime(borrow self)
    get { buffer.bytes }
  }

  /// Reads rows; ``bytes`` has them.
  ///
  /// - Throws: `FileError` if the file cannot be read.
  public mutating func read(_ rows: Range<Int>) throws(FileError) {
    if stored.isPlain {
      try fill(stored.file, stored.byteRange, rows)
      return
    }
    var values: [Float] = []
    swap(&values, &decoded)
    try read(rows, into: &values)
    buffer.resize(to: 4 * values.count)
    var span = buffer.mutableSpan
    span.copy(values.span.rawBytes)
    swap(&values, &decoded)
  }

  /// Reads rows and widens their elements into `values`, which is resized.
  ///
  /// - Throws: `FileError` if the file cannot be read.
  public mutating func read(
    _ rows: Range<Int>, into values: inout [Float]
  ) throws(FileError) {
    if case .codes(let layout) = stored.storage {
      try decode(rows, layout, into: &values)
      return
    }
    if planes != nil {
      try planes?.read(rows, into: &values)
      for index in hashers.indices {
        if let plane = planes?.plane(index) { hashers[index].update(plane.bytes) }
      }
      return
    }
    try read(rows)
    values.resize(to: rows.count * tensor.shape.columns)
    var span = values.mutableSpan
    kernels.widen(buffer.bytes, of: tensor.dtype, into: &span)
  }

  /// The stored bytes of the rows of one plane that were read last, of a pack's tensor.
  public func plane(_ index: Int) -> ByteBuffer? { planes?.plane(index) }

  /// Checks that what was read, all rows in order, is what the manifest of a pack says.
  ///
  /// - Throws: ``ModelError``; never for a tensor outside a pack.
  public func checkDigest() throws(ModelError) {
    guard !hashers.isEmpty, case .planes(let layout, let pack) = stored.storage else { return }
    let fault = try ModelError.wrapping(pack.fault(of: layout, hashers))
    if let fault { throw .pack(.faulty(path: pack.directory.path, fault)) }
  }

  /// Fills the buffer with the bytes of some rows of a run that has as many for each.
  private mutating func fill(
    _ file: InputFile, _ byteRange: Range<Int>, _ rows: Range<Int>
  ) throws(FileError) {
    let row = byteRange.count / max(1, tensor.shape.rows)
    buffer.resize(to: rows.count * row)
    var span = buffer.mutableSpan
    try file.read(at: byteRange.lowerBound + rows.lowerBound * row, into: &span)
  }

  // MARK: - Codes

  private mutating func decode(
    _ rows: Range<Int>, _ layout: CodeLayout, into values: inout [Float]
  ) throws(FileError) {
    let groups = rows.count * (tensor.shape.columns / layout.groupSize)
    var scales: [Float] = []
    if case .apart(let place) = layout.scales {
      try fill(place.file, place.byteRange, rows)
      scales = [Float](repeating: 0, count: groups)
      var span = scales.mutableSpan
      kernels.widen(buffer.bytes, of: place.dtype, into: &span)
    }
    try fill(stored.file, stored.byteRange, rows)
    values.resize(to: rows.count * tensor.shape.columns)
    guard groups > 0 else { return }
    // The bytes from one row's codes to the next one's, scales or padding included.
    let codeRow = buffer.count / rows.count
    let groupBytes = layout.groupSize * layout.form.bitsPerCode / 8
    let rowGroups = groups / rows.count
    var codes = [Int8](repeating: 0, count: layout.groupSize)
    var output = values.mutableSpan
    let bytes = buffer.span
    for group in 0..<groups {
      let (row, column) = group.quotientAndRemainder(dividingBy: rowGroups)
      let scale: Float
      let start: Int
      switch layout.scales {
      case .before:
        start = row * codeRow + column * (groupBytes + 2) + 2
        scale = Float(f16Bits: UInt16(bytes[start - 2]) | UInt16(bytes[start - 1]) << 8)
      case .apart:
        start = row * codeRow + column * groupBytes
        scale = scales[group]
      }
      let coded = bytes.extracting(start..<start + groupBytes)
      for index in codes.indices { codes[index] = layout.form.code(at: index, of: coded) }
      var part = output.part(group * layout.groupSize..<(group + 1) * layout.groupSize)
      kernels.decodeInt8(codes.span, scale: scale, into: &part)
    }
  }
}
