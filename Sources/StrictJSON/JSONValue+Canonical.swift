/// Canonical JSON, RFC 8785: one sequence of bytes for one value.
extension JSONValue {
  /// The canonical UTF-8 text: keys sorted by UTF-16 code units, no white space, numbers as
  /// ECMAScript prints them.
  ///
  /// A number that is not finite, which no value that was read strictly has, is written as `null`,
  /// as ECMAScript does. What Python writes for one is written as Python does, which is not JSON.
  public var canonicalBytes: [UInt8] {
    var output: [UInt8] = []
    append(to: &output)
    return output
  }

  private func append(to output: inout [UInt8]) {
    switch self {
    case .null:
      output.append(contentsOf: "null".utf8)
    case .boolean(let value):
      output.append(contentsOf: (value ? "true" : "false").utf8)
    case .integer(let value):
      // RFC 8785 has binary64 numbers only; up to 2⁵³ their text is the integer's.
      let isExact = value.magnitude <= 1 << 53
      output.append(contentsOf: (isExact ? String(value) : Self.numberText(Double(value))).utf8)
    case .number(let value):
      output.append(contentsOf: Self.numberText(value).utf8)
    case .notFinite(let value):
      output.append(contentsOf: value.rawValue.utf8)
    case .string(let text):
      Self.append(text, to: &output)
    case .array(let elements):
      output.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        element.append(to: &output)
      }
      output.append(UInt8(ascii: "]"))
    case .object(let members):
      output.append(UInt8(ascii: "{"))
      for (index, member) in Self.sorted(members).enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        Self.append(member.key, to: &output)
        output.append(UInt8(ascii: ":"))
        member.value.append(to: &output)
      }
      output.append(UInt8(ascii: "}"))
    }
  }

  /// Members by the UTF-16 code units of their keys (RFC 8785 §3.2.3).
  static func sorted(_ members: [String: JSONValue]) -> [(key: String, value: JSONValue)] {
    members.sorted { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }
  }

  static func append(_ text: String, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): output.append(contentsOf: #"\""#.utf8)
      case UInt8(ascii: "\\"): output.append(contentsOf: #"\\"#.utf8)
      case 0x08: output.append(contentsOf: #"\b"#.utf8)
      case 0x09: output.append(contentsOf: #"\t"#.utf8)
      case 0x0A: output.append(contentsOf: #"\n"#.utf8)
      case 0x0C: output.append(contentsOf: #"\f"#.utf8)
      case 0x0D: output.append(contentsOf: #"\r"#.utf8)
      case 0..<0x20:
        output.append(contentsOf: (byte < 0x10 ? #"\u000"# : #"\u00"#).utf8)
        output.append(contentsOf: String(byte, radix: 16).utf8)
      default: output.append(byte)
      }
    }
    output.append(UInt8(ascii: "\""))
  }

  /// A finite number as ECMAScript's `Number::toString` prints it (ECMA-262 §6.1.6.1.20), any other
  /// as its `JSON.stringify` does (§25.5.2.2): a failed measurement is not a reason to stop.
  ///
  /// Swift's description has the same shortest digits and another notation around them.
  static func numberText(_ value: Double) -> String {
    guard value.isFinite else { return "null" }
    if value == 0 { return "0" }
    let (digits, exponent) = shortestDigits(of: value.magnitude)
    let sign = value < 0 ? "-" : ""
    // The value is 0.DIGITS · 10^exponent; these are the four cases of the specification.
    let count = digits.count
    if count <= exponent && exponent <= 21 {
      return sign + digits + String(repeating: "0", count: exponent - count)
    }
    if 0 < exponent && exponent <= 21 {
      return sign + digits.prefix(exponent) + "." + digits.dropFirst(exponent)
    }
    if -6 < exponent && exponent <= 0 {
      return sign + "0." + String(repeating: "0", count: -exponent) + digits
    }
    let power = exponent - 1
    let fraction = count > 1 ? "." + digits.dropFirst() : ""
    return sign + digits.prefix(1) + fraction + "e" + (power < 0 ? "-" : "+")
      + String(power.magnitude)
  }

  /// The fewest decimal digits that read back as `value`, a positive number, and the exponent e
  /// with which it is 0.DIGITS · 10^e.
  private static func shortestDigits(of value: Double) -> (digits: String, exponent: Int) {
    let parts = value.description.split(separator: "e")
    var exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    exponent += mantissa[0].count
    var digits = mantissa.joined()[...]
    while digits.first == "0" {
      digits.removeFirst()
      exponent -= 1
    }
    while digits.last == "0" { digits.removeLast() }
    return (String(digits), exponent)
  }
}
