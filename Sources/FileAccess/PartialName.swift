/// The name under which something is written before it has its final one.
///
/// `NAME.partial-<16 hexadecimal digits>`, beside the final name, so that publishing is a rename.
enum PartialName {
  private static let separator = ".partial-"

  /// A fresh name beside `target`.
  static func random(for target: String) -> String { target + separator + randomDigits }

  /// A fresh name, no partial's, for what was replaced and is to be kept.
  static func randomReplaced(for target: String) -> String { target + ".replaced-" + randomDigits }

  private static var randomDigits: String {
    let digits = String(UInt64.random(in: .min ... .max), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Whether `name` is a partial of the target called `targetName`.
  static func matches(_ name: String, targetName: String) -> Bool {
    // By bytes, as the file system compares: to `String`, another name may be equivalent.
    let prefix = (targetName + separator).utf8
    guard name.utf8.starts(with: prefix) else { return false }
    let digits = name.utf8.dropFirst(prefix.count)
    return digits.count == 16
      && digits.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
        default: false
        }
      }
  }
}
