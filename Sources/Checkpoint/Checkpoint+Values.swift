public import HuginnModel
public import Parallelism
import Synchronization
import Tensors

/// How much of a checkpoint's values is looked at.
public enum ValueCheck: Sendable {
  /// Only what is stored although it follows from other tensors: a tied head, the rotary table.
  case storedCopies
  /// The rotary table, and no head: its values play no part.
  case rotaryTable
  /// Every value.
  case everything
}

extension Checkpoint {
  /// Reads values, each once, in parallel and in bounded memory, and says what is wrong with them.
  ///
  /// - Parameters:
  ///   - check: how much is read; ``valueByteCount(_:)`` in all.
  ///   - workers: the threads to use.
  ///   - monitor: told of the bytes read.
  /// - Returns: the findings, in the order of the model; none without a valid config.
  /// - Throws: ``CheckpointError``.
  public func valueDiagnostics(
    _ check: ValueCheck, workers: Workers = Workers(), monitor: Monitor = .none
  ) throws(CheckpointError) -> [Diagnostic] {
    guard let config else { return [] }
    let tasks = valueTasks(check, config)
    let found = Mutex([[Diagnostic]](repeating: [], count: tasks.count))
    try workers.run(tasks.count) { index throws(CheckpointError) in
      let diagnostics = try run(tasks[index], config, monitor)
      found.withLock { $0[index] = diagnostics }
    }
    return found.withLock { $0.flatMap(\.self) }
  }

  /// The bytes that ``valueDiagnostics(_:workers:monitor:)`` reads.
  public func valueByteCount(_ check: ValueCheck) -> Int {
    guard let config else { return 0 }
    return valueTasks(check, config).flatMap(\.tensors).reduce(0) { $0 + $1.byteRange.count }
  }

  /// Tensors that are read together, by one thread.
  private enum ValueTask {
    case scan(Tensor, ModelTensor)
    case rotaryTable(Tensor)
    case tiedPair(embedding: Tensor, head: Tensor, scanning: ModelTensor?)

    var tensors: [Tensor] {
      switch self {
      case .scan(let tensor, _), .rotaryTable(let tensor): [tensor]
      case .tiedPair(let embedding, let head, _): [embedding, head]
      }
    }
  }

  private func valueTasks(_ check: ValueCheck, _ config: HuginnConfig) -> [ValueTask] {
    var tasks: [ValueTask] = []
    if let table = readable(HuginnConfig.rotaryTableName, config.rotaryTableShape) {
      tasks.append(.rotaryTable(table))
    }
    let headShape = Shape(config.paddedVocabularySize, config.embeddingSize)
    let head = config.tiesEmbeddings ? readable(HuginnConfig.headName, headShape) : nil
    for model in config.tensors where check != .rotaryTable {
      guard let tensor = readable(model.name, model.shape) else { continue }
      if let head, model.name == HuginnConfig.embeddingName {
        tasks.append(
          .tiedPair(
            embedding: tensor, head: head, scanning: check == .everything ? model : nil))
      } else if check == .everything {
        tasks.append(.scan(tensor, model))
      }
    }
    return tasks
  }

  /// The tensor, if it is there in a dtype and shape that can be read.
  private func readable(_ name: String, _ shape: Shape) -> Tensor? {
    guard let tensor = tensors[name], tensor.description.shape == shape,
      HuginnConfig.convertedDTypes.contains(tensor.description.dtype)
    else { return nil }
    return tensor
  }

  private func run(
    _ task: ValueTask, _ config: HuginnConfig, _ monitor: Monitor
  ) throws(CheckpointError) -> [Diagnostic] {
    switch task {
    case .rotaryTable(let table):
      return [try rotaryTableDiagnostic(table, config, monitor)]
    case .scan(let tensor, let model):
      return try scan(tensor, model, monitor)
    case .tiedPair(let embedding, let head, let scanning):
      return try compare(embedding, head, scanning: scanning, monitor)
    }
  }
}
