import Quantization
import Tensors
import Testing

struct EncodingTests {
  // MARK: - Names

  @Test(
    arguments: [
      ("f32", .f32), ("bf16", .bf16), ("f16", .f16), ("int8", .int8Group(size: 32)),
      ("int8:row", .int8Row), ("int8:32", .int8Group(size: 32)), ("int8:96", .int8Group(size: 96)),
      ("int8:17920", .int8Group(size: 17920)), ("int4", .int4Group(size: 32)),
      ("int4:32", .int4Group(size: 32)), ("int4:160", .int4Group(size: 160)),
    ] as [(String, Encoding)])
  func `a name is an encoding`(name: String, encoding: Encoding) throws {
    #expect(try Encoding(name) == encoding)
  }

  @Test(arguments: [
    "f32", "bf16", "f16", "int8:row", "int8:32", "int8:160", "int8:5280", "int4:32", "int4:160",
  ])
  func `a normalised name is printed again as it was read`(name: String) throws {
    #expect(try Encoding(name).description == name)
  }

  @Test func `int8 and int4 alone are normalised to groups of 32`() throws {
    #expect(try Encoding("int4").description == "int4:32")
    #expect(Encoding.int4 == .int4Group(size: Encoding.groupSizeUnit))
    #expect(try Encoding("int8").description == "int8:32")
    #expect(Encoding.int8 == .int8Group(size: Encoding.groupSizeUnit))
  }

  @Test(arguments: [
    "", "f64", "F32", "fp16", "bf16 ", " f16", "int3", "int4:row", "int4:", "int4:+32", "int4:032",
    "INT4", "int8:", "int8:Row", "int8:rows", "int8:+32",
    "int8:032", "int8:32 ", "int8:3 2", "int8:32:32", "int8:0x20", "int8:32.0", "int8:-0",
    "int8:٣٢", "int8:9223372036854775808", "int8;32", "INT8:32", "int8:\u{301}32",
  ])
  func `any other name is refused as no encoding`(name: String) {
    #expect(throws: EncodingError.unknownEncoding(name)) { try Encoding(name) }
  }

  @Test(
    arguments: [
      ("int8:0", 0), ("int8:1", 1), ("int8:31", 31), ("int8:33", 33), ("int8:48", 48),
      ("int8:-32", -32), ("int8:9223372036854775807", .max), ("int8:-9223372036854775808", .min),
      ("int4:0", 0), ("int4:31", 31), ("int4:-32", -32),
    ] as [(String, Int)])
  func `a group size is a positive multiple of 32`(name: String, size: Int) {
    let scheme = String(name.prefix(4))
    #expect(throws: EncodingError.groupSize(scheme: scheme, size: size)) { try Encoding(name) }
  }

  // MARK: - Planes

  @Test(
    arguments: [(.f32, .f32, 24), (.bf16, .bf16, 12), (.f16, .f16, 12)]
      as [(Encoding, Plane.ElementType, Int)])
  func `values are one plane of the tensor's shape`(
    encoding: Encoding, dtype: Plane.ElementType, bytes: Int
  ) throws {
    let plane = try #require(encoding.planes(for: Shape(2, 3)).first)
    #expect(try encoding.planes(for: Shape(2, 3)).count == 1)
    #expect(plane.role == .values)
    #expect(plane.dtype == dtype)
    #expect(plane.shape == Shape(2, 3))
    #expect(plane.byteCount == bytes)
  }

  @Test func `int8 of rows has codes, then one F32 scale for each row`() throws {
    let planes = try Encoding.int8Row.planes(for: Shape(5, 7))
    #expect(planes.map(\.role) == [.codes, .scales])
    #expect(planes.map(\.dtype) == [.i8, .f32])
    #expect(planes.map(\.shape) == [Shape(5, 7), Shape(5)])
    #expect(planes.map(\.byteCount) == [35, 20])
  }

  @Test(arguments: [(32, 165), (160, 33), (5280, 1)])
  func `groups have codes, then one F16 scale for each group`(
    size: Int, groups: Int
  ) throws {
    let planes = try Encoding.int8Group(size: size).planes(for: Shape(3, 5280))
    #expect(planes.map(\.role) == [.codes, .scales])
    #expect(planes.map(\.dtype) == [.i8, .f16])
    #expect(planes.map(\.shape) == [Shape(3, 5280), Shape(3, groups)])
    #expect(planes.map(\.byteCount) == [15840, 6 * groups])
    let nibbles = try Encoding.int4Group(size: size).planes(for: Shape(3, 5280))
    #expect(nibbles.map(\.role) == [.codes, .scales])
    #expect(nibbles.map(\.dtype) == [.u4, .f16])
    #expect(nibbles.map(\.shape) == [Shape(3, 5280), Shape(3, groups)])
    #expect(nibbles.map(\.byteCount) == [7920, 6 * groups])
  }

  @Test(arguments: [
    (64, Shape(3, 5280)), (32, Shape(4, 31)), (32, Shape(33)), (64, Shape(2, 32)), (32, Shape()),
  ])
  func `groups that do not tile the rows are refused`(size: Int, shape: Shape) {
    for encoding in [Encoding.int8Group(size: size), .int4Group(size: size)] {
      #expect(
        throws: EncodingError.groupDoesNotDivide(size: size, columns: shape.columns)
      ) { try encoding.planes(for: shape) }
    }
  }

  @Test func `planes whose bytes overflow are refused`() throws {
    // 2⁶² elements of a byte are more than 63 bits of bits.
    let shape = try Shape([1 << 31, 1 << 31])
    for encoding in [.f32, .bf16, .f16, .int8, .int8Row, .int4] as [Encoding] {
      #expect(throws: EncodingError.size(.overflow)) { try encoding.planes(for: shape) }
    }
  }

  @Test func `a tensor of no elements has empty planes`() throws {
    for shape in [Shape(0, 32), Shape(3, 0)] {
      #expect(try Encoding.f32.planes(for: shape).map(\.byteCount) == [0])
      #expect(try Encoding.int8.planes(for: shape).map(\.byteCount) == [0, 0])
      #expect(try Encoding.int8Row.planes(for: shape).map(\.byteCount) == [0, 0])
      #expect(try Encoding.int4.planes(for: shape).map(\.byteCount) == [0, 0])
    }
  }

  // MARK: - Group sizes

  @Test(
    arguments: [
      (5280, [32, 96, 160, 352, 480, 1056, 1760, 5280]), (96, [32, 96]), (32, [32]), (31, []),
      (100, []), (0, []),
    ] as [(Int, [Int])])
  func `the sizes that fit are the multiples of 32 that divide the row`(
    columns: Int, sizes: [Int]
  ) {
    #expect(Encoding.groupSizes(tiling: [columns]) == sizes)
  }

  @Test func `of several widths the sizes that fit are those that divide each`() {
    #expect(Encoding.groupSizes(tiling: [5280, 10560, 17920]) == [32, 160])
    #expect(Encoding.groupSizes(tiling: [96, 64]) == [32])
    #expect(Encoding.groupSizes(tiling: [96, 100]) == [])
    #expect(Encoding.groupSizes(tiling: []) == [])
  }
}
