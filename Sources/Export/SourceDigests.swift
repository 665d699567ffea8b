import FileAccess
import HuginnModel
import Integrity
import Models
import PackFormat

/// What an export reads of a pack, hashed plane by plane as it is read.
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
  /// The lane of the first plane of each tensor, by its name.
  private let firstLanes: [String: Int]
  /// A lane for each plane of each tensor of the pack.
  var lanes: [Lane]

  init(of model: StoredModel) {
    pack = model.pack
    var (firstLanes, count): ([String: Int], Int) = ([:], 0)
    for layout in model.pack?.manifest.layout.tensors ?? [] {
      firstLanes[layout.tensor.name] = count
      count += layout.planes.count
    }
    self.firstLanes = firstLanes
    lanes = (0..<count).map { Lane(number: $0) }
  }

  /// The planes of the source that content is made of, and the lanes that take them.
  func planes(of content: ExportTensor.Content) -> [(plane: Int, lane: Int)] {
    let (name, planes): (String, [Int]?) =
      switch content {
      case .values(let name, _), .blocks(let name): (name, nil)
      case .regrouped(let layout): (layout.tensor.name, nil)
      case .codes(let layout, _): (layout.tensor.name, [0])
      case .scales(let layout): (layout.tensor.name, [1])
      case .shape, .rotaryTable: ("", nil)
      }
    guard let first = firstLanes[name], let layout = layout(of: name) else { return [] }
    return (planes ?? Array(layout.planes.indices)).map { ($0, first + $0) }
  }

  /// Checks that all that was read is what the manifest says.
  ///
  /// - Throws: ``ExportError``.
  func check() throws(ExportError) {
    guard let pack else { return }
    for layout in pack.manifest.layout.tensors {
      guard let first = firstLanes[layout.tensor.name] else { continue }
      let hashers = layout.planes.indices.map { lanes[first + $0].hasher }
      let fault = try filing { () throws(FileError) in try pack.fault(of: layout, hashers) }
      if let fault { throw .model(.pack(.faulty(path: pack.directory.path, fault))) }
    }
  }

  private func layout(of name: String) -> TensorLayout? {
    pack?.manifest.layout.tensors.first { $0.tensor.name == name }
  }
}
