/// What turns the names that a wrapper saved into the model's, found by comparing the two.
///
/// A training wrapper, a compiled region or an adapter's base puts constant parts before a name,
/// after it, or between its components. No list of wrappers is kept: a name means the one of the
/// model whose components it has, in their order, with others around them.
public struct TensorRenaming: Equatable, Sendable {
  /// The model's name for each stored name that means one.
  public private(set) var names: [String: String] = [:]
  /// The parts that were taken away, sorted.
  public private(set) var parts: [String] = []
  /// Stored names that mean none of the model's, or one that another name also means; sorted.
  public private(set) var unmapped: [String] = []
  /// The model's names that no stored name means, sorted.
  public private(set) var missing: [String] = []

  /// Whether every stored name means one of the model's, and none of the model's is missing.
  public var isTotal: Bool { unmapped.isEmpty && missing.isEmpty && parts.count <= Self.partLimit }

  /// More parts than this are not constant.
  private static let partLimit = 8
  /// No model has longer names.
  private static let componentLimit = 32

  /// Compares names.
  ///
  /// - Parameters:
  ///   - stored: as the files have them.
  ///   - required: those of the model that a checkpoint must have.
  ///   - optional: those that it may have.
  init(of stored: Set<String>, required: Set<String>, optional: Set<String>) {
    self.init(of: stored.map { ($0, $0) }, required, optional)
    guard !isTotal, let (prefix, suffix) = Self.surroundings(of: stored) else { return }
    // Parts that end inside a component are the same around every name.
    let stripped = stored.map { name in
      (name, String(name.dropFirst(prefix.count).dropLast(suffix.count)))
    }
    var inner = TensorRenaming(of: stripped, required, optional)
    inner.parts = Set(inner.parts + [prefix, suffix].filter { !$0.isEmpty }).sorted()
    if inner.isTotal { self = inner }
  }

  private init(
    of stored: [(stored: String, name: String)], _ required: Set<String>, _ optional: Set<String>
  ) {
    let known = required.union(optional)
    let tree = NameTree(known)
    var owners: [String: [String]] = [:]
    var parts: Set<String> = []
    for (name, text) in stored {
      if known.contains(text) {
        owners[text, default: []].append(name)
      } else if let found = tree.match(text, componentLimit: Self.componentLimit) {
        owners[found.name, default: []].append(name)
        parts.formUnion(found.parts)
      } else {
        unmapped.append(name)
      }
    }
    for (name, owners) in owners {
      if owners.count == 1 { names[owners[0]] = name } else { unmapped += owners }
    }
    unmapped.sort()
    missing = required.subtracting(names.values).sorted()
    self.parts = parts.sorted()
  }

  /// The text before and after the embedding's name, if all names have it.
  private static func surroundings(of stored: Set<String>) -> (prefix: String, suffix: String)? {
    let core = HuginnConfig.embeddingName
    guard let sample = stored.filter({ $0.contains(core) }).min(),
      let range = sample.firstRange(of: core)
    else { return nil }
    let (prefix, suffix) = (
      String(sample[..<range.lowerBound]), String(sample[range.upperBound...])
    )
    guard stored.allSatisfy({ $0.hasPrefix(prefix) && $0.hasSuffix(suffix) }) else { return nil }
    return (prefix, suffix)
  }
}

/// Dotted names as a tree of their components.
private struct NameTree {
  private var children: [[Substring: Int]] = [[:]]
  private var names: [Int: String] = [:]

  init(_ names: Set<String>) {
    for name in names {
      var node = 0
      for component in name.split(separator: ".") {
        if let next = children[node][component] {
          node = next
        } else {
          children.append([:])
          children[node][component] = children.count - 1
          node = children.count - 1
        }
      }
      self.names[node] = name
    }
  }

  /// The one name whose components are among those of `text`, in their order; the longest of
  /// several, and nil if that leaves more than one.
  func match(_ text: String, componentLimit: Int) -> (name: String, parts: Set<String>)? {
    let components = text.split(separator: ".")
    guard components.count <= componentLimit else { return nil }
    // Each node that is reached, with the components that it took.
    var reached: [Int: [Int]] = [0: []]
    for (index, component) in components.enumerated() {
      for (node, taken) in reached {
        // The last of equal components counts: what a wrapper repeats stands before.
        if let next = children[node][component] { reached[next] = taken + [index] }
      }
    }
    let found = reached.compactMap { node, taken in names[node].map { (name: $0, taken: taken) } }
    guard let longest = found.map(\.taken.count).max() else { return nil }
    let candidates = found.filter { $0.taken.count == longest }
    guard candidates.count == 1 else { return nil }
    let taken = Set(candidates[0].taken)
    var parts: Set<String> = []
    var run: [Substring] = []
    for index in components.indices.map({ $0 }) + [components.count] {
      if index < components.count, !taken.contains(index) {
        run.append(components[index])
      } else if !run.isEmpty {
        parts.insert(run.joined(separator: "."))
        run = []
      }
    }
    return (candidates[0].name, parts)
  }
}

extension HuginnConfig {
  /// Compares stored names with the model's.
  ///
  /// - Parameter stored: the names in all files, and those that an index places in files that are
  ///   not there.
  /// - Returns: the renaming; nil if none is needed or nothing speaks for one.
  public func renaming(of stored: Set<String>) -> TensorRenaming? {
    let required = Set(tensors.map(\.name))
    var optional: Set<String> = [Self.rotaryTableName]
    if tiesEmbeddings { optional.insert(Self.headName) }
    let unexpected = stored.subtracting(required).subtracting(optional)
    guard !unexpected.isEmpty, !required.isSubset(of: stored) else { return nil }
    let renaming = TensorRenaming(of: stored, required: required, optional: optional)
    return renaming.parts.isEmpty && !isOfAnother(renaming, stored, required) ? nil : renaming
  }

  /// Whether so few names are the model's that to list the others one by one says nothing.
  private func isOfAnother(
    _ renaming: TensorRenaming, _ stored: Set<String>, _ required: Set<String>
  ) -> Bool {
    2 * renaming.unmapped.count > stored.count && 2 * renaming.missing.count > required.count
  }
}
