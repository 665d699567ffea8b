import FileAccess
import Foundation

extension Fixtures {
  /// The values of an F32 tensor of a safetensors file under `fixtures/`, read without the code
  /// under test.
  public static func floats(_ tensor: String, in name: String) throws -> [Float] {
    let bytes = try bytes(name)
    let headerCount = Int(littleEndian(UInt64.self, bytes[0..<8]))
    let header = try JSONSerialization.jsonObject(with: Data(bytes[8..<8 + headerCount]))
    guard let entry = (header as? [String: Any])?[tensor] as? [String: Any],
      entry["dtype"] as? String == "F32", let offsets = entry["data_offsets"] as? [Int]
    else { throw NoSuchTensor(name: tensor) }
    let start = 8 + headerCount
    return stride(from: start + offsets[0], to: start + offsets[1], by: 4).map { offset in
      Float(bitPattern: littleEndian(UInt32.self, bytes[offset..<offset + 4]))
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
