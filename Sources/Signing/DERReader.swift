/// Goes through the values of a DER encoding (X.690), as far as telling kinds of keys takes.
struct DERReader {
  /// The tags that keys are made of.
  enum Tag {
    static let integer: UInt8 = 0x02
    static let octetString: UInt8 = 0x04
    static let objectIdentifier: UInt8 = 0x06
    static let sequence: UInt8 = 0x30
    static let firstOptional: UInt8 = 0xA0
  }

  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  /// The content of the value that comes next, if it has this tag and is whole.
  mutating func take(_ tag: UInt8) -> ArraySlice<UInt8>? {
    guard rest.first == tag else { return nil }
    var after = rest.dropFirst()
    guard let first = after.popFirst() else { return nil }
    var count = Int(first)
    if first >= 0x80 {
      // Keys are shorter than what two bytes count.
      let size = Int(first & 0x7F)
      guard (1...2).contains(size), after.count >= size else { return nil }
      count = after.prefix(size).reduce(0) { $0 << 8 | Int($1) }
      after = after.dropFirst(size)
    }
    guard count <= after.count else { return nil }
    rest = after.dropFirst(count)
    return after.prefix(count)
  }

  /// A reader of the values inside the next one.
  mutating func enter(_ tag: UInt8) -> DERReader? {
    take(tag).map { DERReader($0) }
  }
}
