import StrictJSON
import TestSupport
import Testing

/// What a reader of untrusted bytes must never do is trap; each test here reads thousands of
/// damaged documents.
struct JSONReaderDamageTests {
  /// Documents with everything that JSON has, none with a byte to spare at its end.
  static let documents: [String] = [
    #"{"a":[1,-2.5e-3,true,false,null,"x\n\u00e9\ud83d\ude00"],"b":{"c":{},"d":[]},"é":"重み"}"#,
    #"[[[[]]],{"k" : {"k" : [ {"k":"v"} , 0 ]}} ,  18446744073709551615, 1E+10]"#,
    #"{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}"#,
    #""\"\\\/\b\f\n\r\t\uD834\uDD1E plain""#,
  ]

  @Test(arguments: documents)
  func `a document cut at any length is refused, with an offset inside it`(text: String) throws {
    let bytes = Array(text.utf8)
    _ = try JSONValue(parsing: bytes)
    for length in 0..<bytes.count {
      let error = parse(Array(bytes[..<length])).error
      // A number or an escape that loses its end is malformed rather than cut.
      let offset = try #require(error?.byteOffset, "\(length) bytes were accepted")
      #expect((0...length).contains(offset))
    }
  }

  @Test(arguments: documents)
  func `a document with any byte changed gives a value or an error inside it`(text: String) throws {
    let bytes = Array(text.utf8)
    var refused = 0
    for index in bytes.indices {
      for mask in [0x01, 0x02, 0x08, 0x20, 0x40, 0x80, 0xFF] as [UInt8] {
        var damaged = bytes
        damaged[index] ^= mask
        let result = parse(damaged)
        if let error = result.error {
          refused += 1
          let offset = try #require(error.byteOffset, "\(error) has no offset")
          #expect((0...bytes.count).contains(offset), "byte \(index) ^ \(mask)")
        } else if let printed = try? result.get().canonicalBytes {
          // What was accepted is a value like any other.
          #expect(parse(printed).value?.canonicalBytes == printed, "byte \(index) ^ \(mask)")
        }
      }
    }
    #expect(refused > bytes.count)
  }

  @Test func `bytes put together at random give a value or an error inside them`() throws {
    let pieces = [
      "{", "}", "[", "]", ":", ",", "\"", "\\", "\\u", "D83D", "DE00", "a", "0", "-", "1", ".", "e",
      "+", "true", "null", " ", "\n", "\u{1}", "é",
    ].map { Array($0.utf8) }
    var generator = SeededGenerator(seed: 1)
    var accepted = 0
    for _ in 0..<5000 {
      var bytes: [UInt8] = []
      for _ in 0..<Int.random(in: 1...12, using: &generator) {
        bytes += pieces.randomElement(using: &generator) ?? []
      }
      let result = parse(bytes)
      accepted += result.error == nil ? 1 : 0
      if let error = result.error {
        let offset = try #require(error.byteOffset)
        #expect((0...bytes.count).contains(offset))
      }
    }
    // Some are good by chance, so that the test has seen both ends.
    #expect((1...2500).contains(accepted))
  }

  private func parse(_ bytes: [UInt8]) -> Result<JSONValue, JSONError> {
    Result { () throws(JSONError) in try JSONValue(parsing: bytes) }
  }
}

extension Result {
  fileprivate var value: Success? {
    if case .success(let value) = self { value } else { nil }
  }

  fileprivate var error: Failure? {
    if case .failure(let error) = self { error } else { nil }
  }
}

extension JSONError {
  /// Where a reader's error is.
  fileprivate var byteOffset: Int? {
    switch self {
    case .truncated(let offset), .unexpected(_, let offset, _), .trailing(_, let offset),
      .invalidUTF8(let offset), .tooManyCombiningCharacters(let offset, _),
      .controlCharacter(_, let offset), .invalidEscape(let offset),
      .invalidNumber(let offset), .notAnUnsignedInteger(_, let offset),
      .duplicateKey(_, let offset), .tooDeep(let offset, _):
      offset
    case .byteOrderMark: 0
    case .tooManyValues, .wrongKind, .missingKey, .unknownKey:
      nil
    }
  }
}
