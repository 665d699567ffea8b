public import FileAccess
import HuginnModel
import Safetensors

/// What a user's path to a checkpoint means.
public struct CheckpointLocation: Equatable, Sendable {
  /// Where the weights are.
  public enum Weights: Equatable, Sendable {
    /// Shards listed by an index.
    case sharded(index: String)
    /// Shards without an index, whose names count them.
    case counted(shards: [String])
    /// One file.
    case single(name: String)
    /// None were found, or nothing decides between several.
    case none
  }

  /// The directory that has the config, the shards and the sidecars.
  public let directory: String
  /// Where the weights are in it.
  public let weights: Weights
  /// An index of the same variant beside a whole file, which loaders do not read.
  public let indexBeside: String?
  /// Whether the user named the directory and not a file in it.
  public let isDirectory: Bool
  /// The names in the directory, sorted.
  public let fileNames: [String]
  /// The revisions of a hub cache between which nothing decides.
  public let revisions: [String]
  /// The variants that have weights, sorted.
  public let variants: [String]
  /// The variant that was asked for.
  public let wantedVariant: String?

  /// Resolves a path: a directory, a hub cache's `models--ORG--NAME`, through `refs/main` or its
  /// only snapshot; an index; or a file of weights.
  ///
  /// In a directory `model.safetensors` wins over an index, as transformers 5 has it
  /// (`modeling_utils._get_resolved_checkpoint_files`); without either, shards whose names count
  /// them are read together. The only variant is taken where there are no plain weights.
  ///
  /// - Parameters:
  ///   - path: the path.
  ///   - variant: the variant to read, as transformers calls the part in
  ///     `model.VARIANT.safetensors`; nil for the plain weights.
  /// - Throws: ``FileError`` if the path cannot be looked at.
  public init(path: String, variant: String? = nil) throws(FileError) {
    isDirectory = try FileStatus(ofPath: path).kind == .directory
    wantedVariant = variant
    guard isDirectory else {
      directory = Path.parent(of: path)
      fileNames = try directoryContents(directory)
      let name = Path.name(of: path)
      weights = WeightName(name)?.kind == .index ? .sharded(index: name) : .single(name: name)
      (revisions, variants, indexBeside) = ([], [], nil)
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
    let files = WeightFiles(fileNames)
    variants = files.variants
    let save =
      files.saves[variant]
      ?? (variant == nil && variants.count == 1 ? files.saves[variants[0]] : nil)
    weights = save?.weights ?? .none
    indexBeside = save?.whole == nil ? nil : save?.index
  }

  /// Whether nothing here looks like a checkpoint.
  public var isEmpty: Bool {
    weights == .none && revisions.isEmpty
      && !fileNames.contains { $0 == HuginnConfig.fileName || $0.hasSuffix(".safetensors") }
  }

  /// The path of a file of the checkpoint.
  public func path(of name: String) -> String { Path.join(directory, name) }
}
