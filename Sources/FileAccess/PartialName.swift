/// The name under which something is written before it has its final one.
///
/// `NAME.partial-<16 hexadecimal digits>`, beside the final name, so that publishing is a rename.
enum PartialName {
  private static let separator = ".partial-"

  /// A fresh name beside `target`.
  static func random(for target: String) -> String {
    let digits = String(UInt64.random(in: .min ... .max), radix: 16)
    return target + separator + String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Whether `name` is a partial of the target called `targetName`.
  static func matches(_ name: String, targetName: String) -> Bool {
    guard name.hasPrefix(targetName + separator) else { return false }
    let digits = name.dropFirst(targetName.count + separator.count)
    return digits.count == 16 && digits.allSatisfy { $0.isHexDigit && !$0.isUppercase }
  }
}
