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
    do throws(FileError) {
      try plan.model.inputs().check(target)
    } catch {
      throw .file(error)
    }
    let needed = try plan.neededByteCount(tool: options.tool)
    try packing { () throws(PackError) in
      try PackWriter.checkTarget(target, byteCount: needed, replacing: options.replacing)
    }
    let diagnostics = try checkStoredCopies(
      .storedCopies, ignoringHead: options.ignoringStoredHead)
    let identity = try plan.identity()
    let writer = try packing { () throws(PackError) in
      try PackWriter(
        target: target, layout: plan.layout, identity: identity, replacing: options.replacing,
        workers: workers)
    }
    let sidecars = try packing { () throws(PackError) in
      try plan.sidecars.files.map { sidecar throws(PackError) in
        try writer.copySidecar(sidecar.file, name: sidecar.name, monitor: monitor)
      }
    }
    try checkConfig(sidecars)
    let (outcomes, digests) = try convertTensors(into: writer.segments)
    let manifest = try plan.manifest(
      tool: options.tool, identity: identity, sourceDigests: digests,
      records: outcomes.map(\.record), sidecars: sidecars)
    let leftover = try packing { () throws(PackError) in
      try writer.publish(
        manifest, checksums: options.writingChecksums ? workers : nil, monitor: monitor)
    }
    return Result(
      manifest: manifest, tensors: outcomes, diagnostics: diagnostics, leftover: leftover)
  }

  /// The config that is copied must be the one that was read before.
  private func checkConfig(_ sidecars: [Manifest.File]) throws(ConversionError) {
    let name = Sidecar.configName
    let read = Digest(of: plan.checkpoint.configBytes.span.rawBytes)
    if let copied = sidecars.first(where: { $0.name == name }), copied.sha256 != read {
      throw .file(.changed(path: plan.checkpoint.location.path(of: name)))
    }
  }

  private func packing<Value>(
    _ body: () throws(PackError) -> Value
  ) throws(ConversionError) -> Value {
    do throws(PackError) {
      return try body()
    } catch {
      throw error == .cancelled ? .cancelled : .pack(error)
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
    let found: [Diagnostic]
    do throws(CheckpointError) {
      found = try plan.model.valueDiagnostics(
        check, workers: workers, kernels: kernels, monitor: monitor)
    } catch {
      throw ConversionError(error)
    }
    let diagnostics =
      plan.diagnostics
      + found.map { finding in
        // The user has said what the error asks: it is still worth a warning.
        ignoringHead && finding.code == .headDifferent ? finding.recoded(.headIgnored) : finding
      }
    if diagnostics.containErrors {
      throw .refused(path: plan.checkpoint.location.directory, diagnostics)
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
    let digest: Digest?
    do throws(FileError) {
      digest = try Digest(of: file, ranges: [0..<file.byteCount]) { count in
        monitor.advance(by: count)
        return !monitor.isCancelled
      }
    } catch {
      throw .file(error)
    }
    guard let digest else { throw .cancelled }
    return digest
  }
}
