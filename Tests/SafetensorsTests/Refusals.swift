import Safetensors
import StrictJSON
import Tensors

/// What each refused file of `fixtures/safetensors` is refused for, `bad-` and the suffix left out.
enum Refusals {
  static let faults: [(name: String, fault: HeaderFault)] = [
    ("git-lfs-pointer", .foreign(.gitLFSPointer)),
    ("html", .foreign(.webPage)),
    ("zip-pickle", .foreign(.zipArchive)),
    ("gguf", .foreign(.gguf)),

    ("empty", .noLength(byteCount: 0)),
    ("7-bytes", .noLength(byteCount: 7)),
    ("length-over-cap", .headerTooLarge(length: 100_000_001, limit: 100_000_000)),
    ("length-huge", .headerTooLarge(length: 1 << 63, limit: 100_000_000)),
    ("length-max", .headerTooLarge(length: .max, limit: 100_000_000)),
    ("only-length", .headerCut(length: 16, available: 0)),
    ("header-cut", .headerCut(length: 64, available: 19)),

    ("length-zero", .noObject(found: nil)),
    ("not-json", .noObject(found: UInt8(ascii: "n"))),
    ("json-array", .noObject(found: UInt8(ascii: "["))),
    ("leading-space", .noObject(found: 0x20)),
    ("leading-bom", .noObject(found: 0xEF)),

    ("comment", .json(unexpected("/", 1, "a string"))),
    ("control-char", .json(.controlCharacter(byte: 1, byteOffset: 3))),
    ("duplicate-name", .json(.duplicateKey("a", byteOffset: 54))),
    ("duplicate-name-escaped", .json(.duplicateKey("a", byteOffset: 54))),
    ("json-trailing", .json(.trailing(byte: UInt8(ascii: "{"), byteOffset: 2))),
    ("lone-surrogate", .json(.invalidEscape(byteOffset: 3))),
    ("metadata-duplicate", .json(.duplicateKey("__metadata__", byteOffset: 19))),
    ("nul-padding", .json(.trailing(byte: 0, byteOffset: 2))),
    ("trailing-comma", .json(unexpected("}", 54, "a string"))),
    ("utf8", .json(.invalidUTF8(byteOffset: 2))),

    ("duplicate-metadata-key", .metadata(reason: .duplicateKey("a", byteOffset: 25))),
    ("metadata-list", .metadata(reason: unexpected("[", 16, "'{'"))),
    ("metadata-nested", .metadata(reason: unexpected("{", 21, "a string"))),
    ("metadata-number", .metadata(reason: unexpected("1", 21, "a string"))),

    ("deep-nesting", entry(unexpected("[", 5, "'{'"))),
    ("duplicate-key-inside", entry(.duplicateKey("dtype", byteOffset: 20))),
    ("entry-as-list", entry(unexpected("[", 5, "'{'"))),
    ("leading-zero", entry(.invalidNumber(byteOffset: 29))),
    ("missing-dtype", entry(.missingKey(path: "", key: "dtype"))),
    ("missing-offsets", entry(.missingKey(path: "", key: "data_offsets"))),
    ("missing-shape", entry(.missingKey(path: "", key: "shape"))),
    ("nan-literal", entry(unexpected("N", 29, "a value"))),
    ("null-entry", entry(unexpected("n", 5, "'{'"))),
    ("shape-beyond-u64", entry(notAnInteger("99999999999999999999"))),
    ("shape-float", entry(notAnInteger("1.0"))),
    ("shape-minus-zero", entry(notAnInteger("-0"))),
    ("shape-negative", entry(notAnInteger("-1"))),
    ("shape-string", entry(unexpected("\"", 29, "a number"))),
    ("unknown-key", entry(.unknownKey(path: "", key: "extra"))),

    ("dtype-case", .unknownDType(tensor: "a", found: "f32")),
    ("unknown-dtype", .unknownDType(tensor: "a", found: "F33")),
    ("offsets-one", .offsetCount(tensor: "a")),
    ("offsets-three", .offsetCount(tensor: "a")),
    ("offsets-reversed", .reversedOffsets(tensor: "a", begin: 4, end: 0)),
    ("dtype-F4-odd", size([3], .f4, .partialByte(bits: 12))),
    ("huge-times-zero", size([1 << 63, 4, 0], .f32, .overflow)),
    ("shape-overflow", size([1 << 32, 1 << 32], .f32, .overflow)),
    ("shape-overflow-bytes", size([1 << 61], .f64, .overflow)),
    (
      "shape-vs-offsets",
      .byteCount(tensor: "a", shape: Shape(4), dtype: .f32, expected: 16, found: 8)
    ),

    ("offsets-hole", .hole(tensor: "b", expected: 4, found: 8)),
    ("offsets-start-gap", .hole(tensor: "a", expected: 0, found: 4)),
    ("empty-tensor-inside", .overlap(tensor: "b", expected: 8, found: 4)),
    ("offsets-overlap", .overlap(tensor: "b", expected: 8, found: 4)),
    ("offsets-same", .overlap(tensor: "b", expected: 4, found: 0)),
    ("offsets-past-end", .dataCut(expected: 80, found: 72)),
    ("no-tensors-but-data", .trailingData(expected: 16, found: 24)),
    ("trailing-bytes", .trailingData(expected: 68, found: 76)),
  ]

  private static func unexpected(
    _ byte: Unicode.Scalar, _ offset: Int, _ expected: String
  ) -> JSONError {
    .unexpected(byte: UInt8(ascii: byte), byteOffset: offset, expected: expected)
  }

  private static func notAnInteger(_ literal: String) -> JSONError {
    .notAnUnsignedInteger(literal: literal, byteOffset: 29)
  }

  private static func entry(_ reason: JSONError) -> HeaderFault {
    .entry(tensor: "a", reason: reason)
  }

  private static func size(
    _ shape: [UInt64], _ dtype: DType, _ reason: SizeError
  ) -> HeaderFault {
    .size(tensor: "a", shape: shape, dtype: dtype, reason: reason)
  }
}
