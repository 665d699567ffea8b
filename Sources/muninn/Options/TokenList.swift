import HuginnModel
import Inference
import Tensors

/// Token ids as a user writes them.
struct TokenList {
  let ids: [Int]

  /// Reads ids separated by commas.
  init(_ text: String) throws(Failure) {
    ids = try text.split(separator: ",").map { part throws(Failure) in
      guard let token = Int(part.filter { $0 != " " }) else {
        throw Failure(
          .usage, code: "usage",
          message: "--tokens must be ids separated by commas, not \(String(part).quoted)")
      }
      return token
    }
  }
}

extension Model {
  /// Checks that the model has tokens, before it runs on any of them.
  ///
  /// - Parameters:
  ///   - ids: the tokens.
  ///   - source: where they are from, which the message begins with.
  /// - Throws: ``Failure`` for the first that the vocabulary does not have.
  func check(_ ids: [Int], from source: @autoclosure () -> String) throws(Failure) {
    let count = config.paddedVocabularySize
    guard let position = ids.firstIndex(where: { !(0..<count).contains($0) }) else { return }
    throw Failure(
      .failure, code: "refused",
      message:
        "\(source()): token \(ids[position]) at position \(position), counted from 0, is outside the "
        + "vocabulary of \(count)")
  }
}
