public import FileAccess
public import HuginnModel
public import Kernels
public import Parallelism
import Synchronization
import Tensors

/// How much of a model's values is checked.
public enum ValueCheck: Sendable {
  /// Only what is stored although it follows from other tensors: a tied head, the rotary table, a
  /// second copy.
  case storedCopies
  /// The rotary table and second copies, and no head: its values play no part.
  case rotaryTable
  /// Every value.
  case everything
}

extension StoredModel {
  /// Reads values, each once, in parallel and in bounded memory, and says what is wrong with them.
  ///
  /// - Parameters:
  ///   - check: how much is read; ``valueByteCount(_:)`` in all.
  ///   - workers: the threads to use.
  ///   - kernels: what scans.
  ///   - monitor: receives the number of bytes read.
  /// - Returns: the findings, in the order of the model; none without a valid config.
  /// - Throws: ``ReadingError``.
  public func valueDiagnostics(
    _ check: ValueCheck, workers: Workers = Workers(), kernels: KernelSet = .best,
    monitor: Monitor = .none
  ) throws(ReadingError) -> [Diagnostic] {
    guard let config else { return [] }
    let checker = ValueChecker(config: config, tensors: tensors, copies: copies)
    return try checker.diagnostics(check, on: workers, kernels, monitor)
  }

  /// The bytes that ``valueDiagnostics(_:workers:kernels:monitor:)`` reads.
  public func valueByteCount(_ check: ValueCheck) -> Int {
    guard let config else { return 0 }
    return ValueChecker(config: config, tensors: tensors, copies: copies).byteCount(check)
  }
}

/// Checks the values of a model's tensors.
struct ValueChecker: Sendable {
  let config: HuginnConfig
  let tensors: [String: StoredTensor]
  /// Tensors that are stored a second time.
  let copies: [StoredTensor]

  func diagnostics(
    _ check: ValueCheck, on workers: Workers, _ kernels: KernelSet, _ monitor: Monitor
  ) throws(ReadingError) -> [Diagnostic] {
    let jobs = jobs(check)
    // Large tensors are scanned in parts, which any thread may take.
    let parts = jobs.indices.flatMap { job in jobs[job].parts.map { (job: job, rows: $0) } }
    let found = Mutex([ValueFindings?](repeating: nil, count: parts.count))
    try workers.run(parts.count) { index throws(ReadingError) in
      let findings = try run(jobs[parts[index].job], parts[index].rows, kernels, monitor)
      found.withLock { $0[index] = findings }
    }
    var sums = [ValueFindings](repeating: ValueFindings(), count: jobs.count)
    for (part, findings) in zip(parts, found.withLock { $0 }) {
      if let findings { sums[part.job].add(findings) }
    }
    return zip(jobs, sums).flatMap { self.diagnostics(of: $0, $1) }
  }

  func byteCount(_ check: ValueCheck) -> Int {
    jobs(check).flatMap(\.tensors).reduce(0) { $0 + ($1.byteCount ?? 0) }
  }

  private func jobs(_ check: ValueCheck) -> [ValueJob] {
    var jobs: [ValueJob] = []
    if let table = readable(HuginnConfig.rotaryTableName, config.rotaryTableShape) {
      jobs.append(.rotaryTable(table))
    }
    let headShape = Shape(config.paddedVocabularySize, config.embeddingSize)
    let head = config.tiesEmbeddings ? readable(HuginnConfig.headName, headShape) : nil
    for model in config.tensors where check != .rotaryTable {
      guard let tensor = readable(model.name, model.shape) else { continue }
      if let head, model.name == HuginnConfig.embeddingName {
        jobs.append(
          .tiedPair(
            embedding: tensor, head: head, scanning: check == .everything ? model : nil))
      } else if check == .everything {
        jobs.append(.scan(tensor, model))
      }
    }
    for copy in copies {
      if let owner = tensors[copy.name] { jobs.append(.copy(owner, copy)) }
    }
    return jobs
  }

  /// The tensor, if it is there in a type and shape that can be read.
  private func readable(_ name: String, _ shape: Shape) -> StoredTensor? {
    guard let tensor = tensors[name], tensor.shape == shape, tensor.valueDType != nil
    else { return nil }
    return tensor
  }

  private func run(
    _ job: ValueJob, _ rows: Range<Int>, _ kernels: KernelSet, _ monitor: Monitor
  ) throws(ReadingError) -> ValueFindings {
    switch job {
    case .rotaryTable(let table):
      ValueFindings(rotaryTable: try rotaryTableDiagnostic(table, monitor))
    case .scan(let tensor, _):
      try scan(tensor, rows, kernels, monitor)
    case .copy(let tensor, let copy):
      try compare(tensor, copy, monitor)
    case .tiedPair(let embedding, let head, let scanning):
      try compare(embedding, head, rows, scanning: scanning != nil, kernels, monitor)
    }
  }
}

/// Tensors whose values are looked at together.
enum ValueJob: Sendable {
  case scan(StoredTensor, ModelTensor)
  case rotaryTable(StoredTensor)
  case copy(StoredTensor, StoredTensor)
  case tiedPair(embedding: StoredTensor, head: StoredTensor, scanning: ModelTensor?)

  var tensors: [StoredTensor] {
    switch self {
    case .scan(let tensor, _), .rotaryTable(let tensor): [tensor]
    case .copy(let tensor, let copy): [tensor, copy]
    case .tiedPair(let embedding, let head, _): [embedding, head]
    }
  }

  /// Runs of rows that one thread takes at a time, of some tens of megabytes.
  var parts: [Range<Int>] {
    switch self {
    case .scan(let tensor, _), .tiedPair(let tensor, _, _):
      tensor.shape.tiles(of: 1 << 24, rowLimit: .max)
    case .rotaryTable(let tensor), .copy(let tensor, _):
      [0..<tensor.shape.rows]
    }
  }
}
