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

  /// What is said of the subject, as a predicate.
  public var meaning: String {
    switch self {
    case .checkpointEmpty: "holds no safetensors checkpoint"
    case .indexMalformed: "is no index of shards"
    case .shardName: "is no plain file name inside the checkpoint's directory"
    case .shardMissing: "holds weights and is not there"
    case .headShardMissing: "is not there, and holds nothing but the tied head"
    case .shardMalformed: "is no valid safetensors file"
    case .ggufMalformed: "is no valid GGUF file"
    case .tensorNotInShard: "is not in the shard that the index names"
    case .tensorNotInIndex: "is in a shard and not in the index"
    case .tensorDuplicate: "is in more than one shard, and not the same in each"
    case .tensorCopied: "is in more than one shard"
    case .tensorUnlisted: "is in a shard, not in the index, and follows from other tensors"
    case .weightsUnread: "names weights that are not read"
    case .variantUndecided: "has weights in several variants"
    case .shardAlone: "is one of several shards"
    case .checkpointAdapter: "holds an adapter: a difference to a model, and no model"
    case .sidecarMalformed: "is not what its name says"
    case .sidecarUnread: "cannot be read and plays no part"
    case .linkOutside: "is a link that leads out of its directory, and its content is copied"
    case .indexTotalSize: "counts other bytes than its tensors have"
    case .fileIgnored: "is no part of the checkpoint"
    case .downloadUnfinished: "is a download that did not finish"
    case .configMissing: "is not beside the weights"
    case .configMalformed: "is not as a config has it"
    case .configKeyMissing: "is missing from the config"
    case .configUnsupported: "is not supported"
    case .configContradiction: "contradicts the rest of the config"
    case .configKeyUnknown: "is a key that no known config has"
    case .checkpointQuantized: "describes weights that are stored as another engine's codes"
    case .quantizationLeftOver: "describes codes, and the weights are none"
    case .configNoise: "adds noise to the forward pass: it is converted, not run"
    case .retrofittedRelative: "describes a retrofitted relative of Huginn"
    case .namesRenamed: "is in the names of tensors, put there by a wrapper"
    case .namesUnknown: "has tensors whose names are not the model's"
    case .layerMissing: "is missing as a whole"
    case .tensorMissing: "is missing"
    case .tensorUnexpected: "is no tensor of this model"
    case .tensorShape: "has the wrong shape"
    case .tensorDType: "has a dtype that is not converted"
    case .layerOutsideStage: "belongs to a layer that its stage does not have"
    case .qkBiasMissing: "is missing, though the config says qk_bias"
    case .qkBiasUnexpected: "is there, though the config says no qk_bias"
    case .headMissing: "is missing, though the config does not tie it to the embedding"
    case .codesMalformed: "is not stored as compressed-tensors has codes"
    case .headEqual: "is stored although tied, and equals the embedding"
    case .headDifferent: "is stored although tied, and differs from the embedding"
    case .headIgnored: "is stored although tied, differs from the embedding and is dropped"
    case .rotaryTableStored: "is stored, agrees with the formula and is recomputed"
    case .rotaryTableDifferent: "is stored and differs from the formula"
    case .dtypeMixed: "has another dtype than most matrices"
    case .valueNotFinite: "has values that are NaN or infinite"
    case .normZero: "is a norm's weight and all zero"
    case .tensorZero: "is all zero"
    case .rowZero: "has rows that are all zero"
    case .valueBeyondF16: "has values beyond f16's range"
    }
  }
}
