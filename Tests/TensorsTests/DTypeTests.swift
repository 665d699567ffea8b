import Tensors
import Testing

struct DTypeTests {
  /// Every dtype of safetensors 0.8 with its bits, from that package's `dtype.rs`.
  static let bits = [
    "BOOL": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8,
    "F8_E8M0": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16,
    "I32": 32, "U32": 32, "F32": 32, "C64": 64, "F64": 64, "I64": 64, "U64": 64,
  ]

  @Test func `the dtypes are those of safetensors, spelled as there`() {
    #expect(Set(DType.allCases.map(\.rawValue)) == Set(Self.bits.keys))
  }

  @Test(arguments: DType.allCases)
  func `an element has the bits that its name says`(dtype: DType) throws {
    #expect(dtype.bitsPerElement == Self.bits[dtype.rawValue])
    #expect(try dtype.byteCount(of: 8) == dtype.bitsPerElement)
    #expect(try dtype.byteCount(of: 0) == 0)
  }

  @Test(arguments: ["f32", "F32 ", "F8", "FLOAT32", "I4", ""])
  func `a name in another spelling is not a dtype`(name: String) {
    #expect(DType(rawValue: name) == nil)
  }

  @Test(
    arguments: [
      (DType.f4, 2, 1), (.f4, 6, 3), (.f6E2M3, 4, 3), (.f6E3M2, 8, 6), (.u8, 3, 3), (.bf16, 3, 6),
      (.f32, 3, 12), (.u64, 3, 24),
    ] as [(DType, Int, Int)])
  func `elements take whole bytes`(dtype: DType, count: Int, bytes: Int) throws {
    #expect(try dtype.byteCount(of: count) == bytes)
  }

  @Test(
    arguments: [(DType.f4, 1, 4), (.f4, 3, 12), (.f6E2M3, 1, 6), (.f6E3M2, 3, 18)]
      as [(DType, Int, Int)])
  func `packed elements that end inside a byte are refused`(dtype: DType, count: Int, bits: Int) {
    #expect(throws: SizeError.partialByte(bits: bits)) { try dtype.byteCount(of: count) }
  }

  @Test(arguments: [DType.f4, .u8, .bf16, .f32, .f64])
  func `a size in bits beyond 63 bits overflows, the largest below does not`(
    dtype: DType
  ) throws {
    // A multiple of 8 elements always fills whole bytes.
    let most = Int.max / dtype.bitsPerElement & ~7
    #expect(try dtype.byteCount(of: most) == most / 8 * dtype.bitsPerElement)
    #expect(throws: SizeError.overflow) { try dtype.byteCount(of: most + 8) }
    #expect(throws: SizeError.overflow) { try dtype.byteCount(of: .max) }
  }
}
