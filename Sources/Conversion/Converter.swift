import Checkpoint
import FileAccess
public import HuginnModel
import Integrity
public import Kernels
import Models
public import PackFormat
public import Parallelism

/// Turns a checkpoint into a pack.
public struct Converter: Sendable {
  /// What was planned.
  public let plan: ConversionPlan
  private let workers: Workers
  private let kernels: KernelSet
  private let monitor: Monitor

  /// A converter.
  ///
  /// - Parameters:
  ///   - plan: what to do.
  ///   - workers: the threads to use; the pack does not depend on them.
  ///   - kernels: what encodes; the pack does not depend on them.
  ///   - monitor: receives the number of bytes read, ``ConversionPlan/workByteCount`` in all.
  public init(
    _ plan: ConversionPlan, workers: Workers = Workers(), kernels: KernelSet = .best,
    monitor: Monitor = .none
  ) {
    self.plan = plan
    self.workers = workers
    self.kernels = kernels
    self.monitor = monitor
  }

  /// Conversion options.
  public struct Options: Sendable {
    /// The program to name in the manifest.
    public var tool: Manifest.Tool
    /// What of a pack that is there is replaced.
    public var replacing = PackReplacement.nothing
    /// Whether a stored head that differs from the embedding is dropped.
    public var ignoringStoredHead = false
    /// Whether `SHA256SUMS` is written beside the segments.
    public var writingChecksums = false

    /// Options for a tool.
    public init(tool: Manifest.Tool) {
      self.tool = tool
    }
  }

  /// What a conversion gave.
  public struct Result: Sendable {
    /// The manifest as it was published.
    public let manifest: Manifest
    /// Every tensor, in pack order.
    public let tensors: [TensorOutcome]
    /// The checkpoint's diagnostics, its stored copies compared.
    public let diagnostics: [Diagnostic]
    /// Where a pack that was replaced is left, if it could not be removed.
    public let leftover: String?
  }

  /// Writes the pack `target`; it appears complete, or not at all.
  ///
  /// - Throws: ``ConversionError``.
  public func write(to target: String, _ options: Options) throws(ConversionError) -> Result {
    try ConversionError.wrapping(plan.model.inputs().check(target))
    let needed = try plan.neededByteCount(tool: options.tool)
    try ConversionError.wrapping(
      PackWriter.checkTarget(target, byteCount: needed, replacing: options.replacing),
      as: ConversionError.pack)
    let diagnostics = try checkStoredCopies(
      .storedCopies, ignoringHead: options.ignoringStoredHead)
    let identity = try plan.identity()
    let writer = try ConversionError.wrapping(
      PackWriter(
        target: target, layout: plan.layout, identity: identity, replacing: options.replacing,
        workers: workers),
      as: ConversionError.pack)
    let sidecars = try plan.sidecars.files.map { sidecar throws(ConversionError) in
      try ConversionError.wrapping(
        writer.copySidecar(sidecar.file, name: sidecar.name, monitor: monitor),
        as: ConversionError.pack)
    }
    try checkConfig(sidecars)
    let (outcomes, digests) = try convertTensors(into: writer.segments)
    let manifest = try plan.manifest(
      tool: options.tool, identity: identity, sourceDigests: digests,
      records: outcomes.map(\.record), sidecars: sidecars)
    let leftover = try ConversionError.wrapping(
      writer.publish(
        manifest, checksums: options.writingChecksums ? workers : nil, monitor: monitor),
      as: ConversionError.pack)
    return Result(
      manifest: manifest, tensors: outcomes, diagnostics: diagnostics, leftover: leftover)
  }

  /// The config that is copied must be the one that was read before.
  private func checkConfig(_ sidecars: [Manifest.File]) throws(ConversionError) {
    let name = HuginnConfig.fileName
    let read = Digest(of: plan.checkpoint.configBytes.span.rawBytes)
    if let copied = sidecars.first(where: { $0.name == name }), copied.sha256 != read {
      throw .file(.changed(path: plan.checkpoint.location.path(of: name)))
    }
  }

  /// The manifest that the plan gives, without writing anything.
  ///
  /// A stored head's values play no part: the embedding is the source.
  public func deriveManifest(tool: Manifest.Tool) throws(ConversionError) -> Manifest {
    _ = try checkStoredCopies(.rotaryTable)
    let (outcomes, digests) = try convertTensors(into: nil)
    let sidecars = try plan.sidecars.files.map { sidecar throws(ConversionError) in
      Manifest.File(
        name: sidecar.name, byteCount: sidecar.file.byteCount,
        sha256: try digest(of: sidecar.file))
    }
    return try plan.manifest(
      tool: tool, identity: try plan.identity(), sourceDigests: digests,
      records: outcomes.map(\.record), sidecars: sidecars)
  }

  private func checkStoredCopies(
    _ check: ValueCheck, ignoringHead: Bool = false
  ) throws(ConversionError) -> [Diagnostic] {
    let found = try ConversionError.wrapping(
      plan.model.valueDiagnostics(
        check, workers: workers, kernels: kernels, monitor: monitor), as: ConversionError.init)
    let diagnostics =
      plan.diagnostics
      + found.map { finding in
        // The user has said what the error asks: it is still worth a warning.
        ignoringHead && finding.code == .headDifferent ? finding.recoded(.headIgnored) : finding
      }
    if diagnostics.containErrors {
      throw .model(.refused(path: plan.checkpoint.location.directory, diagnostics))
    }
    return diagnostics
  }

  private func convertTensors(
    into segments: SegmentFiles?
  ) throws(ConversionError) -> ([TensorOutcome], shardDigests: [Digest]) {
    try ConversionPipeline(plan, into: segments, kernels: kernels, monitor: monitor)
      .run(on: workers)
  }

  private func digest(of file: InputFile) throws(ConversionError) -> Digest {
    let digest = try ConversionError.wrapping { () throws(FileError) in
      try Digest(of: file, ranges: [0..<file.byteCount]) { count in
        monitor.advance(by: count)
        return !monitor.isCancelled
      }
    }
    guard let digest else { throw .cancelled }
    return digest
  }
}
