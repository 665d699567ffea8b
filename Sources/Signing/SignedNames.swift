import FileAccess
import Integrity
import PackFormat

/// Which names in a pack's directory a signature covers.
enum SignedNames {
  /// What a signature leaves out: itself, and files that do not belong to a pack.
  ///
  /// A signature says so, and the `model-signing` package then passes over it too.
  static let ignoredPaths = PackFileNames.ignored + [SignatureBundle.fileName]

  /// The files that a pack of these names is signed with.
  static func signed(_ names: [String]) -> [String] {
    names.filter { !ignoredPaths.contains($0) }
  }

  /// Whether an entry of a list of checksums is for one of these paths, or for what one holds.
  static func isListed(_ entry: ChecksumList.Entry, below paths: [String]) -> Bool {
    let name = entry.name.hasPrefix("./") ? String(entry.name.dropFirst(2)) : entry.name
    return paths.contains { name == $0 || name.hasPrefix("\($0)/") }
  }

  /// Whether a file that a statement does not list may still be there.
  ///
  /// A signer may leave out companions, such as a `README.md` that is still to change, but nothing
  /// that the manifest or the engine reads.
  static func mayBeUnsigned(_ name: String, by statement: Statement) -> Bool {
    ignoredPaths.contains(name)
      || (statement.ignoredPaths.contains(name) && !PackFileNames.isOfManifest(name))
  }
}
