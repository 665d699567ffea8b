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
  /// The layers of which every tensor is absent, in the order of the model.
  func wholeLayers(of absent: [ModelTensor]) -> [Layer] {
    let sizes = Dictionary(grouping: tensors, by: Layer.init).mapValues(\.count)
    let missing = Dictionary(grouping: absent, by: Layer.init).mapValues(\.count)
    var seen: Set<Layer> = []
    return absent.map(Layer.init).filter { layer in
      layer.number != nil && missing[layer] == sizes[layer] && seen.insert(layer).inserted
    }
  }

  /// The finding for a layer that is not there at all: a gap, or the end of a stage.
  func missing(_ layer: Layer, present: [String: TensorDescription]) -> Diagnostic {
    let numbers = Set(
      present.keys.map(TensorPlace.of).filter { $0.stage == layer.stage }.compactMap(\.layer))
    let list = numbers.sorted().map { String($0) }.joined(separator: ", ")
    let isGap = (numbers.max() ?? 0) > (layer.number ?? 0)
    let prefix = layer.stage.layerPrefix ?? ""
    return Diagnostic(
      .layerMissing, subject: "\(prefix)\(layer.number ?? 0)",
      expected: "\(layerCount(of: layer.stage)) layers in the \(layer.stage.rawValue)",
      found: numbers.isEmpty ? "none" : "layers \(list)",
      hint: isGap
        ? "layers are numbered without a gap: the checkpoint is incomplete, or was cut on purpose"
        : "the checkpoint is incomplete, or the config counts more layers than the weights have")
  }

  /// Matrices of several dtypes: legal, and rarely meant.
  func mixedDTypes(of tensors: [String: TensorDescription]) -> [Diagnostic] {
    let matrices = self.tensors.filter { $0.kind == .matrix }.compactMap { tensors[$0.name] }
    let groups = Dictionary(grouping: matrices, by: \.dtype).sorted { $0.value.count > $1.value.count }
    guard groups.count > 1, let rarest = groups.last, let first = rarest.value.first else { return [] }
    let counts = groups.map { "\($0.value.count) in \($0.key.rawValue)" }.joined(separator: ", ")
    return [
      Diagnostic(
        .dtypeMixed, subject: first.name, expected: "matrices of one dtype", found: counts,
        hint: "shards of several saves may be mixed; each tensor is converted from its own dtype")
    ]
  }
}
