import FileAccess
import HuginnModel
import Models
import StrictJSON

/// The tokens that end a text, as the files beside the weights have them.
struct StopTokens {
  private(set) var ids: Set<Int> = []

  /// Reads `eos_token_id`, one or several, of `generation_config.json`.
  ///
  /// - Throws: `FileError` where the file is there and cannot be read.
  init(of model: StoredModel) throws(FileError) {
    let bytes = try InputFile.contents(
      ifPresent: Path.join(model.directory, "generation_config.json"),
      limit: Limits.configByteCount)
    guard let bytes, case .object(let members)? = try? JSONValue(parsing: bytes) else { return }
    switch members["eos_token_id"] {
    case .integer(let id)?: ids = [id]
    case .array(let values)?:
      ids = Set(values.compactMap { if case .integer(let id) = $0 { id } else { nil } })
    default: break
    }
  }
}
