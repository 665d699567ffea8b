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
