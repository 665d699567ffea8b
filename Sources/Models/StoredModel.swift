public import Checkpoint
public import FileAccess
public import GGUF
public import HuginnModel
public import PackFormat
import Safetensors
import Tensors

/// A model in files, wherever it lies and whatever their format: opened once, and asked by all
/// verbs.
///
/// Opening reads headers only. What is wrong with a checkpoint or an export is a diagnostic, so that
/// one run tells all; a pack is opened or refused.
public struct StoredModel: Sendable {
  /// The form of the files.
  public enum Form: Sendable {
    /// A directory or a file of safetensors.
    case checkpoint(Checkpoint)
    /// A pack.
    case pack(PackReader)
    /// A checkpoint whose matrices are stored as the codes of compressed-tensors.
    case compressedTensors(Checkpoint)
    /// A GGUF file; nil if its header is malformed.
    case gguf(GGUFFile?)
  }

  /// The path that it was opened by, as the caller wrote it.
  public let path: String
  /// The form of the files.
  public let form: Form
  /// The typed config; nil if it is missing or has errors.
  public let config: HuginnConfig?
  /// The tensors that could be found, by the reference's names; those that the model does not have
  /// by their own.
  public let tensors: [String: StoredTensor]
  /// Tensors that are stored a second time, in another file.
  var copies: [StoredTensor] {
    guard case .checkpoint(let checkpoint) = form else { return [] }
    return checkpoint.copies.map { StoredTensor($0.description, in: $0.file, $0.byteRange) }
  }
  /// What is wrong or noteworthy, judged by headers alone.
  public let diagnostics: [Diagnostic]
  /// The files that hold the tensors, by name, with their bytes.
  public let weightFiles: [(name: String, byteCount: Int)]

  init(
    path: String, _ form: Form, _ config: HuginnConfig?, _ tensors: [String: StoredTensor],
    _ diagnostics: [Diagnostic], files: [(name: String, byteCount: Int)]
  ) {
    self.path = path
    self.form = form
    self.config = config
    self.tensors = tensors
    self.diagnostics = diagnostics
    self.weightFiles = files
  }

  /// Opens a pack, a checkpoint, or what was exported for another engine.
  ///
  /// - Parameters:
  ///   - path: where it lies.
  ///   - variant: the variant to read of a checkpoint's directory; nil for its plain weights.
  /// - Throws: ``ModelError/file(_:)`` if the path cannot be read, ``ModelError/pack(_:)`` if it is
  ///   a pack that is refused.
  public init(path: String, variant: String? = nil) throws(ModelError) {
    let kind = try ModelError.wrapping(PathKind(of: path))
    switch kind {
    case .pack:
      let pack = try ModelError.wrapping(PackReader(path: path), as: ModelError.pack)
      self.init(pack, path: path)
    case .gguf:
      self = try ModelError.wrapping(StoredModel(ggufPath: path))
    case .checkpoint:
      self = try ModelError.wrapping { () throws(FileError) in
        try StoredModel(try Checkpoint(path: path, variant: variant), path: path)
      }
    }
  }

  /// The model of a checkpoint that is open.
  ///
  /// - Throws: `FileError` if a shard cannot be read.
  public init(_ checkpoint: Checkpoint, path: String) throws(FileError) {
    if let model = try StoredModel(compressedTensors: checkpoint, path: path) {
      self = model
      return
    }
    self.init(
      path: path, .checkpoint(checkpoint), checkpoint.config, checkpoint.storedTensors,
      checkpoint.diagnostics, files: checkpoint.weightFiles)
  }

  /// The model of a pack that is open.
  public init(_ pack: PackReader, path: String) {
    let layout = pack.manifest.layout
    let tensors = layout.tensors.map { ($0.tensor.name, StoredTensor($0, in: pack)) }
    self.init(
      path: path, .pack(pack), pack.manifest.config, Dictionary(uniqueKeysWithValues: tensors), [],
      files: layout.segments.map { ($0.fileName, $0.byteCount) })
  }

  /// The bytes of all files of weights.
  public var byteCount: Int { weightFiles.reduce(0) { $0 + $1.byteCount } }

  /// The pack that it is; nil of another form.
  public var pack: PackReader? { if case .pack(let pack) = form { pack } else { nil } }

  /// The directory that has the files beside the weights.
  public var directory: String {
    switch form {
    case .checkpoint(let checkpoint), .compressedTensors(let checkpoint):
      checkpoint.location.directory
    case .pack: Path.trimmed(path)
    case .gguf: Path.parent(of: path)
    }
  }

  /// Checks that nobody has written to the weights since they were opened.
  ///
  /// - Throws: `FileError/changed(path:)`.
  public func checkUnchanged() throws(FileError) {
    switch form {
    case .checkpoint(let checkpoint), .compressedTensors(let checkpoint):
      try checkpoint.checkUnchanged()
    case .pack(let pack): try pack.checkUnchanged()
    case .gguf(let file): try file?.file.checkUnchanged()
    }
  }

  // MARK: - Names

  /// The stored tensor of this name, or the one that the name means.
  public subscript(name: String) -> StoredTensor? {
    if let tensor = tensors[name] { return tensor }
    guard name == HuginnConfig.headName, config?.tiesEmbeddings == true else { return nil }
    return tensors[HuginnConfig.embeddingName]
  }

  /// Names that follow from the config and need not be stored.
  public static let derivedNames: Set<String> = [HuginnConfig.rotaryTableName]
}

/// The kind of thing at a path, judged by its name and its first bytes.
public enum PathKind: Sendable {
  /// A directory that has a manifest or a segment.
  case pack
  /// A file that begins as GGUF does.
  case gguf
  /// Anything else, which is judged as a checkpoint.
  case checkpoint

  /// Tells what a path leads to.
  ///
  /// - Throws: `FileError` if it cannot be looked at.
  public init(of path: String) throws(FileError) {
    switch try FileStatus(ofPath: path).kind {
    case .directory: self = try PackFileNames.isPackDirectory(path) ? .pack : .checkpoint
    case .regular: self = try Self.beginsAsGGUF(path) ? .gguf : .checkpoint
    default: self = .checkpoint
    }
  }

  private static func beginsAsGGUF(_ path: String) throws(FileError) -> Bool {
    let file = try InputFile(path: path)
    let start = try file.read(at: 0, count: min(file.byteCount, ForeignFormat.prefixByteCount))
    return ForeignFormat(startingWith: start) == .gguf
  }
}

extension Checkpoint {
  /// The tensors of all shards.
  var storedTensors: [String: StoredTensor] {
    tensors.mapValues { StoredTensor($0.description, in: $0.file, $0.byteRange) }
  }

  /// The shards.
  var weightFiles: [(name: String, byteCount: Int)] {
    shards.map { ($0.name, $0.safetensors.file.byteCount) }
  }
}
