public import FileAccess
public import HuginnModel
public import Safetensors
public import Tensors

/// A checkpoint: its config, the headers of all its shards, and what is wrong with them.
///
/// Opening reads headers only. Whatever is found wrong with the object is a diagnostic, so that one
/// run tells all; only what the system refuses is thrown.
public struct Checkpoint: Sendable {
  /// One file of weights.
  public struct Shard: Sendable {
    /// Its name in the directory.
    public let name: String
    /// The open file with its checked header.
    public let safetensors: SafetensorsFile
  }

  /// A tensor and where its bytes are.
  public struct Tensor: Sendable {
    /// Name, dtype and shape.
    public let description: TensorDescription
    /// The position of its shard in ``Checkpoint/shards``.
    public let shard: Int
    /// Its bytes in the shard's file.
    public let byteRange: Range<Int>
    /// The shard's file.
    public let file: InputFile
  }

  /// The index of a sharded checkpoint.
  public struct Index: Sendable {
    /// Its name in the directory.
    public let name: String
    /// The file itself.
    public let bytes: [UInt8]
    /// What it says; nil if it is malformed.
    public let contents: SafetensorsIndex?
  }

  /// Where it is.
  public let location: CheckpointLocation
  /// The typed config; nil if it is missing or has errors.
  public let config: HuginnConfig?
  /// The bytes of the config's file, as they were read; none if it is missing.
  public let configBytes: [UInt8]
  /// The index, of a sharded checkpoint.
  public let index: Index?
  /// The shards that could be opened, by name.
  public let shards: [Shard]
  /// The tensors that could be found, by name.
  public let tensors: [String: Tensor]
  /// Tensors that are stored a second time, which must be the same.
  public let copies: [Tensor]
  /// The model's names by the stored ones, of tensors that a wrapper saved or that are stored under
  /// the name of an alias; empty of others.
  public let modelNames: [String: String]
  /// The scheme of the codes that replace values; nil for float weights.
  public let quantization: String?
  /// What is wrong or noteworthy, judged by headers alone.
  public let diagnostics: [Diagnostic]
  /// Those of ``diagnostics`` that are about files and config, not about tensors.
  public let fileDiagnostics: [Diagnostic]

  /// Opens a checkpoint.
  ///
  /// - Parameters:
  ///   - path: a directory, an index, a file, a folder of a hub's cache.
  ///   - variant: the variant to read of a directory; nil for its plain weights.
  /// - Throws: ``FileError`` if the path does not exist or cannot be read.
  public init(path: String, variant: String? = nil) throws(FileError) {
    let location = try CheckpointLocation(path: path, variant: variant)
    var opening = CheckpointOpening(location)
    try opening.readIndex()
    try opening.openShards()
    opening.collectTensors()
    let config = try opening.readConfig()
    opening.nameTensors(config)
    opening.noteOtherFiles()
    opening.checkMissingShards(config)
    opening.checkTotalSize()
    opening.takeUnlisted(config)
    fileDiagnostics = opening.diagnostics
    opening.checkLayout(config)
    self.location = location
    self.config = config
    self.configBytes = opening.configBytes
    self.index = opening.index
    self.shards = opening.shards
    self.tensors = opening.tensors
    self.copies = opening.copies
    self.modelNames = (opening.renaming?.names ?? [:]).merging(opening.aliases) { $1 }
    self.quantization = opening.quantization
    self.diagnostics = opening.diagnostics
  }

  /// The bytes of all shards.
  public var byteCount: Int { shards.reduce(0) { $0 + $1.safetensors.file.byteCount } }

  /// Checks that nobody has written to the shards since they were opened.
  ///
  /// - Throws: `FileError/changed(path:)`.
  public func checkUnchanged() throws(FileError) {
    for shard in shards { try shard.safetensors.file.checkUnchanged() }
  }
}

extension Sequence<Diagnostic> {
  /// Whether one of them is an error.
  public var containErrors: Bool { contains { $0.severity == .error } }
}
