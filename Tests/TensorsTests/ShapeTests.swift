import Tensors
import Testing

struct ShapeTests {
  @Test(
    arguments: [
      ([], 1), ([0], 0), ([7], 7), ([3, 4], 12), ([2, 3, 5], 30), ([1, 1, 1], 1), ([5, 0, 3], 0),
      ([1 << 31, 1 << 31], 1 << 62), ([0x7FFF_FFFF_FFFF_FFFF], .max),
    ] as [([UInt64], Int)])
  func `the elements are the product of the dimensions`(dimensions: [UInt64], count: Int) throws {
    let shape = try Shape(dimensions)
    #expect(shape.elementCount == count)
    #expect(shape.dimensions == dimensions)
    #expect(shape.rank == dimensions.count)
  }

  @Test(
    arguments: [
      [0, 1 << 63], [0, 1 << 63, 4], [1 << 63, 0], [1 << 62, 2, 0], [0, .max, .max],
    ] as [[UInt64]])
  func `the product is taken from the left, so a zero ends any growth`(
    dimensions: [UInt64]
  ) throws {
    let shape = try Shape(dimensions)
    #expect(shape.elementCount == 0)
    #expect(shape.columns == 0)
    #expect(shape.rows == 0)
  }

  @Test(
    arguments: [
      [1 << 63, 4, 0], [1 << 32, 1 << 32], [1 << 32, 1 << 32, 0], [.max, 2], [1 << 63], [.max],
      [1 << 32, 1 << 31],
    ] as [[UInt64]])
  func `a product beyond an Int overflows, even before a zero`(dimensions: [UInt64]) {
    #expect(throws: SizeError.overflow) { try Shape(dimensions) }
  }

  @Test(
    arguments: [
      ([], 1, 1), ([1], 1, 1), ([96], 1, 96), ([3, 4], 3, 4), ([2, 3, 4], 6, 4), ([4, 1], 4, 1),
      ([0], 0, 0), ([0, 5], 0, 0), ([5, 0], 0, 0), ([2, 0, 5], 0, 0),
    ] as [([UInt64], Int, Int)])
  func `rows run along the innermost dimension, and nothing has no rows`(
    dimensions: [UInt64], rows: Int, columns: Int
  ) throws {
    let shape = try Shape(dimensions)
    #expect(shape.rows == rows)
    #expect(shape.columns == columns)
  }

  @Test func `a shape from the program equals the one from a file`() throws {
    #expect(Shape(3, 4) == (try Shape([3, 4])))
    #expect(Shape() == (try Shape([])))
    #expect(Shape(3, 4) != Shape(4, 3))
    #expect(Shape(12) != Shape(12, 1))
  }

  @Test(arguments: [([], "[]"), ([96], "[96]"), ([8, 0, 2], "[8, 0, 2]")] as [([UInt64], String)])
  func `a shape prints as a list in brackets`(dimensions: [UInt64], text: String) throws {
    #expect(try Shape(dimensions).description == text)
  }

  @Test func `16 dimensions are printed and what follows is cut`() throws {
    let ones = [UInt64](repeating: 1, count: 16)
    let text = ones.map { String($0) }.joined(separator: ", ")
    #expect(try Shape(ones).description == "[\(text)]")
    #expect(try Shape(ones + [2]).description == "[\(text), …]")
    #expect(Shape.text(of: [.max, .max]) == "[18446744073709551615, 18446744073709551615]")
  }
}
