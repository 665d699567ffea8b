public import Checkpoint
import FileAccess
public import HuginnModel
import Integrity
import Kernels
public import Models
public import PackFormat
import Safetensors
import StrictJSON
import Tensors

/// What a conversion will do, known from headers alone.
public struct ConversionPlan: Sendable {
  /// The source.
  public let model: StoredModel
  /// The same, as the checkpoint that it is.
  public let checkpoint: Checkpoint
  /// Its config.
  public let config: HuginnConfig
  /// The encodings.
  public let recipe: Recipe
  /// Where everything will lie.
  public let layout: PackLayout
  /// The files to copy.
  public let sidecars: Sidecars
  /// What is known of the checkpoint before its values are read: no error.
  public let diagnostics: [Diagnostic]

  /// Plans a conversion.
  ///
  /// - Throws: ``ConversionError``: model, if it is not a checkpoint; refused, if the checkpoint
  ///   has errors; recipe or layout, if the encodings do not fit.
  public init(_ model: StoredModel, _ recipe: Recipe) throws(ConversionError) {
    let checkpoint = try ConversionError.wrapping(model.convertible(), as: ConversionError.model)
    let sidecars = try ConversionError.wrapping(Sidecars(of: checkpoint.location))
    self.sidecars = sidecars
    diagnostics =
      checkpoint.diagnostics + (try ConversionError.wrapping(sidecars.diagnostics()))
    guard let config = checkpoint.config, !diagnostics.containErrors else {
      throw .model(.refused(path: checkpoint.location.directory, diagnostics))
    }
    do throws(RecipeError) {
      try recipe.checkPatterns(against: config)
    } catch {
      throw .recipe(error)
    }
    do throws(LayoutError) {
      layout = try PackLayout(config, recipe)
    } catch {
      throw .layout(error)
    }
    self.model = model
    self.checkpoint = checkpoint
    self.config = config
    self.recipe = recipe
  }

  // MARK: - Sizes

  /// The most bytes that the manifest can have.
  ///
  /// Everything in it but the sums of squares has a known length, and no number is written with
  /// more characters than this one.
  public func manifestByteBound(tool: Manifest.Tool) throws(ConversionError) -> Int {
    var sums = ErrorSums()
    let longest = 0.0000012345678901234567
    (sums.maxAbs, sums.sumSquaredError, sums.sumSquaredSource) = (longest, longest, longest)
    let digest = Digest(of: [UInt8]().span.rawBytes)
    let file = { (name: String, count: Int) in
      Manifest.File(name: name, byteCount: count, sha256: digest)
    }
    return try manifest(
      tool: tool, identity: digest,
      sourceDigests: checkpoint.shards.map { _ in digest },
      records: layout.tensors.map {
        Manifest.TensorRecord(
          sha256: digest,
          sourceDType: checkpoint.tensors[$0.tensor.name]?.description.dtype ?? .bf16,
          error: $0.tensor.kind == .matrix ? sums : nil)
      },
      sidecars: sidecars.files.map { file($0.name, $0.file.byteCount) }
    ).canonicalBytes.count
  }

  /// The most bytes that the whole pack can have.
  ///
  /// - Throws: ``ConversionError/pack(_:)`` if the manifest would be longer than a reader takes.
  public func neededByteCount(tool: Manifest.Tool) throws(ConversionError) -> Int {
    let manifest = try manifestByteBound(tool: tool)
    guard manifest <= PackConstants.manifestByteLimit else {
      throw .pack(.manifestTooLarge(byteCount: manifest))
    }
    return layout.byteCount + sidecars.byteCount + manifest
  }

  /// The bytes that conversion reads, each once; stored copies, which are compared before, apart.
  public var workByteCount: Int { checkpoint.byteCount }

  // MARK: - Result

  /// The manifest of the finished pack.
  func manifest(
    tool: Manifest.Tool, identity: Digest, sourceDigests: [Digest],
    records: [Manifest.TensorRecord], sidecars: [Manifest.File]
  ) throws(ConversionError) -> Manifest {
    let files = zip(checkpoint.shards, sourceDigests).map { shard, digest in
      Manifest.File(
        name: shard.name, byteCount: shard.safetensors.file.byteCount, sha256: digest)
    }
    let index = checkpoint.index.map { index in
      Manifest.File(
        name: SafetensorsIndex.fileName, byteCount: index.bytes.count,
        sha256: Digest(of: index.bytes.span.rawBytes))
    }
    do throws(LayoutError) {
      return try Manifest(
        tool: tool, config: config, recipe: recipe, identity: identity, sourceFiles: files,
        sourceIndex: index, tensors: records,
        rotaryTableDType: checkpoint.tensors[HuginnConfig.rotaryTableName]?.description.dtype,
        sidecars: sidecars)
    } catch {
      throw .layout(error)
    }
  }

  /// The identity, from samples of the shards.
  func identity() throws(ConversionError) -> Digest {
    try ConversionError.wrapping { () throws(FileError) in
      var samples: [Identity.Sample] = []
      for shard in checkpoint.shards {
        samples.append(try Identity.Sample(name: shard.name, file: shard.safetensors.file))
      }
      return Identity.of(config, recipe, source: samples)
    }
  }
}
