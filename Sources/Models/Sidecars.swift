public import Checkpoint
public import FileAccess
public import HuginnModel
import PackFormat
public import StrictJSON

/// A file that goes with a model's weights: config, tokenizer, licence and the like.
public struct Sidecar: Sendable {
  /// Its name, beside the weights and wherever it is copied to.
  public let name: String
  /// Open for reading.
  public let file: InputFile
  /// What vouches for its bytes; nil beside a checkpoint.
  private let pack: PackReader?

  /// A file under a name.
  public init(name: String, file: InputFile) {
    (self.name, self.file, pack) = (name, file, nil)
  }

  /// A sidecar of a pack.
  ///
  /// - Throws: `FileError` if it cannot be opened.
  init(name: String, of pack: PackReader) throws(FileError) {
    self.name = name
    self.file = try pack.directory.file(name)
    self.pack = pack
  }

  /// Its bytes, of a small file; those of a pack are what was copied.
  ///
  /// - Throws: ``ModelError``.
  public func contents(limit: Int) throws(ModelError) -> [UInt8] {
    let stored = try ModelError.wrapping(
      pack?.sidecar(name, limit: limit), as: ModelError.pack)
    if let stored { return stored }
    return try ModelError.wrapping(file.contents(limit: limit))
  }

  /// Reads it from its first to its last byte; those of a pack are what was copied.
  ///
  /// - Parameter body: given each run of bytes and where it begins.
  /// - Throws: ``ModelError``, also if the bytes given are not those that were copied, or somebody
  ///   wrote to the file meanwhile.
  public func read(
    _ body: (_ bytes: RawSpan, _ byteOffset: Int) throws(FileError) -> Void
  ) throws(ModelError) {
    if let pack, let sidecar = pack.manifest.sidecars.first(where: { $0.name == name }) {
      return try ModelError.wrapping(pack.read(sidecar, body), as: ModelError.pack)
    }
    try ModelError.wrapping { () throws(FileError) in
      try file.forEachRun(in: 0..<file.byteCount) { bytes, offset throws(FileError) in
        try body(bytes, offset)
        return true
      }
      try file.checkUnchanged()
    }
  }
}

/// The files that go with a model's weights.
public struct Sidecars: Sendable {
  /// The files, by name.
  public let files: [Sidecar]
  /// Names that match a sidecar's but are not regular files with a plain name.
  public let skipped: [String]

  /// Those of a checkpoint: what has a sidecar's name.
  ///
  /// - Throws: `FileError` if one cannot be opened.
  public init(of location: CheckpointLocation) throws(FileError) {
    var files: [Sidecar] = []
    var skipped: [String] = []
    for name in location.fileNames where PackFileNames.isSidecar(name) {
      do throws(FileError) {
        guard Path.isPlainName(name) else {
          skipped.append(name)
          continue
        }
        files.append(Sidecar(name: name, file: try InputFile(path: location.path(of: name))))
      } catch {
        guard error.isOfOtherKind else { throw error }
        skipped.append(name)
      }
    }
    (self.files, self.skipped) = (files, skipped)
  }

  /// Those of a pack, as its manifest lists them.
  ///
  /// - Throws: `FileError` if one cannot be opened.
  init(of pack: PackReader) throws(FileError) {
    files = try pack.manifest.sidecars.map { file throws(FileError) in
      try Sidecar(name: file.name, of: pack)
    }
    skipped = []
  }

  /// The bytes of all files.
  public var byteCount: Int { files.reduce(0) { $0 + $1.file.byteCount } }
}

extension StoredModel {
  /// The files that go with the weights; none of a GGUF file, which has them in its metadata.
  ///
  /// - Throws: `FileError` if one cannot be opened.
  public func sidecars() throws(FileError) -> Sidecars? {
    switch form {
    case .checkpoint(let checkpoint), .compressedTensors(let checkpoint):
      try Sidecars(of: checkpoint.location)
    case .pack(let pack): try Sidecars(of: pack)
    case .gguf: nil
    }
  }

  /// Warnings of files beside the weights whose content lies elsewhere and would be copied.
  ///
  /// - Throws: `FileError` if one cannot be opened.
  public func linkDiagnostics() throws(FileError) -> [Diagnostic] {
    Diagnostic.linksOutside(among: try sidecars()?.files.map(\.name) ?? [], in: directory)
  }

  /// What is wrong with the files beside the weights, each looked at; nothing of a pack, whose
  /// manifest vouches for them.
  ///
  /// - Throws: `FileError` if one cannot be read.
  public func sidecarDiagnostics() throws(FileError) -> [Diagnostic] {
    if pack != nil { return [] }
    return try sidecars()?.diagnostics() ?? []
  }

  /// One of the files that go with the weights; nil if there is none of this name, or none that a
  /// pack's manifest vouches for.
  ///
  /// - Throws: ``ModelError/file(_:)`` if it cannot be opened.
  public func sidecar(_ name: String) throws(ModelError) -> Sidecar? {
    do throws(FileError) {
      switch form {
      case .checkpoint, .compressedTensors:
        return Sidecar(name: name, file: try InputFile(path: Path.join(directory, name)))
      case .pack(let pack):
        let isListed = pack.manifest.sidecars.contains { $0.name == name }
        return isListed ? try Sidecar(name: name, of: pack) : nil
      case .gguf: return nil
      }
    } catch {
      if error.isNotFound, pack == nil { return nil }
      throw .file(error)
    }
  }

  /// The members of `config.json`; none if it is missing or not an object.
  ///
  /// - Throws: ``ModelError`` if it cannot be read.
  public func configMembers() throws(ModelError) -> [String: JSONValue] {
    let bytes = try configBytes()
    let value = try? JSONValue(parsing: bytes, dialect: .python)
    return if case .object(let members)? = value { members } else { [:] }
  }

  /// The bytes of `config.json`; none if it is missing.
  ///
  /// - Throws: ``ModelError`` if it cannot be read.
  public func configBytes() throws(ModelError) -> [UInt8] {
    if case .checkpoint(let checkpoint) = form { return checkpoint.configBytes }
    if case .compressedTensors(let checkpoint) = form { return checkpoint.configBytes }
    if let bytes = pack?.config { return bytes }
    return try sidecar(HuginnConfig.fileName)?.contents(limit: ModelLimits.configByteCount) ?? []
  }
}
