public import FileAccess
import Safetensors

/// What a user's path to a checkpoint means.
public struct CheckpointLocation: Equatable, Sendable {
  /// Where the weights are.
  public enum Weights: Equatable, Sendable {
    /// Shards listed by `model.safetensors.index.json`.
    case sharded
    /// One file.
    case single(name: String)
    /// None were found.
    case none
  }

  /// The directory that has the config, the shards and the sidecars.
  public let directory: String
  /// Where the weights are in it.
  public let weights: Weights
  /// Whether the user named the directory and not a file in it.
  public let isDirectory: Bool
  /// The names in the directory, sorted.
  public let fileNames: [String]
  /// The revisions of a hub cache between which nothing decides.
  public let revisions: [String]

  /// Resolves a path: a directory, in which an index wins over `model.safetensors`; a hub cache's
  /// `models--ORG--NAME`, through `refs/main` or its only snapshot; or a file.
  ///
  /// - Throws: ``FileError`` where the path cannot be looked at.
  public init(path: String) throws(FileError) {
    isDirectory = try FileStatus(ofPath: path).kind == .directory
    guard isDirectory else {
      directory = Path.parent(of: path)
      fileNames = try directoryContents(directory)
      let name = Path.name(of: path)
      weights = name == SafetensorsIndex.fileName ? .sharded : .single(name: name)
      revisions = []
      return
    }
    let names = try directoryContents(path)
    if let cache = try HubCache(Path.trimmed(path), names: names) {
      revisions = cache.snapshot == nil ? cache.revisions : []
      directory = cache.snapshot ?? Path.trimmed(path)
      fileNames = try directoryContents(directory)
    } else {
      revisions = []
      directory = Path.trimmed(path)
      fileNames = names
    }
    if fileNames.contains(SafetensorsIndex.fileName) {
      weights = .sharded
    } else if fileNames.contains("model.safetensors") {
      weights = .single(name: "model.safetensors")
    } else {
      weights = .none
    }
  }

  /// Whether nothing here looks like a checkpoint.
  public var isEmpty: Bool {
    weights == .none && revisions.isEmpty
      && !fileNames.contains { $0 == "config.json" || $0.hasSuffix(".safetensors") }
  }

  /// The path of a file of the checkpoint.
  public func path(of name: String) -> String { Path.join(directory, name) }
}
