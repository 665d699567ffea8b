/// How a tensor's elements are stored: in blocks of so many elements and bytes.
///
/// The numbers are those of `ggml_type` in ggml's `ggml.h`. What muninn reads values of and writes
/// are ``f32``, ``f16``, ``bf16`` and ``q8_0``; of the others it knows the sizes.
public struct GGUFTensorType: Hashable, Sendable, CustomStringConvertible {
  /// Its number in a file.
  public let code: UInt32
  /// Its name, as ggml prints it.
  public let description: String
  /// The elements of a block.
  public let blockElementCount: Int
  /// The bytes of a block.
  public let blockByteCount: Int

  private init(_ code: UInt32, _ name: String, _ elements: Int, _ bytes: Int) {
    self.code = code
    self.description = name
    self.blockElementCount = elements
    self.blockByteCount = bytes
  }

  /// binary32.
  public static let f32 = GGUFTensorType(0, "F32", 1, 4)
  /// binary16.
  public static let f16 = GGUFTensorType(1, "F16", 1, 2)
  /// 8-bit codes, a binary16 scale before each 32 of them.
  public static let q8_0 = GGUFTensorType(8, "Q8_0", 32, 34)
  /// bfloat16.
  public static let bf16 = GGUFTensorType(30, "BF16", 1, 2)

  /// Those that a file may have; a number that is not among them has another meaning, or none.
  private static let known: [UInt32: GGUFTensorType] = {
    let others: [(UInt32, String, Int, Int)] = [
      (2, "Q4_0", 32, 18), (3, "Q4_1", 32, 20), (6, "Q5_0", 32, 22), (7, "Q5_1", 32, 24),
      (9, "Q8_1", 32, 36), (10, "Q2_K", 256, 84), (11, "Q3_K", 256, 110), (12, "Q4_K", 256, 144),
      (13, "Q5_K", 256, 176), (14, "Q6_K", 256, 210), (15, "Q8_K", 256, 292),
      (16, "IQ2_XXS", 256, 66), (17, "IQ2_XS", 256, 74), (18, "IQ3_XXS", 256, 98),
      (19, "IQ1_S", 256, 50), (20, "IQ4_NL", 32, 18), (21, "IQ3_S", 256, 110),
      (22, "IQ2_S", 256, 82), (23, "IQ4_XS", 256, 136), (24, "I8", 1, 1), (25, "I16", 1, 2),
      (26, "I32", 1, 4), (27, "I64", 1, 8), (28, "F64", 1, 8), (29, "IQ1_M", 256, 56),
      (34, "TQ1_0", 256, 54), (35, "TQ2_0", 256, 66), (39, "MXFP4", 32, 17),
      (40, "NVFP4", 64, 36), (41, "Q1_0", 128, 18),
    ]
    let all = [f32, f16, q8_0, bf16] + others.map { GGUFTensorType($0.0, $0.1, $0.2, $0.3) }
    return Dictionary(uniqueKeysWithValues: all.map { ($0.code, $0) })
  }()

  /// The type of a number; nil where ggml has none of it.
  public init?(code: UInt32) {
    guard let type = Self.known[code] else { return nil }
    self = type
  }

  /// The bytes of whole rows.
  ///
  /// - Returns: nil where the count overflows; rows are whole blocks.
  func byteCount(ofElements count: Int) -> Int? {
    let (bytes, overflow) = (count / blockElementCount)
      .multipliedReportingOverflow(by: blockByteCount)
    return overflow ? nil : bytes
  }
}
