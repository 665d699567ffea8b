import Quantization
import Tensors
import Testing

struct EncodingErrorTests {
  @Test(
    arguments: [
      (
        .unknownEncoding("int3\u{1B}[2J"),
        #"'int3\u{1b}[2J' is not an encoding; "#
          + "choose f32, bf16, f16, int8, int8:row, int8:N, int4 or int4:N with N a multiple of 32"
      ),
      (
        .groupSize(scheme: "int4", size: 31),
        "int4:31 is not an encoding: a group size must be a positive multiple of 32"
      ),
      (
        .groupDoesNotDivide(size: 64, columns: 480),
        "groups of 64 do not divide rows of 480 elements; sizes that divide them are 32, 96, 160, 480"
      ),
      (
        .groupDoesNotDivide(size: 64, columns: 32),
        "groups of 64 do not divide rows of 32 elements; sizes that divide them are 32"
      ),
      (
        .groupDoesNotDivide(size: 32, columns: 100),
        "groups of 32 do not divide rows of 100 elements; choose int8:row, for no group size divides them"
      ),
      (.size(.overflow), "the size overflows 64 bits"),
      (
        .nonFinite(value: -.infinity, row: 7, column: 0),
        "the value at row 7, column 0 is -inf, expected a finite number"
      ),
      (
        .overflow(encoding: .f16, count: 1, largest: 65520),
        "1 value becomes infinite in f16, the largest is 65520.0; choose bf16 or int8 for this tensor"
      ),
      (
        .overflow(encoding: .bf16, count: 3, largest: .greatestFiniteMagnitude),
        "3 values become infinite in bf16, the largest is 3.4028235e+38; choose f32 for this tensor"
      ),
      (
        .scaleOverflow(encoding: .int8, count: 1, largest: 8_321_040),
        "1 scale becomes infinite in int8:32, the largest value is 8321040.0; "
          + "choose bf16 or f32 for this tensor"
      ),
      (
        .scaleOverflow(encoding: .int4, count: 1, largest: 524_160),
        "1 scale becomes infinite in int4:32, the largest value is 524160.0; "
          + "choose bf16 or f32 for this tensor"
      ),
      (
        .scaleOverflow(encoding: .int8Row, count: 2, largest: .greatestFiniteMagnitude),
        "2 scales become infinite in int8:row, the largest value is 3.4028235e+38; "
          + "choose f32 for this tensor"
      ),
    ] as [(EncodingError, String)])
  func `a message names the fault and the remedy`(error: EncodingError, message: String) {
    #expect(error.description == message)
  }
}
