import Tensors

/// How a tensor's elements are stored: in blocks with a number of elements and bytes.
///
/// The numbers are those of `ggml_type` in ggml's `ggml.h`, version 0.25. What muninn reads values
/// of and writes are ``f32``, ``f16``, ``bf16``, ``q8_0`` and ``q4_0``; of the others it knows the
/// sizes. A
/// later ggml may have more: such a number is a type too, but nothing else is known about it.
public struct GGUFTensorType: Hashable, Sendable, CustomStringConvertible {
  /// What elements come in.
  public struct Block: Hashable, Sendable {
    /// The elements of a block.
    public let elementCount: Int
    /// The bytes of a block.
    public let byteCount: Int
  }

  /// Its number in a file.
  public let code: UInt32
  /// Its name, as `ggml.h` spells it, or a description of a number without one.
  public let description: String
  /// Its blocks; nil if they are not known.
  public let block: Block?

  private init(_ code: UInt32, _ name: String, _ elements: Int, _ bytes: Int) {
    self.code = code
    description = name
    block = Block(elementCount: elements, byteCount: bytes)
  }

  /// binary32.
  public static let f32 = GGUFTensorType(0, "F32", 1, 4)
  /// binary16.
  public static let f16 = GGUFTensorType(1, "F16", 1, 2)
  /// 4-bit codes, a binary16 scale before each 32 of them.
  public static let q4_0 = GGUFTensorType(2, "Q4_0", 32, 18)
  /// 8-bit codes, a binary16 scale before each 32 of them.
  public static let q8_0 = GGUFTensorType(8, "Q8_0", 32, 34)
  /// bfloat16.
  public static let bf16 = GGUFTensorType(30, "BF16", 1, 2)

  /// Those that ggml 0.25 has.
  static let known: [UInt32: GGUFTensorType] = {
    let others: [(UInt32, String, Int, Int)] = [
      (3, "Q4_1", 32, 20), (6, "Q5_0", 32, 22), (7, "Q5_1", 32, 24),
      (9, "Q8_1", 32, 36), (10, "Q2_K", 256, 84), (11, "Q3_K", 256, 110), (12, "Q4_K", 256, 144),
      (13, "Q5_K", 256, 176), (14, "Q6_K", 256, 210), (15, "Q8_K", 256, 292),
      (16, "IQ2_XXS", 256, 66), (17, "IQ2_XS", 256, 74), (18, "IQ3_XXS", 256, 98),
      (19, "IQ1_S", 256, 50), (20, "IQ4_NL", 32, 18), (21, "IQ3_S", 256, 110),
      (22, "IQ2_S", 256, 82), (23, "IQ4_XS", 256, 136), (24, "I8", 1, 1), (25, "I16", 1, 2),
      (26, "I32", 1, 4), (27, "I64", 1, 8), (28, "F64", 1, 8), (29, "IQ1_M", 256, 56),
      (34, "TQ1_0", 256, 54), (35, "TQ2_0", 256, 66), (39, "MXFP4", 32, 17),
      (40, "NVFP4", 64, 36), (41, "Q1_0", 128, 18), (42, "Q2_0", 64, 18),
    ]
    let all = [f32, f16, q4_0, q8_0, bf16] + others.map { GGUFTensorType($0.0, $0.1, $0.2, $0.3) }
    return Dictionary(uniqueKeysWithValues: all.map { ($0.code, $0) })
  }()

  /// Those that ggml has given up, by their names; it knows no sizes of them any more.
  static let removed: [UInt32: String] = [
    4: "Q4_2", 5: "Q4_3", 31: "Q4_0_4_4", 32: "Q4_0_4_8", 33: "Q4_0_8_8", 36: "IQ4_NL_4_4",
    37: "IQ4_NL_4_8", 38: "IQ4_NL_8_8",
  ]

  /// The type of a number, whatever is known of it.
  public init(code: UInt32) {
    if let type = Self.known[code] {
      self = type
      return
    }
    self.code = code
    description =
      "type \(code)" + (Self.removed[code].map { " (\($0)), removed" } ?? ", unknown")
    block = nil
  }

  /// The bytes of whole rows.
  ///
  /// - Throws: `SizeError.overflow`; rows are whole blocks.
  /// - Returns: nil if blocks are not known.
  func byteCount(ofElements count: Int) throws(SizeError) -> Int? {
    guard let block else { return nil }
    let (bytes, overflow) = (count / block.elementCount)
      .multipliedReportingOverflow(by: block.byteCount)
    guard !overflow else { throw .overflow }
    return bytes
  }
}
