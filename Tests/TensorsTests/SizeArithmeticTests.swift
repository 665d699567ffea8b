import Tensors
import Testing

struct SizeArithmeticTests {
  @Test(
    arguments: [
      (0, Int.max, 0), (1, .max, .max), (3, 5, 15), (0x8000_0000, 0x8000_0000, 1 << 62),
      (0x1_0000_0000, 0x7FFF_FFFF, 0x7FFF_FFFF_0000_0000),
    ] as [(Int, Int, Int)])
  func `a product that fits is the product`(left: Int, right: Int, product: Int) {
    #expect(left.multiplied(by: right) == product)
    #expect(right.multiplied(by: left) == product)
  }

  @Test(arguments: [(.max, 2), (1 << 32, 1 << 31), (1 << 62, 2), (.max, .max)] as [(Int, Int)])
  func `a product that overflows is nil`(left: Int, right: Int) {
    #expect(left.multiplied(by: right) == nil)
    #expect(right.multiplied(by: left) == nil)
  }

  @Test func `a sum is nil exactly where it overflows`() {
    #expect(Int.max.adding(0) == .max)
    #expect((Int.max - 8).adding(8) == .max)
    #expect(Int.max.adding(1) == nil)
    #expect((Int.max - 8).adding(9) == nil)
  }

  @Test(
    arguments: [
      (0, 64, 0), (1, 64, 64), (63, 64, 64), (64, 64, 64), (65, 64, 128), (4096, 16384, 16384),
      (16385, 16384, 32768), (7, 1, 7),
    ] as [(Int, Int, Int)])
  func `a size is rounded up to the next multiple, and a multiple stays`(
    size: Int, alignment: Int, expected: Int
  ) {
    #expect(size.roundedUp(toMultipleOf: alignment) == expected)
  }

  @Test func `rounding up beyond 63 bits is nil`() {
    #expect((Int.max - 63).roundedUp(toMultipleOf: 64) == Int.max - 63)
    #expect((Int.max - 62).roundedUp(toMultipleOf: 64) == nil)
    #expect(Int.max.roundedUp(toMultipleOf: 16384) == nil)
  }

  @Test(
    arguments: [
      (SizeError.overflow, "the size overflows 64 bits"),
      (.partialByte(bits: 12), "12 bits of packed elements end inside a byte"),
    ] as [(SizeError, String)])
  func `the messages say which size cannot be`(error: SizeError, message: String) {
    #expect(error.description == message)
  }
}
