import StrictJSON
public import Tensors

/// The header of a safetensors file: its tensors, in data order, and its metadata.
///
/// A value that exists keeps every rule of the format: names are unique, sizes follow from dtype
/// and shape, and the tensors tile the data without hole or overlap.
public struct SafetensorsHeader: Equatable, Sendable {
  /// One tensor and the bytes of the data section that it owns.
  public struct Entry: Equatable, Sendable {
    /// Name, dtype and shape.
    public let tensor: TensorDescription
    /// Relative to the end of the header.
    public let dataRange: Range<Int>
  }

  /// The tensors, by offset.
  public let entries: [Entry]
  /// The strings under `__metadata__`.
  public let metadata: [String: String]

  /// The bytes of the data section.
  public var dataByteCount: Int { entries.last?.dataRange.upperBound ?? 0 }

  /// Parses the header's JSON.
  ///
  /// - Throws: ``HeaderFault``, for the first rule that is broken.
  public init(parsing bytes: [UInt8]) throws(HeaderFault) {
    guard bytes.first == UInt8(ascii: "{") else { throw .noObject(found: bytes.first) }
    var reader = JSONReader(bytes)
    var entries: [Entry] = []
    var metadata: [String: String] = [:]
    try HeaderFault.reading(reader.beginObject())
    while let name = try HeaderFault.reading(reader.nextKey()) {
      if name == "__metadata__" {
        metadata = try Self.readMetadata(&reader)
      } else {
        entries.append(try Self.readEntry(named: name, &reader))
      }
    }
    try HeaderFault.reading(reader.finish())
    entries.sort {
      ($0.dataRange.lowerBound, $0.dataRange.upperBound)
        < ($1.dataRange.lowerBound, $1.dataRange.upperBound)
    }
    try Self.checkTiling(entries)
    self.entries = entries
    self.metadata = metadata
  }

  private static func readMetadata(
    _ reader: inout JSONReader
  ) throws(HeaderFault) -> [String: String] {
    do throws(JSONError) {
      var metadata: [String: String] = [:]
      // What mlx writes where it is given none.
      if try reader.peekKind() == .null {
        try reader.readNull()
        return metadata
      }
      try reader.beginObject()
      while let key = try reader.nextKey() { metadata[key] = try reader.readString() }
      return metadata
    } catch {
      throw .metadata(reason: error)
    }
  }

  /// The members of an entry, as the file writes them.
  private struct Fields {
    var dtype: String?
    var shape: [UInt64]?
    var offsets: [UInt64]?

    init(_ reader: inout JSONReader) throws(JSONError) {
      try reader.beginObject()
      while let key = try reader.nextKey() {
        switch key {
        case "dtype": dtype = try reader.readString()
        case "shape": shape = try Self.readIntegers(&reader)
        case "data_offsets": offsets = try Self.readIntegers(&reader)
        default: throw .unknownKey(path: "", key: key)
        }
      }
    }

    private static func readIntegers(_ reader: inout JSONReader) throws(JSONError) -> [UInt64] {
      var integers: [UInt64] = []
      try reader.beginArray()
      while try reader.nextElement() { integers.append(try reader.readUnsignedInteger()) }
      return integers
    }
  }

  private static func readEntry(
    named name: String, _ reader: inout JSONReader
  ) throws(HeaderFault) -> Entry {
    let fields: Fields
    do throws(JSONError) {
      fields = try Fields(&reader)
    } catch {
      throw .entry(tensor: name, reason: error)
    }
    guard let dtypeName = fields.dtype else { throw missing("dtype", in: name) }
    guard let dimensions = fields.shape else { throw missing("shape", in: name) }
    guard let offsets = fields.offsets else { throw missing("data_offsets", in: name) }
    guard let dtype = DType(rawValue: dtypeName) else {
      throw .unknownDType(tensor: name, found: dtypeName)
    }
    guard offsets.count == 2 else { throw .offsetCount(tensor: name) }
    guard offsets[0] <= offsets[1] else {
      throw .reversedOffsets(tensor: name, begin: offsets[0], end: offsets[1])
    }
    guard let end = Int(exactly: offsets[1]), end <= SafetensorsLimits.dataByteCount else {
      throw .offsetTooLarge(tensor: name, end: offsets[1])
    }
    let begin = Int(offsets[0])
    let shape: Shape
    let expected: Int
    do throws(SizeError) {
      shape = try Shape(dimensions)
      expected = try dtype.byteCount(of: shape.elementCount)
    } catch {
      throw .size(tensor: name, shape: dimensions, dtype: dtype, reason: error)
    }
    guard expected == end - begin else {
      throw .byteCount(
        tensor: name, shape: shape, dtype: dtype, expected: expected, found: end - begin)
    }
    return Entry(
      tensor: TensorDescription(name: name, dtype: dtype, shape: shape), dataRange: begin..<end)
  }

  private static func missing(_ key: String, in name: String) -> HeaderFault {
    .entry(tensor: name, reason: .missingKey(path: "", key: key))
  }

  private static func checkTiling(_ entries: [Entry]) throws(HeaderFault) {
    var end = 0
    for entry in entries {
      let begin = entry.dataRange.lowerBound
      if begin > end { throw .hole(tensor: entry.tensor.name, expected: end, found: begin) }
      if begin < end { throw .overlap(tensor: entry.tensor.name, expected: end, found: begin) }
      end = entry.dataRange.upperBound
    }
  }
}
