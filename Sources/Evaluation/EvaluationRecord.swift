public import StrictJSON

/// The result of an evaluation, as it is saved in a file.
///
/// The shape of the file is described with `muninn eval`.
public struct EvaluationRecord: Equatable, Sendable {
  /// The damage of one part, quantized alone.
  public struct Part: Equatable, Sendable {
    /// The stage's or the kind's name.
    public let name: String
    /// The elements quantized.
    public let parameterCount: Int
    /// What that does.
    public let damage: Damage

    /// A part.
    public init(name: String, parameterCount: Int, damage: Damage) {
      self.name = name
      self.parameterCount = parameterCount
      self.damage = damage
    }
  }

  /// The damage by part.
  public struct AblationRecord: Equatable, Sendable {
    /// What the parts are.
    public let by: Ablation
    /// The predictions it was measured on.
    public let predictions: Int
    /// In the order of the forward pass.
    public let parts: [Part]

    /// An ablation.
    public init(by: Ablation, predictions: Int, parts: [Part]) {
      self.by = by
      self.predictions = predictions
      self.parts = parts
    }
  }

  /// The effect on adaptive exits.
  public struct ExitRecord: Equatable, Sendable {
    /// The criterion with its threshold.
    public let criterion: String
    /// What was counted.
    public let shift: ExitEvaluation.Shift

    /// A shift under a criterion.
    public init(criterion: String, shift: ExitEvaluation.Shift) {
      self.criterion = criterion
      self.shift = shift
    }
  }

  /// The inputs and settings: an evaluation resumes only with the same ones.
  public let inputs: JSONValue
  /// The text's predictions.
  public var predictions = 0
  /// Over the text.
  public var damage: Damage?
  /// Where asked for.
  public var ablation: AblationRecord?
  /// Where asked for.
  public var exit: ExitRecord?
  /// Where there were questions.
  public var questions: [QuestionDamage] = []

  /// A record without findings.
  public init(inputs: JSONValue) { self.inputs = inputs }

  /// Whether it is of the pack with this digest.
  public func isOf(packDigest digest: String) -> Bool {
    guard case .object(let inputs) = inputs, case .object(let pack)? = inputs["pack"] else {
      return false
    }
    return pack["digest"] == .string(digest)
  }
}
