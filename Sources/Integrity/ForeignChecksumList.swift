/// What a list of SHA-256 digests says that somebody else wrote, read as GNU `sha256sum --check`
/// reads it: lines of `sha256sum`, `sha256sum --tag` and OpenSSL, comments, escaped names.
///
/// Any other line is skipped and reported, and the file that it named is not covered. Four things
/// differ from the GNU tool. The letters of a digest are of one case: in a list of one case, a
/// flipped bit can turn a letter into the other. A line with a NUL, or that is not UTF-8, is not a
/// line. OpenSSL 3's `SHA2-256` is SHA-256. A digest alone is taken where the list's name says of
/// which file.
public struct ForeignChecksumList: Equatable, Sendable {
  /// The lines' entries, in order; the name is as the list has it.
  public let entries: [ChecksumList.Entry]
  /// The lines that are none, counted from 1.
  public let malformedLines: [Int]
  /// The other kinds of digest that lines are of, such as `MD5`, sorted; these are not checked.
  public let otherDigests: [String]

  /// Reads a list.
  ///
  /// - Parameters:
  ///   - bytes: the file.
  ///   - name: the file that a line with only a digest is about, as in `FILE.sha256`.
  /// - Throws: ``ChecksumListError/noEntry`` if no line is one of a list.
  public init(_ bytes: [UInt8], ofFile name: String? = nil) throws(ChecksumListError) {
    var reader = ChecksumLineReader(ownName: name)
    var entries: [ChecksumList.Entry] = []
    var malformed: [Int] = []
    var others: Set<String> = []
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      switch reader.read(line) {
      case .nothing: break
      case .entry(let entry): entries.append(entry)
      case .otherDigest(let kind): others.insert(kind)
      case .malformed: malformed.append(index + 1)
      }
    }
    guard !entries.isEmpty || !others.isEmpty else { throw .noEntry }
    self.entries = entries
    malformedLines = malformed
    otherDigests = others.sorted()
  }
}
