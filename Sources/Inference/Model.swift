import FileAccess
public import HuginnModel
import Kernels
import Models
public import Parallelism
import Tensors

/// A model ready to run: its weights where they lie, its vectors at hand.
public final class Model: Sendable {
  /// Its sizes.
  public let config: HuginnConfig
  let weights: MappedWeights
  let prelude: [Layer]
  let core: [Layer]
  let coda: [Layer]
  let finalNorm: [Float]  // [n_embd]
  let adapterBias: [Float]  // [n_embd], or empty
  let rotaryTable: RotaryTable
  let workers: Workers
  let kernels: KernelSet

  /// One layer ("SandwichBlock"): the names of its matrices, and its vectors.
  struct Layer: Sendable {
    let prefix: String
    let norms: [[Float]]  // 4 × [n_embd]
    let queryBias: [Float]  // [n_heads · head_dim], or empty
    let keyBias: [Float]
  }

  init(
    _ config: HuginnConfig, _ weights: MappedWeights, _ workers: Workers, _ kernels: KernelSet
  ) {
    self.config = config
    self.weights = weights
    self.workers = workers
    self.kernels = kernels
    rotaryTable = RotaryTable(config)
    func vector(_ name: String) -> [Float] {
      weights.withMatrix(name) { matrix in
        var values = [Float](repeating: 0, count: matrix.rows * matrix.columns)
        var span = values.mutableSpan
        kernels.decode(matrix, into: &span)
        return values
      }
    }
    func layers(_ stage: Stage) -> [Layer] {
      (0..<config.layerCount(of: stage)).map { index in
        let prefix = "\(stage.layerPrefix ?? "")\(index)."
        let bias = config.hasQKBias ? vector(prefix + "attn.qk_bias") : []
        return Layer(
          prefix: prefix, norms: (1...4).map { vector("\(prefix)norm_\($0).weight") },
          queryBias: Array(bias[..<(bias.count / 2)]), keyBias: Array(bias[(bias.count / 2)...]))
      }
    }
    prelude = layers(.prelude)
    core = layers(.core)
    coda = layers(.coda)
    finalNorm = vector("transformer.ln_f.weight")
    adapterBias = config.hasBias ? vector("transformer.adapter.bias") : []
  }

  /// A copy that shares everything but the threads: vectors are not read again.
  private init(_ other: Model, _ workers: Workers) {
    config = other.config
    weights = other.weights
    prelude = other.prelude
    core = other.core
    coda = other.coda
    finalNorm = other.finalNorm
    adapterBias = other.adapterBias
    rotaryTable = other.rotaryTable
    kernels = other.kernels
    self.workers = workers
  }

  /// The same model, run by other threads.
  public func running(on workers: Workers) -> Model { Model(self, workers) }

  /// A model with some of its tensors taken from another of the same layout.
  ///
  /// - Parameters:
  ///   - names: the tensors to take.
  ///   - other: from which model.
  /// - Returns: this model with those of the other; nothing is copied.
  public func taking(_ names: Set<String>, from other: Model) -> Model {
    precondition(config == other.config, "models of one layout")
    return Model(
      config, MappedWeights(weights, taking: names, from: other.weights), workers, kernels)
  }

  /// The name of the output head's matrix.
  var headName: String {
    config.tiesEmbeddings ? HuginnConfig.embeddingName : HuginnConfig.headName
  }
}
