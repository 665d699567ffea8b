import StrictJSON
import TestSupport

/// The files of `fixtures/safetensors` and what a reader does with each.
struct Verdict {
  let file: String
  /// `accept`, `reject`, or `either` where this project's reader is free.
  let muninn: String
  /// Whether the reference reader takes it.
  let isAcceptedByReference: Bool

  static let all: [Verdict] = {
    do {
      let document = try JSONValue(parsing: try Fixtures.bytes("safetensors/verdicts.json"))
      guard case .array(let elements) = document else { return [] }
      return try elements.map { element in
        var object = try JSONObject(element)
        return Verdict(
          file: try object.string("file"), muninn: try object.string("muninn"),
          isAcceptedByReference: try object.string("reference") == "accept")
      }
    } catch {
      return []
    }
  }()

  /// What this project's reader does where it is free.
  static let choices = [
    "bad-unknown-key.safetensors": "reject",
    "ok-empty-name.safetensors": "accept",
  ]

  /// Whether this project's reader takes it.
  var isAccepted: Bool { (Self.choices[file] ?? muninn) == "accept" }
}
