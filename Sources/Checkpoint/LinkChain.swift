import FileAccess
import Integrity

/// The links from a file's name to its content.
///
/// In a hub cache they are one or two: `snapshots/REV/FILE` leads to `blobs/ETAG`, and that may lead
/// into a store that all repositories share, to `blobs/XX/HASH`. The hash there is Xet's own, of as
/// many digits as a SHA-256 and no SHA-256.
struct LinkChain {
  /// Where each link leads, joined to where it lies.
  let hops: [String]

  /// Follows the links of a path; none if it is not a link.
  init(_ path: String) {
    var hops: [String] = []
    var place = path
    // As many as the system follows.
    while hops.count < 40, let target = try? linkTarget(place) {
      place =
        target.unicodeScalars.first == "/" ? target : Path.join(Path.parent(of: place), target)
      hops.append(place)
    }
    self.hops = hops
  }

  /// The digests that name blobs on the way.
  var digests: [ContentDigest] {
    hops.compactMap { hop in
      Path.name(of: Path.parent(of: hop)) == "blobs"
        ? ContentDigest(hexadecimal: Path.name(of: hop)) : nil
    }
  }
}
