extension String {
  /// The text in single quotes, as messages show names that came from a file.
  ///
  /// Control characters are escaped and the text is cut at 200 scalars: a hostile name neither
  /// drives the terminal nor fills it.
  public var quoted: String {
    var text = "'"
    for (index, scalar) in unicodeScalars.enumerated() {
      if index == 200 {
        text += "…"
        break
      }
      if scalar.properties.generalCategory == .control || scalar.value == 0x2028 {
        text += "\\u{" + String(scalar.value, radix: 16) + "}"
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text + "'"
  }
}
