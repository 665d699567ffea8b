import Checkpoint
import Evaluation
import Export
import FileAccess
import HuginnModel
import Inference
import Models
import PackFormat
import Signing

/// What to do where a library says what is wrong: the names of verbs and options are the command's,
/// and its errors and findings get them here alone.
enum Remedies {
  /// The sentence of an error, and what to do where the command knows more than the library.
  static func sentence(for error: any Error) -> String {
    let remedy =
      Self.remedy(for: error)
      ?? (error as? any LayeredError).flatMap { Self.remedy(for: $0.root) }
    return "\(error)" + (remedy.map { "; \($0)" } ?? "")
  }

  /// The hint of a finding, and the option that serves it.
  static func hint(of finding: Diagnostic) -> String {
    let option: String? =
      switch finding.code {
      case .headDifferent: "convert --ignore-stored-head drops it"
      case .variantUndecided: "--variant chooses one"
      case .fileIgnored: finding.variant.map { "--variant \($0) reads it" }
      default: nil
      }
    return finding.hint + (option.map { "; \($0)" } ?? "")
  }

  private static func remedy(for error: any Error) -> String? {
    switch error {
    case let error as FileError: remedy(for: error)
    case let error as PackError: remedy(for: error)
    case let error as ModelError: remedy(for: error)
    case let error as ExportError: remedy(for: error)
    // The signature's name is fixed.
    case SigningError.file(.exists): "replace it with --force"
    case InferenceError.noTokenizer: "give token ids with --tokens"
    case PartialEvaluationError.misfit: "start over with --force"
    case EvaluationRecordError.incomplete: "'muninn eval' resumes it"
    default: nil
    }
  }

  private static func remedy(for error: FileError) -> String? {
    switch error {
    case .exists: "choose another name, or replace it with --force"
    case .notReplaced: "choose another name"
    case .cannotReplace: "remove the old one yourself, then run without --force"
    default: nil
    }
  }

  private static func remedy(for error: PackError) -> String? {
    switch error {
    case .faulty: "'muninn verify' lists every fault"
    case .companionKept: "move it elsewhere, or add --drop-companions"
    default: nil
    }
  }

  private static func remedy(for error: ModelError) -> String? {
    switch error {
    case .refused: "'muninn validate' explains each"
    case .noWeights: "'muninn validate' explains"
    case .form(_, .checkpoint, _): "'muninn convert' makes a pack of it"
    case .form(_, .pack, _):
      "'muninn verify' checks packs; to convert, give the checkpoint"
    case .form(_, .compressedTensors, _), .form(_, .gguf, _):
      "it can only be inspected, validated and compared; give the checkpoint or the pack that it was "
        + "made from"
    default: nil
    }
  }

  private static func remedy(for error: ExportError) -> String? {
    switch error {
    case .noCodes(_, let encoding):
      "convert the checkpoint with --weights \(encoding) and export that"
    case .encoding(_, _, _, let encoding):
      "convert with --weights \(encoding), or leave the stage in f32, bf16 or f16"
    case .blocks: "export with --dtype f16, bf16 or f32"
    case .blockScale: "export with --dtype bf16 or f32"
    default: nil
    }
  }
}

extension Diagnostic {
  /// The variant of the weights that were left out.
  fileprivate var variant: String? { WeightName(subject)?.variant }
}
