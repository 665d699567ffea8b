/// The name under which something is written before it has its final one.
///
/// `NAME.partial-<16 hexadecimal digits>`, beside the final name, so that publishing is a rename. A
/// name that leaves no room for that is shortened; what two such names have in common is then theirs
/// together, and locks keep them apart.
enum PartialName {
  private static let separator = ".partial-"
  private static let digitCount = 16
  /// The longest name that file systems take, in bytes.
  private static let byteLimit = 255

  /// A fresh name beside `target`.
  static func random(for target: String) -> String {
    shortened(target, for: separator) + separator + randomDigits
  }

  /// A fresh name, not a partial one, for something that was replaced and must be kept.
  static func randomReplaced(for target: String) -> String {
    shortened(target, for: ".replaced-") + ".replaced-" + randomDigits
  }

  /// A path whose last component, cut after a whole character, has room for a separator and digits.
  private static func shortened(_ path: String, for separator: String) -> String {
    var scalars = path.unicodeScalars[...]
    let added = separator.utf8.count + digitCount
    var excess = Path.name(of: path).utf8.count + added - byteLimit
    while excess > 0, let last = scalars.popLast() { excess -= Unicode.UTF8.width(last) }
    return String(scalars)
  }

  private static var randomDigits: String {
    let digits = String(UInt64.random(in: .min ... .max), radix: 16)
    return String(repeating: "0", count: digitCount - digits.count) + digits
  }

  /// Whether `name` is a partial of the target called `targetName`.
  static func matches(_ name: String, targetName: String) -> Bool {
    // By bytes, as the file system compares: to `String`, another name may be equivalent.
    let prefix = (shortened(targetName, for: separator) + separator).utf8
    guard name.utf8.starts(with: prefix) else { return false }
    let digits = name.utf8.dropFirst(prefix.count)
    return digits.count == digitCount
      && digits.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
        default: false
        }
      }
  }
}
