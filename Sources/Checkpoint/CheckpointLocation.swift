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

  /// Resolves a path: a directory, in which an index wins over `model.safetensors`, or a file.
  ///
  /// - Throws: ``FileError`` where the path cannot be looked at.
  public init(path: String) throws(FileError) {
    let status = try FileStatus(ofPath: path)
    isDirectory = status.kind == .directory
    if isDirectory {
      directory = Path.trimmed(path)
      fileNames = try directoryContents(path)
      if fileNames.contains(SafetensorsIndex.fileName) {
        weights = .sharded
      } else if fileNames.contains("model.safetensors") {
        weights = .single(name: "model.safetensors")
      } else {
        weights = .none
      }
    } else {
      let parent = Path.parent(of: path)
      directory = parent
      fileNames = try directoryContents(parent)
      let name = Path.name(of: path)
      weights = name == SafetensorsIndex.fileName ? .sharded : .single(name: name)
    }
  }

  /// The path of a file of the checkpoint.
  public func path(of name: String) -> String { Path.join(directory, name) }
}
