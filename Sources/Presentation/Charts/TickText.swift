import CMuninnMath

/// Values as charts write them.
enum TickText {
  /// The labels of an axis' ticks: on a linear one all with as many decimals, and with powers of
  /// ten where plain numbers would be long.
  static func labels(_ ticks: [Double], _ scale: Axis.Scale) -> [String] {
    let magnitudes = ticks.map(\.magnitude).filter { $0 > 0 }
    guard let least = magnitudes.min(), let most = magnitudes.max() else {
      return ticks.map { _ in "0" }
    }
    guard most < 1e6, least >= (scale == .linear ? 0.0000999 : 0.000999) else {
      return ticks.map { scale == .log2 ? powerOfTwo($0) : powerOfTen($0, decimals: 3) }
    }
    let decimals = ticks.map(Self.decimals)
    let common = decimals.max() ?? 0
    return zip(ticks, decimals).map {
      plain($0, decimals: scale == .linear ? common : $1)
    }
  }

  /// A value with three significant digits.
  static func value(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "not a number" : value < 0 ? "−∞" : "∞" }
    let magnitude = value.magnitude
    if magnitude == 0 { return "0" }
    guard magnitude >= 0.001, magnitude < 999_999.5 else { return powerOfTen(value, decimals: 2) }
    if magnitude >= 99.95 { return plain(value, decimals: 0) }
    let decimals = magnitude >= 9.995 ? 1 : magnitude >= 0.9995 ? 2 : magnitude >= 0.09995 ? 3 : 4
    return trimmed(plain(value, decimals: decimals))
  }

  /// How many decimals a value has, at most 12.
  private static func decimals(_ value: Double) -> Int {
    var scale = 1.0
    for decimals in 0..<12 {
      let scaled = value * scale
      if (scaled - scaled.rounded()).magnitude < max(1e-6, 4 * scaled.ulp) { return decimals }
      scale *= 10
    }
    return 12
  }

  private static func plain(_ value: Double, decimals: Int) -> String {
    let magnitude = value.magnitude
    let text =
      decimals == 0 && magnitude < 1e15
      ? Numbers.grouped(Int(magnitude.rounded())) : Numbers.fixed(magnitude, digits: decimals)
    return value < 0 ? "−" + text : text
  }

  private static func trimmed(_ decimal: String) -> String {
    guard decimal.contains(".") else { return decimal }
    return String(decimal.reversed().drop { $0 == "0" }.drop { $0 == "." }.reversed())
  }

  /// `2·10⁻⁵`, or `10⁻⁵` of a power itself.
  private static func powerOfTen(_ value: Double, decimals: Int) -> String {
    guard value != 0 else { return "0" }
    var exponent = Int(log10(value.magnitude).rounded(.down))
    // In two steps, because 10³⁰⁸ times ten is no number.
    var mantissa = value.magnitude / pow(10, Double(exponent / 2))
    mantissa /= pow(10, Double(exponent - exponent / 2))
    var digits = trimmed(Numbers.fixed(mantissa, digits: decimals))
    if digits == "10" { (digits, exponent) = ("1", exponent + 1) }
    let sign = value < 0 ? "−" : ""
    if exponent == 0 { return sign + digits }
    let power = exponent == 1 ? "10" : "10" + superscript(exponent)
    return sign + (digits == "1" ? power : "\(digits)·\(power)")
  }

  private static func powerOfTwo(_ value: Double) -> String {
    let exponent = log2(value)
    if exponent == 0 || exponent == 1 { return exponent == 0 ? "1" : "2" }
    return exponent == exponent.rounded()
      ? "2" + superscript(Int(exponent)) : powerOfTen(value, decimals: 3)
  }

  private static func superscript(_ number: Int) -> String {
    let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
    return (number < 0 ? "⁻" : "")
      + String(String(number.magnitude).compactMap(\.wholeNumberValue).map { digits[$0] })
  }
}
