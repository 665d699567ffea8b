import FileAccess
import HuginnModel
public import Kernels
public import Models
public import PackFormat
public import Parallelism
public import Quantization
import Safetensors
import StrictJSON
import Tensors

/// Writes a model as a Hugging Face checkpoint: a directory of shards with index and config, in the
/// release's conventions.
///
/// Tensors are split over shards in the order of the `state_dict`; inside a shard they are ordered
/// as the `safetensors` package does. A tied head is left out, the rotary table is written as the
/// formula gives it.
public struct CheckpointExport: Sendable {
  /// What may be chosen.
  public struct Options: Sendable {
    /// How values are stored: F32, BF16 or F16.
    public var values = Encoding.f32
    /// How codes are stored; nil to decode them.
    public var scheme: CompressedTensorsScheme?
    /// The maximum bytes of tensors in a shard; a larger tensor gets its own shard.
    public var shardByteLimit = 5_000_000_000
    /// Whether an export that is there is replaced.
    public var replacing = false
    /// The program to name in the export's mark.
    public var tool: Manifest.Tool

    /// Decoded values in F32, written by a tool.
    public init(tool: Manifest.Tool) {
      self.tool = tool
    }
  }

  private let source: ExportSource
  private let options: Options
  private let plan: ShardPlan
  private let config: JSONValue
  private let code: ModelCode

  /// Plans an export.
  ///
  /// - Throws: ``ExportError`` if the model is refused, or its encodings do not fit the scheme.
  public init(_ model: StoredModel, _ options: Options) throws(ExportError) {
    let source = try ExportSource(model)
    self.source = source
    self.options = options
    let table = ExportTensor(
      name: HuginnConfig.rotaryTableName, shape: source.config.rotaryTableShape,
      content: .rotaryTable)
    var tensors = [table]
    var (modules, ignored): ([Encoding: [String]], [String]) = ([:], [])
    for tensor in source.config.stateDictTensors {
      guard let scheme = options.scheme, tensor.isLinear,
        let layout = try Self.codes(of: tensor, in: source, scheme)
      else {
        if tensor.isLinear { ignored.append(tensor.moduleName) }
        tensors.append(
          ExportTensor(
            name: tensor.name, shape: tensor.shape,
            content: .values(of: tensor.name, as: options.values)))
        continue
      }
      modules[layout.encoding, default: []].append(tensor.moduleName)
      tensors += try scheme.tensors(of: layout)
    }
    plan = ShardPlan(tensors, byteLimit: options.shardByteLimit)
    var members = source.configFile
    // transformers 4 has `torch_dtype`, 5 writes `dtype`, which wins where both are there.
    let keys = ["dtype", "torch_dtype"]
    let present = keys.filter { members[$0] != nil }
    for key in present.isEmpty ? keys : present {
      members[key] = .string(options.values.torchName)
    }
    members["quantization_config"] = options.scheme.map {
      $0.config(modules: modules, ignored: ["lm_head"] + ignored)
    }
    members["quantization"] = nil
    config = .object(members)
    code = try ExportError.wrapping(
      ModelCode(config: members, in: model.pack == nil ? model.directory : nil))
    if let scheme = options.scheme, modules.isEmpty {
      throw .noCodes(scheme: scheme.rawValue, convertTo: scheme.suited[0].description)
    }
  }

  /// The Python files that the config names and that are not beside the weights, which a loader
  /// will want there.
  public var missingCode: [String] { code.missing }
  /// The names of the shards.
  public var shardNames: [String] { plan.shards.map(\.name) }
  /// The bytes of all tensors.
  public var byteCount: Int { plan.shards.flatMap(\.tensors).reduce(0) { $0 + $1.byteCount } }

  /// The layout of a matrix that is stored as codes; nil if it is stored as values.
  private static func codes(
    of tensor: ModelTensor, in source: ExportSource, _ scheme: CompressedTensorsScheme
  ) throws(ExportError) -> TensorLayout? {
    guard let layout = source.layout(of: tensor.name) else {
      throw .noCodes(scheme: scheme.rawValue, convertTo: scheme.suited[0].description)
    }
    guard layout.planes.count > 1 else { return nil }
    guard scheme.expresses(layout.encoding) else {
      let wanted = scheme.suited.map(\.description).joined(separator: " or ")
      throw .encoding(
        tensor: tensor.name, layout.encoding, scheme: scheme.rawValue, convertTo: wanted)
    }
    return layout
  }

  // MARK: - Writing

  /// Writes the directory `target`; it appears complete, or not at all.
  ///
  /// - Returns: where an export that was replaced is left, if it could not be removed.
  /// - Throws: ``ExportError``.
  public func write(
    to target: String, workers: Workers = Workers(), kernels: KernelSet = .best,
    monitor: Monitor = .none
  ) throws(ExportError) -> String? {
    try checkNotOverInput(source.model, target)
    try checkNotInsidePack(target)
    if options.replacing {
      let objection = try ExportError.wrapping { () throws(FileError) -> String? in
        guard try FileStatus.ifPresent(ofLink: target) != nil else { return nil }
        return try ExportMark.objection(to: target)
      }
      if let objection { throw .file(.notReplaced(path: target, found: objection)) }
    }
    let directory = try ExportError.wrapping(
      PartialDirectory(target: target, replacing: options.replacing))
    try source.checkStoredCopies(workers, kernels, monitor)
    var digests = SourceDigests(of: source.model)
    for shard in plan.shards {
      // The directory has no name yet: its files need none in between.
      let output = try ExportError.wrapping(directory.create(shard.name))
      try TensorExport(
        shard.tensors, into: try begin(shard, output), of: source, kernels, monitor
      ).write(hashing: &digests, on: workers)
      try ExportError.wrapping(output.sync())
    }
    try digests.check()
    try writeSmallFiles(in: directory)
    let isReplaceable: ((String) throws(FileError) -> Bool)? =
      options.replacing
      ? { path throws(FileError) in try ExportMark.objection(to: path) == nil } : nil
    return try ExportError.wrapping { () throws(FileError) in
      try source.model.checkUnchanged()
      return try directory.publish(replacing: isReplaceable)
    }
  }

  private func begin(
    _ shard: ShardPlan.Shard, _ output: OutputFile
  ) throws(ExportError) -> PlacedOutput {
    let tensors = shard.tensors.compactMap { tensor in
      // Blocks are GGUF's: all tensors of a shard have a dtype.
      tensor.dtype.map { TensorDescription(name: tensor.name, dtype: $0, shape: tensor.shape) }
    }
    return try ExportError.wrapping(
      SafetensorsWriter.begin(
        output, target: output.path, tensors: tensors, metadata: ["format": "pt"]),
      as: ExportError.shard)
  }

  /// Writes the files beside the shards, and finally the mark that lists all files.
  private func writeSmallFiles(in directory: PartialDirectory) throws(ExportError) {
    var files = [(HuginnConfig.fileName, config.indentedBytes)]
    if let index = plan.index { files.append((SafetensorsIndex.fileName, index.indentedBytes)) }
    for (name, bytes) in files { try ExportError.wrapping(directory.write(bytes, as: name)) }
    for sidecar in source.sidecars + code.files {
      try ExportError.wrapping(
        directory.write(as: sidecar.name) { take throws(ModelError) in try sidecar.read(take) },
        as: ExportError.model)
    }
    let names = shardNames + files.map(\.0) + (source.sidecars + code.files).map(\.name)
    let mark = try ExportError.wrapping(
      ExportMark(of: names, in: directory.path, tool: options.tool))
    try ExportError.wrapping(directory.write(mark.bytes, as: ExportMark.fileName))
  }
}

/// Checks that an export does not write over its source.
func checkNotOverInput(_ model: StoredModel, _ target: String) throws(ExportError) {
  try ExportError.wrapping(model.inputs().check(target))
}

/// Checks that an export does not land in a pack.
func checkNotInsidePack(_ target: String) throws(ExportError) {
  try ExportError.wrapping(PackWriter.checkNotInsidePack(target), as: ExportError.pack)
}

extension Encoding {
  /// The dtype of an encoding that stores values.
  var valueDType: DType {
    switch self {
    case .f16: .f16
    case .bf16: .bf16
    case .f32, .int8Row, .int8Group, .int4Group: .f32
    }
  }

  /// What PyTorch calls it.
  var torchName: String {
    switch self {
    case .f16: "float16"
    case .bf16: "bfloat16"
    case .f32, .int8Row, .int8Group, .int4Group: "float32"
    }
  }
}
