import Checkpoint
import FileAccess
import HuginnModel
import Kernels
import Models
import PackFormat
import Parallelism
import Quantization
import StrictJSON
import Tensors

/// What exporting asks of a model.
struct ExportSource: Sendable {
  /// The model.
  let model: StoredModel
  /// Its sizes.
  let config: HuginnConfig
  /// `config.json`, member by member.
  let configFile: [String: JSONValue]
  /// The files beside the weights, the config apart.
  let sidecars: [Sidecar]

  /// The source that a pack is, or a checkpoint without errors.
  ///
  /// - Throws: ``ExportError``.
  init(_ model: StoredModel) throws(ExportError) {
    self.model = model
    let sidecars = try ExportError.wrapping(model.sidecars())
    config = try ExportError.wrapping(model.usableConfig(), as: ExportError.model)
    let members = try ExportError.wrapping(model.configMembers(), as: ExportError.model)
    // A pack's config says what its manifest says, or it would not have been opened.
    configFile = members.isEmpty ? Self.members(of: config) : members
    self.sidecars = (sidecars?.files ?? []).filter { $0.name != HuginnConfig.fileName }
  }

  /// The members of a config that has the sizes and nothing else.
  private static func members(of config: HuginnConfig) -> [String: JSONValue] {
    guard case .object(let members) = config.model else { return [:] }
    // These follow from the others and are no keys of a config.
    return members.filter { !["embedding_scale", "state_std"].contains($0.key) }
  }

  /// Looks at what a checkpoint stores although it follows from other tensors, and would not be in
  /// the export.
  ///
  /// - Throws: ``ExportError/model(_:)`` if it differs from what it should be.
  func checkStoredCopies(
    _ workers: Workers, _ kernels: KernelSet, _ monitor: Monitor
  ) throws(ExportError) {
    guard model.pack == nil else { return }
    // Progress counts what is written.
    let silent = Monitor(advance: { _ in }, isCancelled: { monitor.isCancelled })
    let found = try ExportError.wrapping(
      model.valueDiagnostics(
        .storedCopies, workers: workers, kernels: kernels, monitor: silent),
      as: ExportError.init)
    if found.containErrors { throw .model(.refused(path: model.path, model.diagnostics + found)) }
  }

  /// How a tensor's values are stored: its encoding in a pack, its dtype in a checkpoint.
  func encoding(of name: String) -> Encoding? {
    if let layout = layout(of: name) { return layout.encoding }
    switch model.tensors[name]?.valueDType {
    case .f32: return .f32
    case .f16: return .f16
    case .bf16: return .bf16
    default: return nil
    }
  }

  /// How a tensor is stored in the pack; nil of a checkpoint.
  func layout(of name: String) -> TensorLayout? { model.tensors[name]?.layout }

  /// A tensor that the layout has.
  func tensor(_ name: String) -> StoredTensor {
    guard let tensor = model[name] else {
      preconditionFailure("the layout has been checked: \(name) is there")
    }
    return tensor
  }
}
