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
  let sidecars: [ConversionPlan.Sidecar]
  /// Names that match a sidecar's and are no regular files of a plain name.
  public let skippedSidecars: [String]
  /// The weights' own files.
  private let checkpoint: Checkpoint?

  /// The model of a pack.
  ///
  /// - Throws: ``ExportError``.
  public init(_ pack: PackReader, path: String) throws(ExportError) {
    config = pack.manifest.config
    values = TensorSource(pack)
    self.pack = pack
    checkpoint = nil
    let names = pack.manifest.sidecars.map(\.name)
    sidecars = try filing { () throws(FileError) in
      try names.filter { $0 != Self.configName }.map { name throws(FileError) in
        ConversionPlan.Sidecar(name: name, file: try InputFile(path: Path.join(path, name)))
      }
    }
    skippedSidecars = []
    let bytes = try filing { () throws(FileError) in
      try InputFile.contents(
        ifPresent: Path.join(path, Self.configName), limit: Limits.configByteCount)
    }
    configFile = Self.members(bytes ?? [])
  }

  /// The model of a checkpoint without errors.
  ///
  /// - Throws: ``ExportError``.
  public init(_ checkpoint: Checkpoint) throws(ExportError) {
    guard let config = checkpoint.config, !checkpoint.diagnostics.containErrors else {
      throw .conversion(.refused(path: checkpoint.location.directory, checkpoint.diagnostics))
    }
    self.config = config
    self.checkpoint = checkpoint
    values = TensorSource(checkpoint)
    pack = nil
    do throws(ConversionError) {
      let found = try ConversionPlan.findSidecars(checkpoint.location)
      sidecars = found.0.filter { $0.name != Self.configName }
      skippedSidecars = found.skipped
    } catch {
      throw ExportError(error)
    }
    configFile = Self.members(checkpoint.configBytes)
  }

  private static let configName = "config.json"

  /// Whoever opened the source has read it; what is no object has no members to keep.
  private static func members(_ bytes: [UInt8]) -> [String: JSONValue] {
    if case .object(let members)? = try? JSONValue(parsing: bytes) { members } else { [:] }
  }

  /// Checks that nobody has written to the weights since they were opened.
  func checkUnchanged() throws(FileError) {
    try checkpoint?.checkUnchanged()
    try pack?.checkUnchanged()
  }

  /// How a tensor's values are stored: its encoding in a pack, its dtype in a checkpoint.
  func encoding(of name: String) -> Encoding? {
    if let layout = layout(of: name) { return layout.encoding }
    switch checkpoint?.tensors[name]?.description.dtype {
    case .f32: return .f32
    case .f16: return .f16
    case .bf16: return .bf16
    default: return nil
    }
  }

  /// How a tensor is stored in the pack; nil of a checkpoint.
  func layout(of name: String) -> TensorLayout? {
    pack?.manifest.layout.tensors.first { $0.tensor.name == name }
  }
}
