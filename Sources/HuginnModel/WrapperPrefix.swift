import Tensors

/// Names as training wrappers save them.
extension HuginnConfig {
  /// What `torch.compile`, distributed wrappers and outer modules put before every name.
  static let wrapperPrefixes = ["_orig_mod.", "module.", "model."]

  /// The tensors under the names that the model knows, and a finding where a wrapper's prefix had to
  /// be taken off for it.
  func withoutWrapperPrefix(
    _ tensors: [TensorDescription]
  ) -> ([TensorDescription], [Diagnostic]) {
    let expected = Set(self.tensors.map(\.name))
    // One name that fits after stripping tells the prefix; a name that fits as it is, tells none.
    guard !tensors.contains(where: { expected.contains($0.name) }),
      let prefix = tensors.lazy.map({ Self.wrapperPrefix(of: $0.name) })
        .first(where: { prefix in
          !prefix.isEmpty
            && tensors.contains {
              $0.name.hasPrefix(prefix)
                && expected.contains(String($0.name.dropFirst(prefix.count)))
            }
        })
    else { return (tensors, []) }
    var count = 0
    let stripped = tensors.map { tensor in
      guard tensor.name.hasPrefix(prefix) else { return tensor }
      count += 1
      return TensorDescription(
        name: String(tensor.name.dropFirst(prefix.count)), dtype: tensor.dtype, shape: tensor.shape)
    }
    let finding = Diagnostic(
      .namePrefix, subject: prefix, expected: "names such as \(Self.embeddingName)",
      found: "\(count) of \(tensors.count) names begin with it",
      hint:
        "a training wrapper saved them: save model.state_dict() of the module inside, or rename "
        + "the tensors and write the shards and the index again")
    return (stripped, [finding])
  }

  /// All wrappers' prefixes that a name begins with, one inside the other.
  private static func wrapperPrefix(of name: String) -> String {
    var rest = name[...]
    while let prefix = wrapperPrefixes.first(where: { rest.hasPrefix($0) }) {
      rest = rest.dropFirst(prefix.count)
    }
    return String(name[..<rest.startIndex])
  }
}
