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

  /// A file under a name.
  public init(name: String, file: InputFile) {
    self.name = name
    self.file = file
  }

  /// The name of the config.
  public static let configName = "config.json"
}

/// The files that go with a model's weights.
public struct Sidecars: Sendable {
  /// The files, by name.
  public let files: [Sidecar]
  /// Names that match a sidecar's and are no regular files of a plain name.
  public let skipped: [String]

  /// Those of a checkpoint: what has a sidecar's name.
  ///
  /// - Throws: `FileError` where one cannot be opened.
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
  /// - Throws: `FileError` where one cannot be opened.
  init(of manifest: Manifest, in directory: String) throws(FileError) {
    files = try manifest.sidecars.map { file throws(FileError) in
      Sidecar(name: file.name, file: try InputFile(path: Path.join(directory, file.name)))
    }
    skipped = []
  }

  /// The bytes of all files.
  public var byteCount: Int { files.reduce(0) { $0 + $1.file.byteCount } }
}

extension StoredModel {
  /// The files that go with the weights; none of a GGUF file, which has them in its metadata.
  ///
  /// - Throws: `FileError` where one cannot be opened.
  public func sidecars() throws(FileError) -> Sidecars? {
    switch form {
    case .checkpoint(let checkpoint), .compressedTensors(let checkpoint):
      try Sidecars(of: checkpoint.location)
    case .pack(let pack): try Sidecars(of: pack.manifest, in: directory)
    case .gguf: nil
    }
  }

  /// What is wrong with the files beside the weights, each looked at; nothing of a pack, whose
  /// manifest vouches for them.
  ///
  /// - Throws: `FileError` where one cannot be read.
  public func sidecarDiagnostics() throws(FileError) -> [Diagnostic] {
    if pack != nil { return [] }
    return try sidecars()?.diagnostics() ?? []
  }

  /// The members of `config.json`; none where it is missing or no object.
  ///
  /// - Throws: `FileError` where it cannot be read.
  public func configMembers() throws(FileError) -> [String: JSONValue] {
    let bytes = try configBytes()
    let value = try? JSONValue(parsing: bytes, dialect: .python)
    return if case .object(let members)? = value { members } else { [:] }
  }

  /// The bytes of `config.json`; none where it is missing.
  ///
  /// - Throws: `FileError` where it cannot be read.
  public func configBytes() throws(FileError) -> [UInt8] {
    switch form {
    case .checkpoint(let checkpoint), .compressedTensors(let checkpoint):
      return checkpoint.configBytes
    case .pack:
      return try InputFile.contents(
        ifPresent: Path.join(directory, Sidecar.configName), limit: Limits.configByteCount) ?? []
    case .gguf: return []
    }
  }
}
