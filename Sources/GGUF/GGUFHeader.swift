public import Tensors

/// The header of a GGUF file: its metadata and its tensors, both in the order of the file.
///
/// A value that exists keeps every rule of the format: keys and names are unique, rows are whole
/// blocks, and each tensor begins at the next multiple of the alignment after the one before it. What
/// follows a tensor whose size is not known begins at some multiple that is not before it.
public struct GGUFHeader: Sendable {
  /// One tensor and its bytes.
  public struct Tensor: Equatable, Sendable {
    /// Its name in the file.
    public let name: String
    /// How its elements are stored.
    public let type: GGUFTensorType
    /// Its dimensions, outermost first; the file has them innermost first.
    public let shape: Shape
    /// Its first byte, relative to ``GGUFHeader/dataOffset``.
    public let byteOffset: Int
    /// Its bytes; nil if that is not known of its type.
    public let byteCount: Int?
  }

  /// The key of the alignment.
  public static let alignmentKey = "general.alignment"
  /// The alignment where none is given.
  public static let defaultAlignment = 32

  /// The version, 2 or 3, which differ in nothing that is read here.
  public let version: UInt32
  /// The values by key.
  public let metadata: [String: GGUFValue]
  /// The keys, as the file orders them.
  public let keys: [String]
  /// The tensors, as the file orders them.
  public let tensors: [Tensor]
  /// What tensors are aligned to.
  public let alignment: Int
  /// Where the data section begins in the file.
  public let dataOffset: Int

  /// The bytes of the data section up to the end of its last tensor, or to its beginning where its
  /// size is not known.
  public var dataByteCount: Int {
    tensors.last.map { $0.byteOffset + ($0.byteCount ?? 0) } ?? 0
  }

  init(_ cursor: inout GGUFCursor) throws(GGUFFault) {
    version = try Self.readVersion(&cursor)
    let tensorCount: UInt64 = try cursor.integer()
    let valueCount: UInt64 = try cursor.integer()
    // The shortest entries: an empty key would have 13 bytes, a nameless tensor 24.
    try cursor.checkRoom(for: tensorCount, stride: 24)
    try cursor.checkRoom(for: valueCount, stride: 13)
    (keys, metadata) = try Self.readMetadata(&cursor, count: valueCount)
    alignment = try Self.alignment(of: metadata)
    tensors = try Self.readTensors(&cursor, count: tensorCount, alignment: alignment)
    guard let start = cursor.offset.roundedUp(toMultipleOf: alignment) else {
      throw .alignment(found: metadata[Self.alignmentKey] ?? .uint32(0))
    }
    dataOffset = start
  }

  private static func readVersion(_ cursor: inout GGUFCursor) throws(GGUFFault) -> UInt32 {
    // What is too short for the magic number has another, or none.
    guard cursor.byteCount >= 4, try cursor.integer() == UInt32(0x4655_4747) else { throw .magic }
    let version: UInt32 = try cursor.integer()
    guard version == 2 || version == 3 else {
      throw [2, 3].contains(version.byteSwapped) ? .bigEndian : .version(version)
    }
    return version
  }

  // MARK: - Metadata

  private static func readMetadata(
    _ cursor: inout GGUFCursor, count: UInt64
  ) throws(GGUFFault) -> ([String], [String: GGUFValue]) {
    var keys: [String] = []
    var values: [String: GGUFValue] = [:]
    for _ in 0..<count {
      let start = cursor.offset
      let length: UInt64 = try cursor.integer()
      guard (1...UInt64(GGUFLimits.keyByteCount)).contains(length) else {
        throw .key(byteOffset: start, byteCount: length)
      }
      let key = try cursor.string(byteCount: length)
      guard key.utf8.allSatisfy({ $0 < 0x80 }) else {
        throw .key(byteOffset: start, byteCount: length)
      }
      let value = try readValue(&cursor, kind: try readKind(&cursor, key), key)
      guard values.updateValue(value, forKey: key) == nil else { throw .duplicateKey(key) }
      keys.append(key)
    }
    return (keys, values)
  }

  private static func readKind(
    _ cursor: inout GGUFCursor, _ key: String
  ) throws(GGUFFault) -> GGUFValueKind {
    let code: UInt32 = try cursor.integer()
    guard let kind = GGUFValueKind(rawValue: code) else { throw .valueKind(key: key, code: code) }
    return kind
  }

  private static func readValue(
    _ cursor: inout GGUFCursor, kind: GGUFValueKind, _ key: String
  ) throws(GGUFFault) -> GGUFValue {
    switch kind {
    case .uint8: .uint8(try cursor.integer())
    case .int8: .int8(try cursor.integer())
    case .uint16: .uint16(try cursor.integer())
    case .int16: .int16(try cursor.integer())
    case .uint32: .uint32(try cursor.integer())
    case .int32: .int32(try cursor.integer())
    case .uint64: .uint64(try cursor.integer())
    case .int64: .int64(try cursor.integer())
    case .float32: .float32(Float(bitPattern: try cursor.integer()))
    case .float64: .float64(Double(bitPattern: try cursor.integer()))
    case .boolean: .boolean(try boolean(try cursor.integer(), key))
    case .string: .string(try readString(&cursor))
    case .array: .array(try readArray(&cursor, key, depth: 1))
    }
  }

  private static func boolean(_ byte: UInt8, _ key: String) throws(GGUFFault) -> Bool {
    guard byte <= 1 else { throw .boolean(key: key, found: byte) }
    return byte == 1
  }

  private static func readString(_ cursor: inout GGUFCursor) throws(GGUFFault) -> String {
    try cursor.string(byteCount: try cursor.integer())
  }

  private static func readArray(
    _ cursor: inout GGUFCursor, _ key: String, depth: Int
  ) throws(GGUFFault) -> GGUFArray {
    guard depth <= GGUFLimits.nesting else { throw .nesting(key: key) }
    let kind = try readKind(&cursor, key)
    let count: UInt64 = try cursor.integer()
    switch kind {
    case .string:
      // The shortest is its length alone.
      try cursor.checkRoom(for: count, stride: 8)
      var strings: [String] = []
      for _ in 0..<count { strings.append(try readString(&cursor)) }
      return .strings(strings)
    case .array:
      try cursor.checkRoom(for: count, stride: 12)
      var arrays: [GGUFArray] = []
      for _ in 0..<count { arrays.append(try readArray(&cursor, key, depth: depth + 1)) }
      return .arrays(arrays)
    default:
      let bytes = try cursor.bytes(count: count, stride: kind.byteCount ?? 1)
      if kind == .boolean, let found = bytes.first(where: { $0 > 1 }) {
        throw .boolean(key: key, found: found)
      }
      return .scalars(kind, bytes: bytes)
    }
  }

  private static func alignment(of metadata: [String: GGUFValue]) throws(GGUFFault) -> Int {
    guard let value = metadata[alignmentKey] else { return defaultAlignment }
    guard case .uint32(let alignment) = value, alignment >= 8, alignment.nonzeroBitCount == 1
    else { throw .alignment(found: value) }
    return Int(alignment)
  }

  // MARK: - Tensors

  private static func readTensors(
    _ cursor: inout GGUFCursor, count: UInt64, alignment: Int
  ) throws(GGUFFault) -> [Tensor] {
    var tensors: [Tensor] = []
    var names: Set<String> = []
    for _ in 0..<count {
      let tensor = try readTensor(&cursor, after: tensors.last, alignment: alignment)
      guard names.insert(tensor.name).inserted else { throw .duplicateTensor(tensor.name) }
      tensors.append(tensor)
    }
    return tensors
  }

  private static func readTensor(
    _ cursor: inout GGUFCursor, after previous: Tensor?, alignment: Int
  ) throws(GGUFFault) -> Tensor {
    let start = cursor.offset
    let length: UInt64 = try cursor.integer()
    guard (1...UInt64(GGUFLimits.nameByteCount)).contains(length) else {
      throw .name(byteOffset: start, byteCount: length)
    }
    let name = try cursor.string(byteCount: length)
    let rank: UInt32 = try cursor.integer()
    guard rank <= GGUFLimits.dimensionCount else {
      throw .dimensionCount(tensor: name, found: rank)
    }
    var dimensions: [UInt64] = []
    for _ in 0..<rank { dimensions.insert(try cursor.integer(), at: 0) }
    let type = GGUFTensorType(code: try cursor.integer())
    let shape: Shape
    let byteCount: Int?
    do throws(SizeError) {
      shape = try Shape(dimensions)
      byteCount = try type.byteCount(ofElements: shape.elementCount)
    } catch {
      throw .size(tensor: name, shape: dimensions)
    }
    // Where bytes do not bound the elements, at most one a bit does.
    guard byteCount != nil || shape.elementCount <= 8 * GGUFLimits.dataByteCount else {
      throw .size(tensor: name, shape: dimensions)
    }
    if let block = type.block, !shape.columns.isMultiple(of: block.elementCount) {
      throw .blocks(tensor: name, type: type, columns: shape.columns)
    }
    let offset = try place(
      of: name, at: try cursor.integer(), after: previous, alignment: alignment)
    guard let end = offset.adding(byteCount ?? 0), end <= GGUFLimits.dataByteCount else {
      throw .size(tensor: name, shape: dimensions)
    }
    return Tensor(
      name: name, type: type, shape: shape, byteOffset: offset, byteCount: byteCount)
  }

  /// Checks where a tensor begins: as the one before it ends, or not before that begins.
  private static func place(
    of name: String, at offset: UInt64, after previous: Tensor?, alignment: Int
  ) throws(GGUFFault) -> Int {
    let end = previous.map { $0.byteOffset + ($0.byteCount ?? 0) } ?? 0
    // At most the limit, and one alignment of 32 bits.
    let begin = end.roundedUp(toMultipleOf: alignment) ?? end
    if let previous, previous.byteCount == nil {
      guard offset >= UInt64(begin), offset <= UInt64(GGUFLimits.dataByteCount),
        offset.isMultiple(of: UInt64(alignment))
      else {
        throw .offsetAfterUnknown(
          tensor: name, alignment: alignment, least: begin, found: offset)
      }
      return Int(offset)
    }
    guard offset == UInt64(begin) else {
      throw .offset(tensor: name, expected: begin, found: offset)
    }
    return begin
  }
}
