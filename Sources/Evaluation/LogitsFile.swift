public import FileAccess
import HuginnModel
public import Inference
import Models
import Safetensors
import Tensors

/// A safetensors file of what a model predicts after each token of a text, for other programs to
/// compare with: `logits`, F32 `[tokens, vocabulary]`, and `input_ids`, I64 `[tokens]`.
public enum LogitsFile {
  /// The tokens taken together: a text's logits are written part by part and never held whole.
  private static let partCount = 32

  /// What is written here: a safetensors file of weights is none.
  private static let kind = OutputKind.tensors("a file of logits") {
    $0 == ["input_ids", "logits"]
  }

  /// Checks that a path has nothing, or what may be replaced.
  ///
  /// - Throws: `FileError`.
  public static func check(_ target: String, replacing: Bool) throws(FileError) {
    try PartialFile.check(target: target, replacing: replacing, kind: kind)
  }

  /// Runs a model over a text from a latent state of zeros, and writes what it predicts.
  ///
  /// - Parameters:
  ///   - ids: the text's tokens.
  ///   - model: the model, whose files must not change meanwhile.
  ///   - steps: the recurrences of every token.
  ///   - target: where it is written; it appears complete or not at all.
  ///   - replacing: whether a file of logits that is there is replaced.
  /// - Throws: ``LogitsError``.
  public static func write(
    _ ids: [Int], of model: LanguageModel, steps: Int, to target: String, replacing: Bool
  ) throws(LogitsError) {
    let vocabulary = model.model.config.paddedVocabularySize
    let writer = try LogitsError.wrapping(as: LogitsError.safetensors) {
      () throws(SafetensorsError) in
      try SafetensorsWriter(
        target: target,
        tensors: [
          TensorDescription(name: "input_ids", dtype: .i64, shape: Shape(ids.count)),
          TensorDescription(name: "logits", dtype: .f32, shape: Shape(ids.count, vocabulary)),
        ],
        replacing: replacing, kind: kind)
    }
    let bytes = ids.map { Int64($0) }
    try LogitsError.wrapping(writer.data.write(bytes.span.rawBytes, of: "input_ids"))
    var (session, offset) = (Session(model.model), 0)
    for start in stride(from: 0, to: ids.count, by: partCount) {
      let part = Array(ids[start..<min(start + partCount, ids.count)])
      let logits = try LogitsError.wrapping(
        session.evaluate(part, steps: steps), as: LogitsError.model)
      try LogitsError.wrapping(
        writer.data.write(logits.span.rawBytes, of: "logits", at: offset))
      offset += logits.count * MemoryLayout<Float>.size
    }
    try LogitsError.wrapping { () throws(FileError) in
      try model.stored.checkUnchanged()
      try writer.publish()
    }
  }
}
