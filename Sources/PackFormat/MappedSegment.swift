import FileAccess
import HuginnModel
public import Quantization
import Tensors

/// A stage's segment as it lies in memory: typed, bounds-checked views without a copy.
///
/// Views cannot outlive the ``Pack`` they come from; the compiler sees to it.
public struct MappedSegment: ~Escapable {
  /// The whole segment: page-aligned, a multiple of 16384 bytes.
  public let bytes: RawSpan
  /// Where its tensors lie.
  public let layout: SegmentLayout

  @_lifetime(copy bytes)
  init(_ bytes: RawSpan, _ layout: SegmentLayout) {
    self.bytes = bytes
    self.layout = layout
  }

  /// The place of a tensor, by its full name.
  ///
  /// - Throws: ``PackError/noTensor(name:)``.
  public func tensor(_ name: String) throws(PackError) -> TensorLayout {
    guard let tensor = layout.tensors.first(where: { $0.tensor.name == name }) else {
      throw .noTensor(name: name)
    }
    return tensor
  }

  /// The elements of one plane of a tensor of this segment, row-major.
  ///
  /// - Parameters:
  ///   - role: values, or codes and scales.
  ///   - tensor: from ``tensor(_:)`` or ``layout``.
  ///   - type: what the plane's dtype is stored in: `Float` for F32, `UInt16` for the bits of F16
  ///     and BF16, `Int8` for I8, ``CodePair`` for U4.
  /// - Returns: a view into the map.
  /// - Throws: ``PackError/noTensor(name:)``, ``PackError/noPlane(tensor:role:)``,
  ///   ``PackError/planeType(tensor:dtype:)``.
  @_lifetime(copy self)
  public func view<Element: PlaneElement>(
    _ role: Plane.Role, of tensor: TensorLayout, as type: Element.Type
  ) throws(PackError) -> Span<Element> {
    guard tensor.tensor.stage == layout.stage else { throw .noTensor(name: tensor.tensor.name) }
    guard let placed = tensor.planes.first(where: { $0.plane.role == role }) else {
      throw .noPlane(tensor: tensor.tensor.name, role: role)
    }
    guard Element.dtypes.contains(placed.plane.dtype) else {
      throw .planeType(tensor: tensor.tensor.name, dtype: placed.plane.dtype)
    }
    do throws(ViewError) {
      return try bytes.view(
        of: type, at: placed.byteOffset,
        count: placed.plane.byteCount / MemoryLayout<Element>.stride)
    } catch {
      throw .view(tensor: tensor.tensor.name, error)
    }
  }
}
