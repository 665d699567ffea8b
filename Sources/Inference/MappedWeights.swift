import FileAccess
import HuginnModel
import Kernels
import Models
import Tensors

/// The weights of a model where they lie: its files, mapped.
///
/// Kernels take rows at any alignment, so nothing is copied, and pages are read when they are
/// touched.
struct MappedWeights: Sendable {
  private let tensors: [String: Place]

  /// Where a tensor is.
  private struct Place: Sendable {
    let mapping: Mapping
    let shape: Shape
    let scheme: MatrixScheme
    let elements: Range<Int>
    let scales: Range<Int>
  }

  /// A mapped file that its tensors share.
  private final class Mapping: Sendable {
    let file: MappedFile
    init(_ file: InputFile) throws(FileError) { self.file = try MappedFile(file) }
  }

  /// The weights of a pack, or of a checkpoint without errors.
  ///
  /// - Throws: `FileError` if a file cannot be mapped, or has changed since it was opened.
  init(_ model: StoredModel) throws(FileError) {
    var mappings: [ObjectIdentifier: Mapping] = [:]
    var tensors: [String: Place] = [:]
    for (name, tensor) in model.tensors {
      guard let matrix = tensor.matrix else { continue }
      let id = ObjectIdentifier(tensor.file)
      let mapping = if let mapped = mappings[id] { mapped } else { try Mapping(tensor.file) }
      mappings[id] = mapping
      tensors[name] = Place(
        mapping: mapping, shape: tensor.shape, scheme: matrix.scheme, elements: matrix.elements,
        scales: matrix.scales)
    }
    self.tensors = tensors
  }

  /// The weights of one model, and of another those tensors that are named.
  init(_ base: MappedWeights, taking names: Set<String>, from other: MappedWeights) {
    tensors = base.tensors.merging(other.tensors.filter { names.contains($0.key) }) { $1 }
  }

  /// Looks at a tensor as a matrix; a vector is one row.
  func withMatrix<Value>(_ name: String, _ body: (StoredMatrix) -> Value) -> Value {
    guard let place = tensors[name] else {
      preconditionFailure("the layout has been checked: \(name) is there")
    }
    return Self.withMatrix(place, in: place.mapping.file, body)
  }

  private static func withMatrix<Value>(
    _ place: Place, in file: borrowing MappedFile, _ body: (StoredMatrix) -> Value
  ) -> Value {
    let bytes = file.bytes
    return body(
      StoredMatrix(
        place.scheme, rows: place.shape.rows, columns: place.shape.columns,
        elements: bytes.extracting(place.elements), scales: bytes.extracting(place.scales)))
  }
}
