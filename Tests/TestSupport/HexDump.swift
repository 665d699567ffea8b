/// Bytes as a page under `formats/` shows them, in the form of `hexdump -C`.
public enum HexDump {
  /// The lines that show `bytes`, each with its line feed.
  public static func text(of bytes: [UInt8]) -> String {
    stride(from: 0, to: bytes.count, by: 16).map { start in
      let row = bytes[start..<min(start + 16, bytes.count)]
      let digits = row.map { hexadecimal(Int($0), digits: 2) }
      let halves = [digits.prefix(8), digits.dropFirst(8)].filter { !$0.isEmpty }
      let columns = halves.map { $0.joined(separator: " ") }.joined(separator: "  ")
      let text = row.map { (0x20..<0x7F).contains($0) ? String(Unicode.Scalar($0)) : "." }
      return hexadecimal(start, digits: 8) + "  " + columns
        + String(repeating: " ", count: 50 - columns.count) + "|" + text.joined() + "|\n"
    }
    .joined()
  }

  private static func hexadecimal(_ value: Int, digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
