import Safetensors
import StrictJSON
import TestSupport
import Tensors
import Testing

struct SafetensorsHeaderTests {
  private func header(_ text: String) throws(HeaderFault) -> SafetensorsHeader {
    try SafetensorsHeader(parsing: Array(text.utf8))
  }

  private func entry(
    _ dtype: String = "F32", shape: String = "[1]", offsets: String = "[0,4]"
  ) -> String {
    #"{"a":{"dtype":"\#(dtype)","shape":\#(shape),"data_offsets":\#(offsets)}}"#
  }

  // MARK: - What is read

  @Test func `tensors come in the order of their data`() throws {
    let header = try header(
      """
      {"c":{"dtype":"U8","shape":[2],"data_offsets":[4,6]},
      "a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},
      "b":{"dtype":"I16","shape":[0,9],"data_offsets":[4,4]}}
      """)
    #expect(
      header.entries.map(\.tensor) == [
        TensorDescription(name: "a", dtype: .f32, shape: Shape(1)),
        TensorDescription(name: "b", dtype: .i16, shape: Shape(0, 9)),
        TensorDescription(name: "c", dtype: .u8, shape: Shape(2)),
      ])
    #expect(header.entries.map(\.dataRange) == [0..<4, 4..<4, 4..<6])
    #expect(header.dataByteCount == 6)
  }

  @Test func `metadata is the strings under their keys`() throws {
    let header = try header(#"{"__metadata__":{"format":"pt","a b":"\u00e9"}}"#)
    #expect(header.metadata == ["format": "pt", "a b": "é"])
    #expect(header.entries.isEmpty)
    #expect(header.dataByteCount == 0)
  }

  @Test func `metadata may appear after tensors`() throws {
    let text = entry().dropLast() + #","__metadata__":{"k":"v"}}"#
    #expect(try header(String(text)).metadata == ["k": "v"])
  }

  @Test func `white space between members is JSON and is accepted`() throws {
    let spaced = #"{ "a" : { "shape" : [ 1 ] , "dtype":"F32", "data_offsets":[0, 4] }}   "#
    #expect(try header(spaced) == header(entry()))
  }

  @Test(arguments: DType.allCases)
  func `a tensor of each dtype takes its elements' bytes`(dtype: DType) throws {
    let count = dtype.bitsPerElement  // 8 elements
    let header = try header(entry(dtype.rawValue, shape: "[2,4]", offsets: "[0,\(count)]"))
    #expect(header.entries.first?.tensor.dtype == dtype)
    #expect(header.dataByteCount == count)
  }

  // MARK: - Rules that the corpus does not reach

  @Test func `a duplicate name is refused even if the tensors tile the data`() {
    let empty = #""a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}"#
    let full = #""a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"#
    #expect(throws: HeaderFault.json(.duplicateKey("a", byteOffset: 54))) {
      try header("{\(empty),\(full)}")
    }
  }

  @Test func `names that are canonically equivalent are one name`() {
    let composed = #""\u00e9":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"#
    let decomposed = #""e\u0301":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}"#
    #expect(throws: HeaderFault.json(.duplicateKey("é", byteOffset: 59))) {
      try header("{\(composed),\(decomposed)}")
    }
  }

  @Test(arguments: [(UInt64(1) << 53) + 4, 1 << 63, .max])
  func `an end beyond any file is refused as such`(end: UInt64) {
    #expect(throws: HeaderFault.offsetTooLarge(tensor: "a", end: end)) {
      try header(entry(offsets: "[0,\(end)]"))
    }
    #expect(throws: HeaderFault.offsetTooLarge(tensor: "a", end: end)) {
      try header(entry(shape: "[0]", offsets: "[\(end),\(end)]"))
    }
  }

  @Test func `the most data that a header may have is read as such`() throws {
    let end = UInt64(SafetensorsLimits.dataByteCount)
    #expect(
      try header(entry(shape: "[\(end / 4)]", offsets: "[0,\(end)]")).dataByteCount == 1 << 53)
  }

  @Test func `a name of many combining characters is refused`() {
    let name = "e" + String(repeating: "\u{301}", count: 31)
    #expect(
      throws: HeaderFault.json(.tooManyCombiningCharacters(byteOffset: 2, limit: 30))
    ) {
      try header("{\"\(name)\":{}}")
    }
  }

  @Test(arguments: ["[]", "[[0],4]", "[0.0,4]", "[-0,4]", "[null,4]", "{}", "4"])
  func `offsets are two unsigned integers`(offsets: String) {
    let error = #expect(throws: HeaderFault.self) { try header(entry(offsets: offsets)) }
    #expect(error?.rule == (offsets == "[]" ? .offsetCount : .entry))
  }

  @Test func `the first broken rule in the order of the file is the one reported`() {
    let text = #"{"a":{"dtype":"F33","shape":[9],"data_offsets":[9,0]},"a":0}"#
    #expect(throws: HeaderFault.unknownDType(tensor: "a", found: "F33")) { try header(text) }
  }

  // MARK: - Damage

  @Test func `a header cut at any length is refused`() {
    let text =
      #"{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,2],"#
      + #""data_offsets":[0,16]}}"#
    let bytes = Array(text.utf8)
    for length in bytes.indices {
      let error = #expect(throws: HeaderFault.self, "\(length) bytes") {
        try SafetensorsHeader(parsing: Array(bytes[..<length]))
      }
      switch error {
      case .noObject(found: nil): #expect(length == 0)
      case .json(.truncated), .metadata(.truncated), .entry("a", .truncated): break
      default: Issue.record("\(length) bytes: \(String(describing: error))")
      }
    }
  }

  @Test func `no change of one byte leaves a header that reads the same`() throws {
    let good = Array(try Fixtures.bytes("safetensors/ok-metadata.safetensors")[8..<96])
    let original = try SafetensorsHeader(parsing: good)
    for position in good.indices {
      for mask in UInt8(1)...255 {
        var bytes = good
        bytes[position] ^= mask
        let changed = try? SafetensorsHeader(parsing: bytes)
        #expect(changed != original, "byte \(position), mask \(mask)")
      }
    }
  }
}
