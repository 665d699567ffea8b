import Tensors

/// Names as training wrappers save them.
extension HuginnConfig {
  /// What `torch.compile`, distributed wrappers and outer modules put before every name.
  static let wrapperPrefixes = ["_orig_mod.", "module.", "model."]

  /// The prefix under which a wrapper saved the tensors; empty where the model's names stand as
  /// they are, or nowhere.
  func wrapperPrefix(of tensors: [TensorDescription]) -> String {
    let expected = Set(self.tensors.map(\.name))
    // A name that fits as it is tells that there is no prefix; one that fits without, which.
    if tensors.contains(where: { expected.contains($0.name) }) { return "" }
    return tensors.lazy.map { (name: $0.name, prefix: Self.wrapperPrefix(of: $0.name)) }
      .first { expected.contains(String($0.name.dropFirst($0.prefix.count))) }?.prefix ?? ""
  }

  /// The finding for a prefix that had to be taken off.
  func wrapperFinding(_ prefix: String, of tensors: [TensorDescription]) -> Diagnostic {
    let count = tensors.count { $0.name.hasPrefix(prefix) }
    return Diagnostic(
      .namePrefix, subject: prefix, expected: "names such as \(Self.embeddingName)",
      found: "\(count) of \(tensors.count) names begin with it",
      hint:
        "a training wrapper saved them: save model.state_dict() of the module inside, or rename "
        + "the tensors and write the shards and the index again")
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

extension String {
  func withoutPrefix(_ prefix: String) -> String {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self
  }
}

extension TensorDescription {
  func withoutPrefix(_ prefix: String) -> TensorDescription {
    TensorDescription(name: name.withoutPrefix(prefix), dtype: dtype, shape: shape)
  }
}
