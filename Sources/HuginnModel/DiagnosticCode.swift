/// The kinds of finding; `rawValue` is stable and listed in `formats/diagnostics.md`.
public enum DiagnosticCode: String, CaseIterable, Sendable {
  // Files
  case checkpointEmpty = "checkpoint-empty"
  case indexMalformed = "index-malformed"
  case shardName = "shard-name"
  case shardMissing = "shard-missing"
  case headShardMissing = "head-shard-missing"
  case shardMalformed = "shard-malformed"
  case ggufMalformed = "gguf-malformed"
  case tensorNotInShard = "tensor-not-in-shard"
  case tensorNotInIndex = "tensor-not-in-index"
  case tensorDuplicate = "tensor-duplicate"
  case indexTotalSize = "index-total-size"
  case tensorCopied = "tensor-copied"
  case tensorUnlisted = "tensor-unlisted"
  case weightsUnread = "weights-unread"
  case variantUndecided = "variant-undecided"
  case shardAlone = "shard-alone"
  case checkpointAdapter = "checkpoint-adapter"
  case sidecarMalformed = "sidecar-malformed"
  case sidecarUnread = "sidecar-unread"
  case linkOutside = "link-outside"
  case fileIgnored = "file-ignored"
  case downloadUnfinished = "download-unfinished"

  // Config
  case configMissing = "config-missing"
  case configMalformed = "config-malformed"
  case configKeyMissing = "config-key-missing"
  case configUnsupported = "config-unsupported"
  case configContradiction = "config-contradiction"
  case configKeyUnknown = "config-key-unknown"
  case configNoise = "config-noise"
  case checkpointQuantized = "checkpoint-quantized"
  case quantizationLeftOver = "quantization-left-over"
  case retrofittedRelative = "retrofitted-relative"

  // Layout
  case namesRenamed = "names-renamed"
  case namesUnknown = "names-unknown"
  case layerMissing = "layer-missing"
  case tensorMissing = "tensor-missing"
  case tensorUnexpected = "tensor-unexpected"
  case tensorShape = "tensor-shape"
  case tensorDType = "tensor-dtype"
  case layerOutsideStage = "layer-outside-stage"
  case qkBiasMissing = "qk-bias-missing"
  case qkBiasUnexpected = "qk-bias-unexpected"
  case headMissing = "head-missing"
  case codesMalformed = "codes-malformed"
  case dtypeMixed = "dtype-mixed"

  // Values
  case headEqual = "head-equal"
  case headDifferent = "head-different"
  case headIgnored = "head-ignored"
  case rotaryTableStored = "rotary-table-stored"
  case rotaryTableDifferent = "rotary-table-different"
  case valueNotFinite = "value-not-finite"
  case normZero = "norm-zero"
  case tensorZero = "tensor-zero"
  case rowZero = "row-zero"
  case valueBeyondF16 = "value-beyond-f16"

  /// How much it matters.
  public var severity: Severity {
    switch self {
    case .headShardMissing, .fileIgnored, .downloadUnfinished, .configKeyUnknown, .configNoise,
      .headEqual, .rotaryTableStored, .valueBeyondF16:
      .information
    case .indexTotalSize, .tensorCopied, .tensorUnlisted, .weightsUnread, .sidecarUnread,
      .linkOutside,
      .quantizationLeftOver, .namesRenamed, .headIgnored, .dtypeMixed, .tensorZero, .rowZero:
      .warning
    default: .error
    }
  }

  /// The statement about the subject, as a predicate.
  public var meaning: String {
    switch self {
    case .checkpointEmpty: "holds no safetensors checkpoint"
    case .indexMalformed: "is not a valid index of shards"
    case .shardName: "is not a plain file name in the checkpoint's directory"
    case .shardMissing: "is missing, and holds weights"
    case .headShardMissing: "is missing, but holds only the tied head"
    case .shardMalformed: "is not a valid safetensors file"
    case .ggufMalformed: "is not a valid GGUF file"
    case .tensorNotInShard: "is not in the shard that the index names"
    case .tensorNotInIndex: "is in a shard but not in the index"
    case .tensorDuplicate: "differs between the shards that hold it"
    case .tensorCopied: "is in more than one shard"
    case .tensorUnlisted: "is in a shard but not in the index, and follows from other tensors"
    case .weightsUnread: "names weights that are not read"
    case .variantUndecided: "has weights in several variants"
    case .shardAlone: "is one of several shards"
    case .checkpointAdapter: "holds an adapter, not a whole model"
    case .sidecarMalformed: "is not what its name says"
    case .sidecarUnread: "cannot be read and is ignored"
    case .linkOutside: "links to a file outside its directory, whose content is copied"
    case .indexTotalSize: "states a total size that its tensors do not have"
    case .fileIgnored: "is not part of the checkpoint"
    case .downloadUnfinished: "is an unfinished download"
    case .configMissing: "is not beside the weights"
    case .configMalformed: "is malformed"
    case .configKeyMissing: "is missing from the config"
    case .configUnsupported: "is not supported"
    case .configContradiction: "contradicts the rest of the config"
    case .configKeyUnknown: "is not a known config key"
    case .checkpointQuantized: "describes weights stored as another engine's codes"
    case .quantizationLeftOver: "describes codes, but the weights are floats"
    case .configNoise: "adds noise to the forward pass: the model can be converted but not run"
    case .retrofittedRelative: "describes a retrofitted relative of Huginn"
    case .namesRenamed: "was added to tensor names by a wrapper"
    case .namesUnknown: "has tensor names that the model does not have"
    case .layerMissing: "is missing entirely"
    case .tensorMissing: "is missing"
    case .tensorUnexpected: "is not a tensor of this model"
    case .tensorShape: "has the wrong shape"
    case .tensorDType: "has a dtype that cannot be converted"
    case .layerOutsideStage: "belongs to a layer that its stage does not have"
    case .qkBiasMissing: "is missing, though the config sets qk_bias"
    case .qkBiasUnexpected: "is present, though the config does not set qk_bias"
    case .headMissing: "is missing, though the config does not tie it to the embedding"
    case .codesMalformed: "is not stored the way compressed-tensors stores codes"
    case .headEqual: "is stored although tied, and equals the embedding"
    case .headDifferent: "is stored although tied, and differs from the embedding"
    case .headIgnored: "is stored although tied, differs from the embedding and is dropped"
    case .rotaryTableStored: "is stored, agrees with the formula and is recomputed"
    case .rotaryTableDifferent: "is stored and differs from the formula"
    case .dtypeMixed: "has a different dtype from most matrices"
    case .valueNotFinite: "has values that are NaN or infinite"
    case .normZero: "is a norm's weight and all zero"
    case .tensorZero: "is all zero"
    case .rowZero: "has rows that are all zero"
    case .valueBeyondF16: "has values beyond f16's range"
    }
  }
}
