/// A list of digests as `sha256sum` writes and checks it.
public enum ChecksumList {
  /// The name under which a list lies beside the files.
  public static let fileName = "SHA256SUMS"
  /// The longest list that is read, in bytes.
  public static let byteLimit = 1 << 20

  /// One line.
  public struct Entry: Equatable, Sendable {
    /// The file.
    public let name: String
    /// Its digest.
    public let digest: Digest
  }

  /// The text for files of plain names, one line each: digest, two spaces, name.
  public static func text(_ files: [(name: String, digest: Digest)]) -> String {
    files.map { "\($0.digest)  \($0.name)\n" }.joined()
  }

  /// Reads the list of a pack: a digest, a space, a space or `*`, a name, and no other line.
  ///
  /// A flipped bit of a digest can turn the case of a letter, so letters are of one case; of a line
  /// feed, it can give another character that ends lines for some, so nothing else ends them here.
  ///
  /// - Returns: the lines' entries, in order.
  /// - Throws: ``ChecksumListError/line(number:)``.
  public static func parse(_ text: String) throws(ChecksumListError) -> [Entry] {
    var entries: [Entry] = []
    // A line feed after a carriage return is one character of Swift's.
    for (index, line) in text.split(
      omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" || $0 == "\r\n" }
    ).enumerated() where !line.isEmpty {
      let digits = line.prefix(64)
      guard digits == digits.lowercased() || digits == digits.uppercased(),
        let digest = Digest(hexadecimal: digits.lowercased())
      else {
        throw .line(number: index + 1)
      }
      let rest = line.dropFirst(64)
      guard rest.hasPrefix("  ") || rest.hasPrefix(" *"), rest.count > 2 else {
        throw .line(number: index + 1)
      }
      entries.append(Entry(name: String(rest.dropFirst(2)), digest: digest))
    }
    return entries
  }
}
