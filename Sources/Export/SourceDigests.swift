import FileAccess
import HuginnModel
import Integrity
import Models
import PackFormat

/// The part of a pack that an export reads, hashed plane by plane while it is read.
///
/// Damage is then not passed on as a new checkpoint. Of another source nothing is known, and nothing is
/// hashed.
struct SourceDigests: Sendable {
  /// What takes the bytes of one plane in order.
  struct Lane: Sendable {
    let number: Int
    var hasher = SHA256Hasher()
  }

  private let pack: PackReader?
  /// The tensors of the pack by their names, each with the lane of its first plane.
  private let tensors: [String: (layout: TensorLayout, lane: Int)]
  /// A lane for each plane of each tensor of the pack.
  var lanes: [Lane]

  init(of model: StoredModel) {
    pack = model.pack
    var tensors: [String: (layout: TensorLayout, lane: Int)] = [:]
    var count = 0
    for layout in model.pack?.manifest.layout.tensors ?? [] {
      tensors[layout.tensor.name] = (layout, count)
      count += layout.planes.count
    }
    self.tensors = tensors
    lanes = (0..<count).map { Lane(number: $0) }
  }

  /// The planes of the source that content is made of, and the lanes that take them.
  func planes(of content: ExportTensor.Content) -> [(plane: Int, lane: Int)] {
    switch content {
    case .values(let name, _), .blocks(let name, _): planes(of: name)
    case .regrouped(let layout, _): planes(of: layout.tensor.name)
    case .codes(let layout), .words(let layout):
      planes(of: layout.tensor.name).filter { $0.plane == 0 }
    case .scales(let layout): planes(of: layout.tensor.name).filter { $0.plane == 1 }
    case .shape, .rotaryTable: []
    }
  }

  private func planes(of name: String) -> [(plane: Int, lane: Int)] {
    guard let (layout, first) = tensors[name] else { return [] }
    return layout.planes.indices.map { ($0, first + $0) }
  }

  /// Checks that all that was read is what the manifest says.
  ///
  /// - Throws: ``ExportError``.
  func check() throws(ExportError) {
    guard let pack else { return }
    for layout in pack.manifest.layout.tensors {
      let hashers = planes(of: layout.tensor.name).map { lanes[$0.lane].hasher }
      let fault = try ExportError.wrapping(pack.fault(of: layout, hashers))
      if let fault { throw .model(.pack(.faulty(path: pack.directory.path, fault))) }
    }
  }
}
