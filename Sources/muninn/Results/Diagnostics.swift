import HuginnModel
import Presentation
import StrictJSON
import Tensors

extension Diagnostic {
  /// The lines that a person reads on a stream.
  func text(on stream: Terminal.Stream) -> String {
    guard Terminal.isColoured(stream) else { return text }
    return "\u{1B}[\(severity.colour)m\(severity.label)\u{1B}[0m"
      + text.dropFirst(severity.label.count)
  }

  /// The lines that a person reads.
  var text: String {
    var place = stage.map(\.rawValue) ?? ""
    if let layer { place += ", layer \(layer)" }
    var lines = [
      "\(severity.label) \(code.rawValue): \(subject.quoted)\(place.isEmpty ? "" : " (\(place))") "
        + code.meaning
    ]
    switch (expected, found) {
    case (let expected?, let found?):
      lines.append("  expected \(expected.printable), found \(found.printable)")
    case (let expected?, nil): lines.append("  expected \(expected.printable)")
    case (nil, let found?): lines.append("  \(found.printable)")
    case (nil, nil): break
    }
    lines.append("  hint: \(Remedies.hint(of: self).printable)")
    return lines.joined(separator: "\n") + "\n"
  }

  /// The same for machines.
  var json: JSONValue {
    var members: [String: JSONValue] = [
      "code": .string(code.rawValue), "severity": .string(severity.rawValue),
      "subject": .string(subject), "meaning": .string(code.meaning),
      "hint": .string(Remedies.hint(of: self)),
    ]
    if let stage { members["stage"] = .string(stage.rawValue) }
    if let layer { members["layer"] = .integer(layer) }
    if let expected { members["expected"] = .string(expected) }
    if let found { members["found"] = .string(found) }
    return .object(members)
  }
}

extension Severity {
  fileprivate var label: String { self == .information ? "info" : rawValue }

  /// The colour of the label: red, yellow, blue.
  fileprivate var colour: Int {
    switch self {
    case .error: 31
    case .warning: 33
    case .information: 34
    }
  }
}

extension [Diagnostic] {
  /// `2 errors, 0 warnings, 1 note`.
  var summary: String {
    func count(_ severity: Severity, _ noun: String) -> String {
      Numbers.count(self.count { $0.severity == severity }, noun)
    }
    return [count(.error, "error"), count(.warning, "warning"), count(.information, "note")]
      .joined(separator: ", ")
  }
}
