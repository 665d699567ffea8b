/// One finding about a checkpoint.
public struct Diagnostic: Equatable, Sendable {
  /// What kind of finding it is.
  public let code: DiagnosticCode
  /// The tensor, file or key that it is about.
  public let subject: String
  /// The stage of the tensor.
  public let stage: Stage?
  /// The layer of the tensor within its stage.
  public let layer: Int?
  /// What should be there.
  public let expected: String?
  /// What is there.
  public let found: String?
  /// What to do.
  public let hint: String

  /// A finding; ``stage`` and ``layer`` follow from a tensor's name.
  public init(
    _ code: DiagnosticCode, subject: String, expected: String? = nil, found: String? = nil,
    hint: String
  ) {
    self.code = code
    self.subject = subject
    self.expected = expected
    self.found = found
    self.hint = hint
    (stage, layer) = TensorPlace.of(subject)
  }

  /// How much it matters.
  public var severity: Severity { code.severity }

  /// The same finding with another code.
  public func recoded(_ code: DiagnosticCode) -> Diagnostic {
    Diagnostic(code, subject: subject, expected: expected, found: found, hint: hint)
  }
}

/// How much a finding matters.
public enum Severity: String, Sendable, CaseIterable {
  /// The checkpoint is not converted.
  case error
  /// It is converted, and something is unusual.
  case warning
  /// Worth knowing.
  case information
}

/// Where a tensor belongs, by its name.
enum TensorPlace {
  static func of(_ name: String) -> (stage: Stage?, layer: Int?) {
    if name == HuginnConfig.embeddingName { return (.embedding, nil) }
    if name == HuginnConfig.headName || name.hasPrefix("transformer.ln_f.") { return (.coda, nil) }
    if name.hasPrefix("transformer.adapter.") { return (.core, nil) }
    for stage in Stage.allCases {
      guard let prefix = stage.layerPrefix, name.hasPrefix(prefix) else { continue }
      return (stage, layerNumber(in: name.dropFirst(prefix.count)))
    }
    return (nil, nil)
  }

  /// The number before the first dot, written without sign or leading zero.
  private static func layerNumber(in rest: Substring) -> Int? {
    let digits = rest.prefix { $0 != "." }
    guard let number = Int(digits), number >= 0, String(number) == digits else { return nil }
    return number
  }
}
