/// A list of digests as `sha256sum` writes and checks it.
public enum ChecksumList {
  /// The name under which a list lies beside the files.
  public static let fileName = "SHA256SUMS"

  /// The text for files of plain names, one line each: digest, two spaces, name.
  public static func text(_ files: [(name: String, digest: Digest)]) -> String {
    files.map { "\($0.digest)  \($0.name)\n" }.joined()
  }
}
