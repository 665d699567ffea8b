import FileAccess
import Foundation

extension Fixtures {
  /// The values of an F32 tensor of a safetensors file under `fixtures/`, read without the code
  /// under test.
  public static func floats(_ tensor: String, in name: String) throws -> [Float] {
    try elements(tensor, "F32", of: UInt32.self, in: name).map { Float(bitPattern: $0) }
  }

  /// The values of an I64 tensor.
  public static func integers(_ tensor: String, in name: String) throws -> [Int] {
    try elements(tensor, "I64", of: Int64.self, in: name).map { Int($0) }
  }

  private static func elements<Element: FixedWidthInteger>(
    _ tensor: String, _ dtype: String, of _: Element.Type, in name: String
  ) throws -> [Element] {
    let bytes = try bytes(name)
    let headerCount = Int(littleEndian(UInt64.self, bytes[0..<8]))
    let header = try JSONSerialization.jsonObject(with: Data(bytes[8..<8 + headerCount]))
    guard let entry = (header as? [String: Any])?[tensor] as? [String: Any],
      entry["dtype"] as? String == dtype, let offsets = entry["data_offsets"] as? [Int]
    else { throw NoSuchTensor(name: tensor) }
    let start = 8 + headerCount
    let size = MemoryLayout<Element>.size
    return stride(from: start + offsets[0], to: start + offsets[1], by: size).map { offset in
      littleEndian(Element.self, bytes[offset..<offset + size])
    }
  }

  /// The fixture has no F32 tensor of this name.
  private struct NoSuchTensor: Error {
    let name: String
  }

  private static func littleEndian<Value: FixedWidthInteger>(
    _: Value.Type, _ bytes: ArraySlice<UInt8>
  ) -> Value {
    bytes.reversed().reduce(0) { $0 << 8 | Value($1) }
  }
}
