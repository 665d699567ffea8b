public import FileAccess
public import Tensors

/// Writes a GGUF file of version 3, the same bytes for the same content.
///
/// Values and tensors are written in the order in which they are given; each tensor begins at a
/// multiple of ``GGUFHeader/defaultAlignment`` and zeros pad it to the next. The file appears under
/// its name, complete, by ``publish()``, or not at all.
public struct GGUFWriter {
  /// A tensor to be written.
  public struct Tensor: Equatable, Sendable {
    /// Its name in the file, at most ``Limits/nameByteCount`` bytes.
    public let name: String
    /// How its elements are stored.
    public let type: GGUFTensorType
    /// Its dimensions, outermost first.
    public let shape: Shape

    /// A tensor.
    public init(name: String, type: GGUFTensorType, shape: Shape) {
      self.name = name
      self.type = type
      self.shape = shape
    }
  }

  private let partial: PartialFile
  /// Where the tensors' bytes go, from any thread.
  public let data: PlacedOutput

  /// Creates the file with its header; the data is written later.
  ///
  /// - Throws: ``GGUFError`` if the header breaks a rule of the format, or if the target is there
  ///   and not to be replaced.
  public init(
    target: String, metadata: [(key: String, value: GGUFValue)], tensors: [Tensor],
    replacing: Bool = false
  ) throws(GGUFError) {
    partial = try GGUFError.wrapping(
      PartialFile(target: target, replacing: replacing, kind: .gguf))
    let output = partial.output
    let unread = Self.header(metadata, tensors)
    try GGUFError.wrapping(output.write(unread.span.rawBytes, at: 0))
    // What is written must read back: the reader's rules are the writer's too.
    let header = try Self.readBack(output.path, target)
    let end = header.dataOffset + header.dataByteCount
    let padded = end.roundedUp(toMultipleOf: header.alignment) ?? end
    try GGUFError.wrapping(output.preallocate(byteCount: padded))
    data = PlacedOutput(
      partial.output,
      places: Dictionary(
        uniqueKeysWithValues: header.tensors.map { tensor in
          guard let byteCount = tensor.byteCount else {
            preconditionFailure("\(tensor.type) is written without knowing its size")
          }
          let start = header.dataOffset + tensor.byteOffset
          return (tensor.name, start..<start + byteCount)
        }))
  }

  /// Gives the file its final name.
  ///
  /// - Throws: `FileError`.
  public func publish() throws(FileError) {
    try partial.publish()
  }
}

extension OutputKind {
  /// What begins as GGUF does.
  static let gguf = OutputKind("a GGUF file", prefix: Array("GGUF".utf8))
}

extension GGUFWriter {
  private static func readBack(
    _ path: String, _ target: String
  ) throws(GGUFError) -> GGUFHeader {
    do throws(GGUFFault) {
      let file: InputFile
      do throws(FileError) { file = try InputFile(path: path) } catch {
        throw GGUFFault.file(error)
      }
      var cursor = GGUFCursor(file)
      return try GGUFHeader(&cursor)
    } catch {
      throw GGUFError(error, in: target)
    }
  }

  /// The header's bytes up to the first tensor's.
  static func header(
    _ metadata: [(key: String, value: GGUFValue)], _ tensors: [Tensor]
  ) -> [UInt8] {
    var bytes = HeaderBytes()
    bytes.append(Array("GGUF".utf8))
    bytes.append(UInt32(3))
    bytes.append(UInt64(tensors.count))
    bytes.append(UInt64(metadata.count))
    for (key, value) in metadata {
      bytes.append(key)
      bytes.append(value.kind.rawValue)
      bytes.append(value)
    }
    var end = 0
    for tensor in tensors {
      bytes.append(tensor.name)
      bytes.append(UInt32(tensor.shape.rank))
      for dimension in tensor.shape.dimensions.reversed() { bytes.append(dimension) }
      bytes.append(tensor.type.code)
      // What does not fit is refused when the header is read back.
      let start = end.roundedUp(toMultipleOf: GGUFHeader.defaultAlignment) ?? end
      bytes.append(UInt64(start))
      let byteCount = try? tensor.type.byteCount(ofElements: tensor.shape.elementCount)
      end = byteCount.flatMap(start.adding) ?? 0
    }
    while !bytes.bytes.count.isMultiple(of: GGUFHeader.defaultAlignment) { bytes.append(UInt8(0)) }
    return bytes.bytes
  }
}

/// The fields of a header, one after the other.
private struct HeaderBytes {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ more: [UInt8]) { bytes += more }

  mutating func append(_ integer: some FixedWidthInteger) { bytes += integer.littleEndianBytes }

  mutating func append(_ text: String) {
    append(UInt64(text.utf8.count))
    bytes += text.utf8
  }

  mutating func append(_ value: GGUFValue) {
    switch value {
    case .uint8(let value): append(value)
    case .int8(let value): append(value)
    case .uint16(let value): append(value)
    case .int16(let value): append(value)
    case .uint32(let value): append(value)
    case .int32(let value): append(value)
    case .uint64(let value): append(value)
    case .int64(let value): append(value)
    case .float32(let value): append(value.bitPattern)
    case .float64(let value): append(value.bitPattern)
    case .boolean(let value): append(UInt8(value ? 1 : 0))
    case .string(let value): append(value)
    case .array(let value): append(value)
    }
  }

  mutating func append(_ array: GGUFArray) {
    switch array {
    case .strings(let strings):
      append(GGUFValueKind.string.rawValue)
      append(UInt64(strings.count))
      for string in strings { append(string) }
    case .arrays(let arrays):
      append(GGUFValueKind.array.rawValue)
      append(UInt64(arrays.count))
      for array in arrays { append(array) }
    case .scalars(let kind, let elements):
      append(kind.rawValue)
      append(UInt64(array.count))
      append(elements)
    }
  }
}
