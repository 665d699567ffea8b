public import HuginnModel
public import Quantization
import Tensors

/// Where every byte of a pack lies: it follows from the model and the recipe alone.
///
/// The writer places tensors by it and the reader holds a manifest against it, so there is one
/// statement of the layout rules (`formats/pack.md`).
public struct PackLayout: Equatable, Sendable {
  /// The segments, in the order of the stages.
  public let segments: [SegmentLayout]

  /// Lays out a pack.
  ///
  /// - Throws: ``LayoutError``, naming the tensor that does not fit its encoding.
  public init(_ config: HuginnConfig, _ recipe: Recipe) throws(LayoutError) {
    try Self.checkGroups(config, recipe)
    var segments: [SegmentLayout] = []
    for stage in Stage.allCases {
      segments.append(try SegmentLayout(stage, config.tensors(of: stage), recipe))
    }
    self.segments = segments
  }

  /// Checks that groups tile every matrix they are chosen for; advice must hold for all of those.
  private static func checkGroups(
    _ config: HuginnConfig, _ recipe: Recipe
  ) throws(LayoutError) {
    let grouped = config.tensors.compactMap { tensor -> (ModelTensor, Encoding, Int)? in
      let encoding = recipe.encoding(of: tensor)
      return encoding.groupSize.map { (tensor, encoding, $0) }
    }
    for (tensor, encoding, size) in grouped
    where !tensor.shape.columns.isMultiple(of: size) {
      let widths = grouped.filter { $0.1 == encoding }.map(\.0.shape.columns)
      throw .groups(
        tensor: tensor.name, size: size, columns: tensor.shape.columns,
        fitting: Encoding.groupSizes(tiling: widths))
    }
  }

  /// The segment of a stage.
  public subscript(stage: Stage) -> SegmentLayout {
    // Stages are laid out in the order of their cases.
    segments[Stage.allCases.firstIndex(of: stage) ?? 0]
  }

  /// All tensors, in segment and offset order.
  public var tensors: [TensorLayout] { segments.flatMap(\.tensors) }

  /// The bytes of all segments.
  public var byteCount: Int { segments.reduce(0) { $0 + $1.byteCount } }
}

/// Where the tensors of one stage lie in its segment.
public struct SegmentLayout: Equatable, Sendable {
  /// The stage, which names the segment.
  public let stage: Stage
  /// The tensors, in file order.
  public let tensors: [TensorLayout]
  /// The length of the file.
  public let byteCount: Int

  /// The name of the segment's file.
  public var fileName: String { "\(stage.rawValue).seg" }

  init(_ stage: Stage, _ tensors: [ModelTensor], _ recipe: Recipe) throws(LayoutError) {
    var layouts: [TensorLayout] = []
    var end = SegmentHeader.byteCount
    for tensor in tensors {
      let encoding = recipe.encoding(of: tensor)
      let planes: [Plane]
      do throws(EncodingError) {
        planes = try encoding.planes(for: tensor.shape)
      } catch {
        throw .encoding(tensor: tensor.name, error)
      }
      var placed: [PlacedPlane] = []
      for (index, plane) in planes.enumerated() {
        let startsUnit = index == 0 && tensor.beginsUnit
        let alignment = startsUnit ? PackConstants.unitAlignment : PackConstants.planeAlignment
        guard let start = end.roundedUp(toMultipleOf: alignment),
          let next = start.adding(plane.byteCount)
        else { throw .overflow(stage) }
        placed.append(PlacedPlane(plane: plane, byteOffset: start))
        end = next
      }
      layouts.append(TensorLayout(tensor: tensor, encoding: encoding, planes: placed))
    }
    guard let length = end.roundedUp(toMultipleOf: PackConstants.unitAlignment) else {
      throw .overflow(stage)
    }
    self.stage = stage
    self.tensors = layouts
    self.byteCount = length
  }

  /// The ranges after the header page that belong to no plane and are zero.
  public var gaps: [Range<Int>] {
    var gaps: [Range<Int>] = []
    var end = SegmentHeader.byteCount
    for plane in tensors.flatMap(\.planes) {
      if end < plane.byteOffset { gaps.append(end..<plane.byteOffset) }
      end = plane.byteRange.upperBound
    }
    if end < byteCount { gaps.append(end..<byteCount) }
    return gaps
  }
}

/// Where one tensor lies.
public struct TensorLayout: Equatable, Sendable {
  /// What it is.
  public let tensor: ModelTensor
  /// How its values are stored.
  public let encoding: Encoding
  /// Its arrays, in file order: values, or codes and then scales.
  public let planes: [PlacedPlane]

  /// The bytes of its planes, without what lies between.
  public var byteCount: Int { planes.reduce(0) { $0 + $1.plane.byteCount } }
}

/// A plane and its place in the segment.
public struct PlacedPlane: Equatable, Sendable {
  /// What it holds.
  public let plane: Plane
  /// Its first byte, from the start of the segment file.
  public let byteOffset: Int

  /// Its bytes, from the start of the segment file.
  public var byteRange: Range<Int> { byteOffset..<byteOffset + plane.byteCount }
}
