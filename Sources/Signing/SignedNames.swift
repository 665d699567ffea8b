import FileAccess
import Integrity
import PackFormat

/// Which names in a pack's directory a signature covers.
enum SignedNames {
  /// What a signature leaves out: itself, what hub downloads leave, and what the `model-signing`
  /// package leaves out of every model.
  static let ignoredPaths = [
    PackFileNames.ignoredFolder, ".git", ".gitattributes", ".github", ".gitignore",
    SignatureBundle.fileName,
  ]

  /// The files that a pack of these names is signed with.
  static func signed(_ names: [String]) -> [String] {
    names.filter { !ignoredPaths.contains($0) }
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
