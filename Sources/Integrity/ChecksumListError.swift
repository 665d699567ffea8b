/// Why a list of checksums was refused.
public enum ChecksumListError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A line is not a SHA-256 digest and a name.
  case line(number: Int)
  /// No line is one of a list, whoever wrote it.
  case noEntry

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .line(let number):
      "line \(number) is not 64 hexadecimal digits, two spaces and a file name"
    case .noEntry:
      "it has no line with a digest and a file name"
    }
  }
}
