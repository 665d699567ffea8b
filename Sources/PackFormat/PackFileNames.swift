public import FileAccess
import HuginnModel
import Integrity

/// The names that a pack may have in its directory.
public enum PackFileNames {
  /// What people and tools put beside a pack; no digest of the manifest covers it.
  public static let companions: Set<String> = personal.union([ChecksumList.fileName])

  /// Those of them that somebody wrote, or signed: they are removed with a pack only on request.
  public static let personal: Set<String> = ["model.sig", "README.md"]

  /// What git, hub downloads and the Finder leave beside a pack's files, sorted by bytes: no part of
  /// the pack, passed over with a note by all that reads or signs one.
  ///
  /// Those of git are what the `model-signing` package 1.1.1 leaves out of every model.
  public static let ignored = [
    ".DS_Store", ".cache", ".git", ".gitattributes", ".github", ".gitignore",
  ]

  /// Those of them that may go with a directory that is replaced: what nobody wrote.
  public static let disposable: Set<String> = [".DS_Store"]

  private static let sidecarPatterns = [
    HuginnConfig.fileName, "generation_config.json", "tokenizer*.json", "special_tokens_map.json",
    "chat_template*", "LICENSE*", "NOTICE*",
  ].map { GlobPattern($0) }

  /// The index of a sharded checkpoint.
  static let sourceIndex = "model.safetensors.index.json"

  /// Whether a checkpoint's file of this name is copied into its packs.
  public static func isSidecar(_ name: String) -> Bool {
    sidecarPatterns.contains { $0.matches(name) }
  }

  /// The segment files, in the order of the stages.
  public static let segments = Stage.allCases.map { "\($0.rawValue).seg" }

  /// Whether a path is a directory that is, or was meant to be, a pack: it has a manifest or a
  /// segment.
  ///
  /// - Throws: `FileError` if the path cannot be looked at.
  public static func isPackDirectory(_ path: String) throws(FileError) -> Bool {
    guard try FileStatus(ofPath: path).kind == .directory else { return false }
    return try directoryContents(path).contains {
      $0 == PackConstants.manifestName || segments.contains($0)
    }
  }

  /// The names that are not part of a pack and are skipped.
  public static func ignored(among names: [String]) -> [String] {
    ignored.filter(names.contains)
  }

  /// Whether this name is one that the manifest can vouch for: no companion.
  public static func isOfManifest(_ name: String) -> Bool {
    isOfPack(name) && !companions.contains(name)
  }

  /// Whether a directory that holds this name can still be nothing but a pack.
  public static func isOfPack(_ name: String) -> Bool {
    name == PackConstants.manifestName || segments.contains(name) || companions.contains(name)
      || (isSidecar(name) && Path.isPlainName(name))
  }
}
