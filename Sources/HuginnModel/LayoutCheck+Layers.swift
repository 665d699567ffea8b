import Tensors

/// A layer of a stage; outside layers, nothing is one.
struct Layer: Hashable {
  let stage: Stage
  let number: Int?

  init(_ tensor: ModelTensor) {
    stage = tensor.stage
    number = tensor.layer
  }
}

extension HuginnConfig {
  /// The layers without any tensor, in the order of the model.
  func wholeLayers(of absent: [ModelTensor]) -> [Layer] {
    let sizes = Dictionary(grouping: tensors, by: Layer.init).mapValues(\.count)
    let missing = Dictionary(grouping: absent, by: Layer.init).mapValues(\.count)
    var seen: Set<Layer> = []
    return absent.map(Layer.init).filter { layer in
      layer.number != nil && missing[layer] == sizes[layer] && seen.insert(layer).inserted
    }
  }

  /// The findings for layers that are not there at all: a gap, or the end of a stage.
  func missing(_ layers: [Layer], present: [String: TensorDescription]) -> [Diagnostic] {
    guard !layers.isEmpty else { return [] }
    var numbers: [Stage: Set<Int>] = [:]
    for place in present.keys.map(TensorPlace.of) {
      if let stage = place.stage, let number = place.layer {
        numbers[stage, default: []].insert(number)
      }
    }
    let lists = numbers.mapValues(Self.list)
    return layers.map { layer in
      let number = layer.number ?? 0
      let isGap = (numbers[layer.stage]?.max() ?? 0) > number
      return Diagnostic(
        .layerMissing, subject: "\(layer.stage.layerPrefix ?? "")\(number)",
        expected: "\(layerCount(of: layer.stage)) layers in the \(layer.stage.rawValue)",
        found: lists[layer.stage] ?? "none",
        hint: isGap
          ? "layers must be numbered without gaps: the checkpoint is incomplete, or layers were removed"
          : "the checkpoint is incomplete, or the config counts more layers than the weights have")
    }
  }

  /// The first layers of a stage; a hostile list may number thousands.
  private static func list(_ numbers: Set<Int>) -> String {
    let first = numbers.sorted().prefix(8).map { String($0) }
    return "layers " + (first + (numbers.count > 8 ? ["…"] : [])).joined(separator: ", ")
  }

  /// Matrices of several dtypes: legal, and rarely meant.
  func mixedDTypes(of tensors: [String: TensorDescription]) -> [Diagnostic] {
    let matrices = self.tensors.filter { $0.kind == .matrix }.compactMap { tensors[$0.name] }
    // Equal counts are ordered by name: the finding is the same on every run.
    let groups = Dictionary(grouping: matrices, by: \.dtype).sorted {
      ($1.value.count, $0.key.rawValue) < ($0.value.count, $1.key.rawValue)
    }
    guard groups.count > 1, let first = groups.last?.value.first else { return [] }
    let counts = groups.map { "\($0.value.count) in \($0.key.rawValue)" }.joined(separator: ", ")
    return [
      Diagnostic(
        .dtypeMixed, subject: first.name, expected: "matrices of one dtype", found: counts,
        hint: "shards of several saves may be mixed; each tensor is converted from its own dtype")
    ]
  }
}
