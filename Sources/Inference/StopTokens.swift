import FileAccess
import HuginnModel
import Models
import StrictJSON

/// The tokens that end a text, as the files beside the weights have them.
struct StopTokens {
  private(set) var ids: Set<Int> = []
  /// What could not be read.
  private(set) var warnings: [Diagnostic] = []

  /// Reads `eos_token_id`, one or several, of `generation_config.json`, and where it has none that of
  /// `config.json`.
  ///
  /// - Throws: `ModelError` if the config cannot be read.
  init(of model: StoredModel) throws(ModelError) {
    let name = "generation_config.json"
    let own = try Self.members(name, of: model, &warnings)
    if let ids = Self.ids(own, of: name, &warnings) {
      self.ids = ids
    } else {
      ids = Self.ids(try model.configMembers(), of: HuginnConfig.fileName, &warnings) ?? []
    }
  }

  /// The members of a file; none if there is no file, or if it is malformed, which is a warning.
  private static func members(
    _ name: String, of model: StoredModel, _ warnings: inout [Diagnostic]
  ) throws(ModelError) -> [String: JSONValue] {
    guard let bytes = try bytes(name, of: model, &warnings) else { return [:] }
    do throws(JSONError) {
      let value = try JSONValue(parsing: bytes, dialect: .python)
      guard case .object(let members) = value else {
        throw JSONError.wrongKind(
          path: name, expected: "an object", found: value.kind.described)
      }
      return members
    } catch {
      warnings.append(warning(name, found: error.description))
      return [:]
    }
  }

  /// The content of a file; a failing disk is an error, a malformed file a warning.
  private static func bytes(
    _ name: String, of model: StoredModel, _ warnings: inout [Diagnostic]
  ) throws(ModelError) -> [UInt8]? {
    do throws(ModelError) {
      return try model.sidecar(name)?.contents(limit: ModelLimits.configByteCount)
    } catch {
      switch error {
      case .file(let fault) where fault.isOfOtherKind: break
      case .file(.tooLarge): break
      default: throw error
      }
      warnings.append(warning(name, found: error.description))
      return nil
    }
  }

  /// The ids that `eos_token_id` gives; nil if it is absent.
  private static func ids(
    _ members: [String: JSONValue], of name: String, _ warnings: inout [Diagnostic]
  ) -> Set<Int>? {
    let values: [JSONValue]
    switch members["eos_token_id"] {
    case nil, .null?: return nil
    case .array(let elements)?: values = elements
    case let value?: values = [value]
    }
    let ids = values.compactMap { if case .integer(let id) = $0 { id } else { nil } }
    if ids.count < values.count {
      warnings.append(warning(name, found: "an eos_token_id that is not an integer"))
    }
    return Set(ids)
  }

  private static func warning(_ name: String, found: String) -> Diagnostic {
    Diagnostic(
      .sidecarUnread, subject: name, found: found,
      hint: "generation stops at the tokens that other files name; download it again, or fix it")
  }
}
