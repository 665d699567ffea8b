/// A set of words, and for each place of a text the longest of them that begins there.
///
/// The automaton of Aho and Corasick ("Efficient string matching", 1975) over the words read
/// backwards: a text is read once, from its end. Its time grows with the text alone, however many
/// words there are, how long they are, or what they have in common.
struct LongestWords: Sendable {
  /// A way from a node by a character.
  private struct Edge: Hashable, Sendable {
    let node: Int32
    let scalar: Unicode.Scalar
  }

  private var edges: [Edge: Int32] = [:]
  /// The nodes that ASCII characters lead to from the root, where a text mostly stays.
  private var rootEdges = [Int32](repeating: 0, count: 128)
  /// For each node, the node of its longest ending that is one.
  private var endings: [Int32] = [0]
  /// For each node, the longest word at the start of what was read; -1 for none.
  private var words: [Int32] = [-1]

  /// A set of words that are neither empty nor given twice.
  ///
  /// - Complexity: O(n) for n scalars in all.
  init(_ words: [[Unicode.Scalar]]) {
    let limit = words.reduce(0) { $0 + $1.count }
    edges.reserveCapacity(limit)
    var nodes = [Int32](repeating: 0, count: words.count)
    // Nodes of a depth are made together, so that all shallower ones are there to be endings.
    var longer = words.indices.sorted { words[$0].count > words[$1].count }
    var depth = 0
    while !longer.isEmpty {
      for word in longer {
        let scalars = words[word]
        nodes[word] = child(of: nodes[word], by: scalars[scalars.count - 1 - depth])
      }
      depth += 1
      while let word = longer.last, words[word].count == depth {
        self.words[Int(nodes[word])] = Int32(word)
        longer.removeLast()
      }
    }
  }

  private mutating func child(of node: Int32, by scalar: Unicode.Scalar) -> Int32 {
    let edge = Edge(node: node, scalar: scalar)
    if let child = edges[edge] { return child }
    let child = Int32(endings.count)
    edges[edge] = child
    if node == 0, scalar.isASCII { rootEdges[Int(scalar.value)] = child }
    let ending = node == 0 ? 0 : step(from: endings[Int(node)], by: scalar)
    endings.append(ending)
    words.append(words[Int(ending)])
    return child
  }

  private func step(from start: Int32, by scalar: Unicode.Scalar) -> Int32 {
    var node = start
    while true {
      if node == 0, scalar.isASCII { return rootEdges[Int(scalar.value)] }
      if let child = edges[Edge(node: node, scalar: scalar)] { return child }
      if node == 0 { return 0 }
      node = endings[Int(node)]
    }
  }

  /// For each place of a text, the place in the set of the longest word that begins there; -1 for
  /// none.
  ///
  /// - Complexity: O(n) for n scalars.
  func longest(in text: ArraySlice<Unicode.Scalar>) -> [Int32] {
    var longest = [Int32](repeating: -1, count: text.count)
    var node: Int32 = 0
    for (place, scalar) in zip(longest.indices, text).reversed() {
      node = step(from: node, by: scalar)
      longest[place] = words[Int(node)]
    }
    return longest
  }
}
