public import Checkpoint
import Conversion
import FileAccess
public import HuginnModel
import Kernels
public import PackFormat
import Quantization
import StrictJSON
import Tensors

/// A model to be exported: its sizes, its values wherever they lie, and the files beside them.
public struct ExportSource: Sendable {
  /// Its sizes.
  public let config: HuginnConfig
  /// Its tensors' values, by name.
  let values: TensorSource
  /// The pack that they come from; nil of a checkpoint.
  let pack: PackReader?
  /// `config.json`, member by member.
  let configFile: [String: JSONValue]
  /// The files to copy: tokenizer, licence and the like.
  let sidecars: [(name: String, file: InputFile)]

  /// The model of a pack.
  ///
  /// - Throws: ``ExportError``.
  public init(_ pack: PackReader, path: String) throws(ExportError) {
    config = pack.manifest.config
    values = TensorSource(pack)
    self.pack = pack
    let names = pack.manifest.sidecars.map(\.name)
    (configFile, sidecars) = try Self.readFiles(names, in: path)
  }

  /// The model of a checkpoint without errors.
  ///
  /// - Throws: ``ExportError``.
  public init(_ checkpoint: Checkpoint) throws(ExportError) {
    guard let config = checkpoint.config, !checkpoint.diagnostics.containErrors else {
      throw .conversion(.refused(path: checkpoint.location.directory, checkpoint.diagnostics))
    }
    self.config = config
    values = TensorSource(checkpoint)
    pack = nil
    let location = checkpoint.location
    let names = location.fileNames.filter { PackFileNames.isSidecar($0) && Path.isPlainName($0) }
    (configFile, sidecars) = try Self.readFiles(names, in: location.directory)
  }

  private static func readFiles(
    _ names: [String], in directory: String
  ) throws(ExportError) -> (config: [String: JSONValue], [(name: String, file: InputFile)]) {
    var config: [String: JSONValue] = [:]
    var sidecars: [(name: String, file: InputFile)] = []
    for name in names {
      let path = Path.join(directory, name)
      do throws(FileError) {
        if name == "config.json" {
          let bytes = try InputFile.contents(of: path, limit: Limits.configByteCount)
          // Whoever opened the source has read it; what is no object has no members to keep.
          if case .object(let members)? = try? JSONValue(parsing: bytes) { config = members }
        } else {
          sidecars.append((name, try InputFile(path: path)))
        }
      } catch {
        throw .file(error)
      }
    }
    return (config, sidecars)
  }

  /// How a tensor is stored in the pack; nil of a checkpoint.
  func layout(of name: String) -> TensorLayout? {
    pack?.manifest.layout.tensors.first { $0.tensor.name == name }
  }
}
