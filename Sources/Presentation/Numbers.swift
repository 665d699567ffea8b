/// Numbers as people read them.
public enum Numbers {
  /// Digits in groups of three: `1,234,567`.
  public static func grouped(_ value: Int) -> String {
    var digits = String(value.magnitude)
    var groups: [Substring] = []
    while digits.count > 3 {
      groups.insert(digits.suffix(3), at: 0)
      digits = String(digits.dropLast(3))
    }
    return (value < 0 ? "-" : "") + ([digits[...]] + groups).joined(separator: ",")
  }

  /// A number of things: `1 tensor`, `75 tensors`.
  public static func count(_ number: Int, _ noun: String) -> String {
    "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
  }

  /// Bytes in decimal units with three significant digits: `3.79 GB`.
  public static func bytes(_ count: Int) -> String {
    var value = Double(count)
    for unit in ["B", "kB", "MB", "GB", "TB"] {
      if value < 999.5 || unit == "TB" {
        return unit == "B"
          ? "\(count) B"
          : "\(fixed(value, digits: value < 9.995 ? 2 : value < 99.95 ? 1 : 0)) \(unit)"
      }
      value /= 1000
    }
    return "\(count) B"
  }

  /// A number with a fixed count of decimals, rounded to nearest.
  public static func fixed(_ value: Double, digits: Int) -> String {
    guard value.isFinite, value.magnitude < 1e15 else { return "\(value)" }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = Int((value.magnitude * scale).rounded())
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard digits > 0 else { return sign + String(scaled) }
    let text = String(scaled)
    let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
    return sign + padded.dropLast(digits) + "." + padded.suffix(digits)
  }

  /// A share in percent with two decimals: `99.65 %`.
  public static func percent(_ share: Double) -> String { fixed(100 * share, digits: 2) + " %" }

  /// A number with three significant digits and an exponent: `1.25e-04`.
  public static func scientific(_ value: Double) -> String {
    guard value != 0, value.isFinite else { return value == 0 ? "0" : "\(value)" }
    var exponent = 0
    var mantissa = value
    while mantissa.magnitude >= 9.995 {
      mantissa /= 10
      exponent += 1
    }
    while mantissa.magnitude < 0.9995 {
      mantissa *= 10
      exponent -= 1
    }
    let digits = exponent.magnitude < 10 ? "0\(exponent.magnitude)" : "\(exponent.magnitude)"
    return fixed(mantissa, digits: 2) + "e" + (exponent < 0 ? "-" : "+") + digits
  }

  /// Seconds as `1:02:03` or `2:03`.
  public static func duration(seconds: Double) -> String {
    let total = Int(max(0, seconds.isFinite ? seconds.rounded() : 0))
    let (hours, minutes, rest) = (total / 3600, total / 60 % 60, total % 60)
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return hours > 0 ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
  }
}
