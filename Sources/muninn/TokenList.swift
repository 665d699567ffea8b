/// Token ids as a user writes them.
struct TokenList {
  let ids: [Int]

  /// Reads ids separated by commas.
  init(_ text: String) throws(Failure) {
    ids = try text.split(separator: ",").map { part throws(Failure) in
      guard let token = Int(part.filter { $0 != " " }) else {
        throw Failure(
          .usage, code: "usage", message: "--tokens takes ids separated by commas, not \(part)")
      }
      return token
    }
  }
}
