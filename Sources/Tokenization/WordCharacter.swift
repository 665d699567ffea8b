extension Unicode.Scalar {
  /// Whether it is an alphabetic character, a mark, a decimal digit or a connector.
  var isWordCharacter: Bool {
    switch properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: true
    default: properties.isAlphabetic
    }
  }
}
