/// JSON for people: two spaces a level, sorted keys, as Python's `json.dumps(indent=2)`.
extension JSONValue {
  /// The UTF-8 text, with a line feed at the end.
  public var indentedBytes: [UInt8] {
    var output: [UInt8] = []
    append(to: &output, indentation: 0)
    output.append(UInt8(ascii: "\n"))
    return output
  }

  private func append(to output: inout [UInt8], indentation: Int) {
    switch self {
    case .array(let elements) where !elements.isEmpty:
      output.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        Self.beginLine(&output, index, indentation + 1)
        element.append(to: &output, indentation: indentation + 1)
      }
      Self.beginLine(&output, 0, indentation)
      output.append(UInt8(ascii: "]"))
    case .object(let members) where !members.isEmpty:
      output.append(UInt8(ascii: "{"))
      for (index, member) in Self.sorted(members).enumerated() {
        Self.beginLine(&output, index, indentation + 1)
        Self.append(member.key, to: &output)
        output.append(contentsOf: ": ".utf8)
        member.value.append(to: &output, indentation: indentation + 1)
      }
      Self.beginLine(&output, 0, indentation)
      output.append(UInt8(ascii: "}"))
    default:
      output.append(contentsOf: canonicalBytes)
    }
  }

  private static func beginLine(_ output: inout [UInt8], _ index: Int, _ indentation: Int) {
    if index > 0 { output.append(UInt8(ascii: ",")) }
    output.append(UInt8(ascii: "\n"))
    output.append(contentsOf: String(repeating: "  ", count: indentation).utf8)
  }
}
