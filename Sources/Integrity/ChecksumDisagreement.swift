import Tensors

/// An entry of a list of checksums that the files do not bear out.
public enum ChecksumDisagreement: Error, Equatable, Sendable, CustomStringConvertible {
  /// A file that is not there.
  case noSuchFile(name: String)
  /// A file that has another digest.
  case digest(name: String, listed: Digest, found: Digest)

  /// The first entry, in the list's order, that disagrees; nil if all agree.
  ///
  /// Files that the list leaves out are not disagreements.
  ///
  /// - Parameters:
  ///   - entries: the list; `./NAME`, as `sha256sum ./*` writes, is `NAME`.
  ///   - digests: the files there, by name.
  public init?(of entries: [ChecksumList.Entry], with digests: [String: Digest]) {
    for entry in entries {
      let name = entry.name.hasPrefix("./") ? String(entry.name.dropFirst(2)) : entry.name
      guard let found = digests[name] else {
        self = .noSuchFile(name: name)
        return
      }
      if found != entry.digest {
        self = .digest(name: name, listed: entry.digest, found: found)
        return
      }
    }
    return nil
  }

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .noSuchFile(let name):
      "it lists \(name.quoted), which is not among the files"
    case .digest(let name, let listed, let found):
      "it lists \(listed) for \(name.quoted), whose SHA-256 is \(found)"
    }
  }
}
