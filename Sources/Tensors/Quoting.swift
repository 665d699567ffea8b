extension String {
  /// The text in single quotes, as messages show names that came from a file.
  ///
  /// Characters that control, break, reorder or hide text are escaped, and the text is cut at 200
  /// scalars: a hostile name neither drives the terminal nor fills it.
  public var quoted: String {
    var text = "'"
    for (index, scalar) in unicodeScalars.enumerated() {
      if index == 200 {
        text += "…"
        break
      }
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator:
        text += "\\u{" + String(scalar.value, radix: 16) + "}"
      default:
        text.unicodeScalars.append(scalar)
      }
    }
    return text + "'"
  }
}
