public import HuginnModel
public import Inference
import Tensors

/// The parts that are quantized one at a time, all others exact, to see where damage comes from.
public enum Ablation: String, CaseIterable, Sendable {
  /// One stage at a time.
  case stage
  /// One kind of matrix at a time, in all layers.
  case kind

  /// A part and its matrices.
  public struct Part: Equatable, Sendable {
    /// The stage's or the kind's name.
    public let name: String
    /// The matrices' names; vectors are exact everywhere.
    public let tensors: Set<String>
    /// The elements of those matrices.
    public let parameterCount: Int
  }

  /// The parts of a model, in the order of the forward pass.
  ///
  /// A tied head is read from the embedding, and counts with it.
  public func parts(of config: HuginnConfig) -> [Part] {
    let matrices = config.tensors.filter { $0.kind == .matrix }
    var names: [String] = []
    for tensor in matrices where !names.contains(name(of: tensor)) {
      names.append(name(of: tensor))
    }
    return names.map { name in
      let members = matrices.filter { self.name(of: $0) == name }
      return Part(
        name: name, tensors: Set(members.map(\.name)),
        parameterCount: members.reduce(0) { $0 + $1.shape.elementCount })
    }
  }

  private func name(of tensor: ModelTensor) -> String {
    switch self {
    case .stage: tensor.stage.rawValue
    case .kind: tensor.kindName
    }
  }

  /// One candidate for each part: the reference with that part of a pack.
  public func candidates(_ pack: Model, in reference: Model) -> [TextEvaluation.Candidate] {
    parts(of: reference.config).map {
      TextEvaluation.Candidate($0.name, reference.taking($0.tensors, from: pack))
    }
  }
}

extension ModelTensor {
  /// What a matrix is for, whatever its layer: `embedding`, `adapter`, `head`, or its name inside
  /// the layer without `.weight`, such as `attn.Wqkv`.
  public var kindName: String {
    switch name {
    case HuginnConfig.embeddingName: return "embedding"
    case HuginnConfig.headName: return "head"
    default:
      let parts = name.split(separator: ".").filter { Int($0) == nil }
      return parts.drop { $0 == "transformer" || $0.hasSuffix("_block") || $0 == stage.rawValue }
        .filter { $0 != "weight" }.joined(separator: ".")
    }
  }
}
