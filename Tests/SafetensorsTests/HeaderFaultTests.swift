import FileAccess
import Safetensors
import StrictJSON
import Tensors
import Testing

struct HeaderFaultTests {
  /// One fault of each case, and the sentence that a person reads.
  private static let sentences: [(HeaderFault, String)] = [
    (.file(.notFound(path: "m")), "'m' does not exist"),
    (
      .foreign(.gguf),
      "this is a GGUF file, not safetensors; convert from the released safetensors checkpoint"
    ),
    (
      .noLength(byteCount: 7),
      "the file has 7 bytes, expected at least 8 for the header's length"
    ),
    (
      .headerTooLarge(length: .max, limit: 100_000_000),
      "the header's length at byte 0 is 18446744073709551615, expected at most 100000000"
    ),
    (
      .headerCut(length: 64, available: 19),
      "the header needs 64 bytes at byte 8, but the file has only 19 more: "
        + "it is truncated, or its download incomplete"
    ),
    (
      .noObject(found: 0x5B), "the header at byte 8 begins with byte 0x5b, expected '{'"
    ),
    (.noObject(found: nil), "the header at byte 8 is empty, expected '{'"),
    (
      .json(.duplicateKey("a", byteOffset: 54)),
      "in the header at byte 8, the key 'a' at byte 54 of the JSON occurs twice in its object"
    ),
    (
      .metadata(reason: .unexpected(byte: 0x31, byteOffset: 21, expected: "a string")),
      "'__metadata__' is not an object of strings: byte 21 of the JSON is '1', expected a string"
    ),
    (
      .entry(tensor: "a", reason: .missingKey(path: "", key: "dtype")),
      "the entry of tensor 'a' is malformed: the key 'dtype' is missing"
    ),
    (
      .entry(tensor: "a", reason: .unknownKey(path: "", key: "extra")),
      "the entry of tensor 'a' is malformed: the key 'extra' is unknown"
    ),
    (
      .unknownDType(tensor: "a", found: "f32"),
      "tensor 'a' has dtype 'f32', expected one of BOOL, F4, F6_E2M3, F6_E3M2, "
        + "U8, I8, F8_E5M2, F8_E4M3, F8_E8M0, F8_E4M3FNUZ, F8_E5M2FNUZ, I16, U16, F16, BF16, I32, "
        + "U32, F32, C64, F64, I64, U64"
    ),
    (.offsetCount(tensor: "a"), "the 'data_offsets' of tensor 'a' are not a pair"),
    (
      .reversedOffsets(tensor: "a", begin: 4, end: 0),
      "tensor 'a' begins at data byte 4, but ends before it, at 0"
    ),
    (
      .offsetTooLarge(tensor: "a", end: .max),
      "tensor 'a' ends at data byte 18446744073709551615, beyond the end of any file"
    ),
    (
      .size(tensor: "a", shape: [3], dtype: .f4, reason: .partialByte(bits: 12)),
      "tensor 'a' of shape [3] in F4: 12 bits of packed elements end inside a byte"
    ),
    (
      .size(tensor: "a", shape: [1 << 63, 2], dtype: .f32, reason: .overflow),
      "tensor 'a' of shape [9223372036854775808, 2] in F32: the size overflows 64 bits"
    ),
    (
      .byteCount(tensor: "a", shape: Shape(4), dtype: .f32, expected: 16, found: 8),
      "tensor 'a' of shape [4] in F32 needs 16 bytes, but its offsets span 8"
    ),
    (
      .hole(tensor: "b", expected: 4, found: 8),
      "tensor 'b' begins at data byte 8, expected 4: the bytes between belong to no tensor"
    ),
    (
      .overlap(tensor: "b", expected: 8, found: 4),
      "tensor 'b' begins at data byte 4, expected 8: it overlaps the tensor before it"
    ),
    (
      .dataCut(expected: 80, found: 72),
      "the file has 72 bytes, but its tensors end at byte 80: it is truncated, or its download incomplete"
    ),
    (
      .trailingData(expected: 16, found: 24),
      "the file has 24 bytes, but its tensors end at byte 16: the rest belongs to no tensor"
    ),
  ]

  @Test func `every fault says the rule, the place and what was found`() {
    for (fault, sentence) in Self.sentences { #expect(fault.description == sentence) }
  }

  @Test func `every kind of fault has a sentence in this list`() {
    #expect(Set(Self.sentences.map(\.0.rule)) == Set(HeaderRule.allCases))
  }

  @Test func `a name from the file is shown without its control characters`() {
    let fault = HeaderFault.offsetCount(tensor: "a\u{1B}[2J")
    #expect(fault.description == #"the 'data_offsets' of tensor 'a\u{1b}[2J' are not a pair"#)
  }
}
