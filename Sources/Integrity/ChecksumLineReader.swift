/// Reads the lines of a list one after the other; how one names its file may depend on those before.
struct ChecksumLineReader {
  /// What a line is.
  enum Line {
    /// A comment, or empty.
    case nothing
    case entry(ChecksumList.Entry)
    /// A digest of another kind, and what that is called.
    case otherDigest(String)
    case malformed
  }

  /// How names follow digests: after one blank and a mode, or, as an old BSD wrote it, one blank.
  private enum Form {
    case withMode, withoutMode
  }

  /// The file that a digest alone is about.
  let ownName: String?
  /// Set by the first line with a name: a list has one form, so that a name may begin with a blank.
  private var form: Form?

  init(ownName: String?) {
    self.ownName = ownName
  }

  /// Reads a line without its line feed.
  mutating func read(_ line: ArraySlice<UInt8>) -> Line {
    var rest = line
    if rest.last == UInt8(ascii: "\r") { rest.removeLast() }
    if rest.isEmpty || rest.first == UInt8(ascii: "#") { return .nothing }
    guard !rest.contains(0), String(validating: rest, as: UTF8.self) != nil else {
      return .malformed
    }
    rest = rest.drop(while: Self.isBlank)
    let isEscaped = rest.first == UInt8(ascii: "\\")
    if isEscaped { rest.removeFirst() }
    return tagged(rest, isEscaped) ?? plain(rest, isEscaped)
  }

  /// `SHA256 (NAME) = DIGEST`, or `SHA256(NAME)= DIGEST`; nil for another form.
  private func tagged(_ line: ArraySlice<UInt8>, _ isEscaped: Bool) -> Line? {
    let tag = line.prefix { byte in
      Self.isLetterOrDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "/")
    }
    var rest = line[tag.endIndex...]
    if rest.first == UInt8(ascii: " ") { rest.removeFirst() }
    guard !tag.isEmpty, tag.count <= 20, rest.first == UInt8(ascii: "(") else { return nil }
    rest.removeFirst()
    guard let end = rest.lastIndex(of: UInt8(ascii: ")")) else { return .malformed }
    let name = rest[..<end]
    rest = rest[(end + 1)...].drop(while: Self.isBlank)
    guard rest.first == UInt8(ascii: "=") else { return .malformed }
    rest = rest.dropFirst().drop(while: Self.isBlank)
    let kind = String(decoding: tag, as: UTF8.self)
    guard kind == "SHA256" || kind == "SHA2-256" else {
      let isDigest = rest.count >= 8 && rest.allSatisfy(Self.isHexadecimal)
      return isDigest ? .otherDigest(kind) : .malformed
    }
    return entry(rest, name, isEscaped)
  }

  /// A digest, a blank, a blank or `*`, a name; or a digest, a blank, a name; or a digest.
  private mutating func plain(_ line: ArraySlice<UInt8>, _ isEscaped: Bool) -> Line {
    let digits = line.prefix(while: Self.isHexadecimal)
    var rest = line[digits.endIndex...]
    if digits.count == 64, let ownName, rest.allSatisfy(Self.isBlank) {
      return entry(digits, ArraySlice(ownName.utf8), false)
    }
    guard rest.count >= 2, Self.isBlank(rest.removeFirst()) else { return .malformed }
    guard digits.count == 64 else {
      return Self.kinds[digits.count].map { .otherDigest($0) } ?? .malformed
    }
    guard Self.isOfOneCase(digits) else { return .malformed }
    let hasMode =
      rest.count > 1 && (rest.first == UInt8(ascii: " ") || rest.first == UInt8(ascii: "*"))
    if !hasMode {
      guard form != .withMode else { return .malformed }
      form = .withoutMode
    } else if form != .withoutMode {
      form = .withMode
      rest.removeFirst()
    }
    return entry(digits, rest, isEscaped)
  }

  private func entry(
    _ digits: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>, _ isEscaped: Bool
  ) -> Line {
    let text = String(decoding: digits, as: UTF8.self)
    guard Self.isOfOneCase(digits), let digest = Digest(hexadecimal: text.lowercased()),
      let name = isEscaped ? Self.unescaped(name) : Array(name)
    else { return .malformed }
    return .entry(ChecksumList.Entry(name: String(decoding: name, as: UTF8.self), digest: digest))
  }

  /// A name in which `\\`, `\n` and `\r` escape what would break a line; nil for any other escape.
  private static func unescaped(_ name: ArraySlice<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    var isEscape = false
    for byte in name {
      switch (isEscape, byte) {
      case (false, UInt8(ascii: "\\")): isEscape = true
      case (false, _): bytes.append(byte)
      case (true, UInt8(ascii: "\\")), (true, UInt8(ascii: "n")), (true, UInt8(ascii: "r")):
        let plain = [UInt8(ascii: "n"): UInt8(ascii: "\n"), UInt8(ascii: "r"): UInt8(ascii: "\r")]
        bytes.append(plain[byte] ?? byte)
        isEscape = false
      case (true, _): return nil
      }
    }
    return isEscape ? nil : bytes
  }

  /// The most likely kind of a digest with this many digits.
  private static let kinds = [
    32: "MD5", 40: "SHA-1", 56: "SHA-224", 96: "SHA-384", 128: "SHA-512",
  ]

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
      UInt8(ascii: "A")...UInt8(ascii: "F"):
      true
    default: false
    }
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    switch byte | 0x20 {
    case UInt8(ascii: "a")...UInt8(ascii: "z"): true
    default: (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
  }

  private static func isOfOneCase(_ digits: ArraySlice<UInt8>) -> Bool {
    let letters = digits.filter { $0 > UInt8(ascii: "9") }
    return letters.allSatisfy { $0 & 0x20 == 0 } || letters.allSatisfy { $0 & 0x20 != 0 }
  }
}
