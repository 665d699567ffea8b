/// A JSON value as a tree, for documents small enough to hold whole.
///
/// Objects are dictionaries: order means nothing in JSON, and whatever is written is canonical.
public indirect enum JSONValue: Equatable, Sendable {
  case null
  case boolean(Bool)
  /// A number written without point or exponent that fits an `Int`.
  case integer(Int)
  /// Any other number, rounded to binary64.
  case number(Double)
  /// What Python writes for a number that JSON does not have.
  case notFinite(NotFinite)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// The literals of Python's `json` for numbers that JSON does not have.
  public enum NotFinite: String, CaseIterable, Sendable {
    case nan = "NaN"
    case infinity = "Infinity"
    case minusInfinity = "-Infinity"
  }

  /// The most values a document read as a tree may have: bounds memory to some tens of bytes each.
  public static let countLimit = 1_000_000

  /// Reads a whole document; white space may surround it.
  ///
  /// - Parameters:
  ///   - bytes: the document.
  ///   - dialect: which numbers it may have.
  /// - Throws: ``JSONError`` with the byte offset.
  public init(
    parsing bytes: [UInt8], dialect: JSONReader.Dialect = .strict
  ) throws(JSONError) {
    var reader = JSONReader(bytes, dialect: dialect)
    var remaining = Self.countLimit
    self = try Self.read(from: &reader, remaining: &remaining)
    try reader.finish()
  }

  /// Recursion is bounded by ``JSONReader/depthLimit``.
  private static func read(
    from reader: inout JSONReader, remaining: inout Int
  ) throws(JSONError) -> JSONValue {
    guard remaining > 0 else { throw .tooManyValues(limit: countLimit) }
    remaining -= 1
    switch try reader.peekKind() {
    case .null:
      try reader.readNull()
      return .null
    case .boolean:
      return .boolean(try reader.readBoolean())
    case .number:
      if let value = try reader.readNotFinite() { return .notFinite(value) }
      let start = reader.byteOffset
      let literal = try reader.readNumberLiteral()
      if let integer = Int(literal), literal != "-0" { return .integer(integer) }
      guard let number = Double(literal), number.isFinite else {
        throw .invalidNumber(byteOffset: start)
      }
      return .number(number)
    case .string:
      return .string(try reader.readString())
    case .array:
      var elements: [JSONValue] = []
      try reader.beginArray()
      while try reader.nextElement() {
        elements.append(try read(from: &reader, remaining: &remaining))
      }
      return .array(elements)
    case .object:
      var members: [String: JSONValue] = [:]
      try reader.beginObject()
      while let key = try reader.nextKey() {
        members[key] = try read(from: &reader, remaining: &remaining)
      }
      return .object(members)
    }
  }

  /// What kind of value this is.
  public var kind: JSONReader.Kind {
    switch self {
    case .null: .null
    case .boolean: .boolean
    case .integer, .number, .notFinite: .number
    case .string: .string
    case .array: .array
    case .object: .object
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation,
  ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  /// A string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// An integer.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// A boolean.
  public init(booleanLiteral value: Bool) { self = .boolean(value) }
  /// An array.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// An object; the last value counts for a key that is given twice.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(Dictionary(elements) { $1 })
  }
}
