public import Tensors

/// A tensor that the architecture has.
public struct ModelTensor: Equatable, Sendable {
  /// How a tensor is stored: matrices in the chosen encoding, vectors always in F32.
  public enum Kind: Sendable {
    case matrix, vector
  }

  /// The checkpoint's name for it.
  public let name: String
  /// The stage that it belongs to.
  public let stage: Stage
  /// The layer within the stage; nil outside layers.
  public let layer: Int?
  /// The shape that the config gives it.
  public let shape: Shape
  /// How it is stored.
  public let kind: Kind
  /// Whether a unit of the pack begins with it: a layer, the adapter, an end norm, a head.
  public let beginsUnit: Bool

  /// The module that it is the weight of: its name without `.weight`.
  public var moduleName: String {
    name.hasSuffix(".weight") ? String(name.dropLast(".weight".count)) : name
  }
}

extension HuginnConfig {
  /// The embedding's name.
  public static let embeddingName = "transformer.wte.weight"
  /// The output head's name, an alias of the embedding under tying.
  public static let headName = "lm_head.weight"
  /// The name of the rotary table, which is derived and never stored in a pack.
  public static let rotaryTableName = "freqs_cis"

  /// All tensors that a pack stores, stage by stage, in the order of the forward pass.
  ///
  /// Not among them: the rotary table, and the head of a model with tied embeddings.
  public var tensors: [ModelTensor] { Stage.allCases.flatMap { tensors(of: $0) } }

  /// The parameters of the model, each once: the elements of ``tensors``.
  public var parameterCount: Int { tensors.reduce(0) { $0 + $1.shape.elementCount } }

  /// The tensors of one stage, in order.
  public func tensors(of stage: Stage) -> [ModelTensor] {
    let (width, rows) = (embeddingSize, paddedVocabularySize)
    func single(_ name: String, _ shape: Shape, beginsUnit: Bool = true) -> ModelTensor {
      ModelTensor(
        name: name, stage: stage, layer: nil, shape: shape,
        kind: shape.rank == 2 ? .matrix : .vector, beginsUnit: beginsUnit)
    }
    var tensors: [ModelTensor] = []
    switch stage {
    case .embedding:
      return [single(Self.embeddingName, Shape(rows, width))]
    case .core:
      tensors.append(single("transformer.adapter.weight", Shape(width, 2 * width)))
      if hasBias {
        tensors.append(single("transformer.adapter.bias", Shape(width), beginsUnit: false))
      }
    case .prelude, .coda:
      break
    }
    for layer in 0..<layerCount(of: stage) { tensors += layerTensors(of: stage, layer: layer) }
    if stage == .coda {
      tensors.append(single("transformer.ln_f.weight", Shape(width)))
      if !tiesEmbeddings { tensors.append(single(Self.headName, Shape(rows, width))) }
    }
    return tensors
  }

  /// The tensors of one layer ("SandwichBlock"), in the order in which the forward pass reads them.
  private func layerTensors(of stage: Stage, layer: Int) -> [ModelTensor] {
    let (width, inner) = (embeddingSize, intermediateSize)
    var members: [(String, Shape)] = [("norm_1.weight", Shape(width))]
    if hasQKBias { members.append(("attn.qk_bias", Shape(2, 1, headCount, headSize))) }
    members += [
      ("attn.Wqkv.weight", Shape(3 * width, width)),
      ("attn.proj.weight", Shape(width, width)),
      ("norm_2.weight", Shape(width)),
      ("norm_3.weight", Shape(width)),
      ("mlp.fc.weight", Shape(2 * inner, width)),
      ("mlp.proj.weight", Shape(width, inner)),
      ("norm_4.weight", Shape(width)),
    ]
    return members.enumerated().map { index, member in
      ModelTensor(
        name: "\(stage.layerPrefix ?? "")\(layer).\(member.0)", stage: stage, layer: layer,
        shape: member.1, kind: member.1.rank == 2 ? .matrix : .vector, beginsUnit: index == 0)
    }
  }

  /// The shape of the rotary table: `[1, positions, 1, head_dim / 2, (cos, sin)]`.
  public var rotaryTableShape: Shape { Shape(1, contextLength, 1, headSize / 2, 2) }
}
