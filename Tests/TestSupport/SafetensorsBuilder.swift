/// Assembles the bytes of a safetensors file, legal or not, without the code under test.
public struct SafetensorsBuilder {
  /// The members of the header, as JSON text.
  public var members: [String] = []
  /// The data section.
  public var data: [UInt8] = []

  /// A file without tensors.
  public init() {}

  /// Adds a tensor whose bytes follow those that are there; its name needs no escape.
  public mutating func add(_ name: String, _ dtype: String, _ shape: [Int], bytes: [UInt8]) {
    members.append(
      """
      "\(name)":{"dtype":"\(dtype)","shape":\(shape),\
      "data_offsets":[\(data.count),\(data.count + bytes.count)]}
      """)
    data += bytes
  }

  /// Adds an F32 tensor.
  public mutating func add(_ name: String, _ shape: [Int], _ values: [Float]) {
    add(name, "F32", shape, bytes: values.flatMap { Self.littleEndian($0.bitPattern) })
  }

  /// The file.
  public var bytes: [UInt8] {
    Self.file(header: "{" + members.joined(separator: ",") + "}", data: data)
  }

  /// A file of this header, as it stands, and this data.
  public static func file(header: String, data: [UInt8] = []) -> [UInt8] {
    littleEndian(UInt64(header.utf8.count)) + header.utf8 + data
  }

  /// The bytes of an integer, the lowest first.
  public static func littleEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
