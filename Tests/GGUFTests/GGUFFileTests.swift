import FileAccess
import Foundation
import TestSupport
import Tensors
import Testing

@testable import GGUF

struct GGUFFileTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  // MARK: - Against the gguf package

  /// The content of `vectors/writer.gguf`, in its order.
  private static let metadata: [(key: String, value: GGUFValue)] = [
    ("general.architecture", .string("huginn")),
    ("test.uint8", .uint8(200)), ("test.int8", .int8(-100)),
    ("test.uint16", .uint16(60000)), ("test.int16", .int16(-30000)),
    ("test.uint32", .uint32(4_000_000_000)), ("test.int32", .int32(-2_000_000_000)),
    ("test.uint64", .uint64(1 << 63)), ("test.int64", .int64(-(1 << 62))),
    ("test.float32", .float32(0.1)), ("test.float64", .float64(0.1)),
    ("test.boolean", .boolean(true)), ("test.string", .string("Grüße")),
    ("test.strings", .array(.strings(["a", "", "Ġb"]))),
    ("test.numbers", .array(GGUFArray([1, -2, 3]))),
  ]

  private static let tensors = [
    GGUFWriter.Tensor(name: "a", type: .f32, shape: Shape(2, 3)),
    GGUFWriter.Tensor(name: "b", type: .f16, shape: Shape(5)),
    GGUFWriter.Tensor(name: "c", type: .q8_0, shape: Shape(1, 64)),
  ]

  @Test func `a file of the package is read to its values`() throws {
    let header = try GGUFFile(path: Fixtures.path("vectors/writer.gguf")).header
    #expect(header.version == 3)
    #expect(header.keys == Self.metadata.map(\.key))
    #expect(header.metadata == Dictionary(uniqueKeysWithValues: Self.metadata.map { ($0, $1) }))
    #expect(header.tensors.map(\.name) == ["a", "b", "c"])
    #expect(header.tensors.map(\.type) == [.f32, .f16, .q8_0])
    #expect(header.tensors.map(\.shape) == [Shape(2, 3), Shape(5), Shape(1, 64)])
    #expect(header.tensors.map(\.byteOffset) == [0, 32, 64])
    #expect(header.tensors.map(\.byteCount) == [24, 10, 68])
    #expect(header.alignment == 32 && header.dataOffset == 640)
  }

  @Test func `the same content is written to the same bytes as the package's`() throws {
    let golden = try Fixtures.bytes("vectors/writer.gguf")
    let file = try GGUFFile(path: Fixtures.path("vectors/writer.gguf"))
    let writer = try GGUFWriter(
      target: directory("again"), metadata: Self.metadata, tensors: Self.tensors)
    for tensor in file.header.tensors {
      let bytes = golden[file.byteRange(of: tensor)]
      try writer.data.write(Array(bytes).span.rawBytes, of: tensor.name)
    }
    try writer.publish()
    #expect(try directory.bytes("again") == golden)
  }

  // MARK: - Edges

  @Test func `nothing, scalars, tensors of no elements and nested arrays are read back`() throws {
    let nested = GGUFArray.arrays([.strings([]), GGUFArray([1]), .arrays([])])
    let tensors = [
      GGUFWriter.Tensor(name: "scalar", type: .f32, shape: Shape()),
      GGUFWriter.Tensor(name: "empty", type: .q8_0, shape: Shape(0, 32)),
      GGUFWriter.Tensor(name: "last", type: .bf16, shape: Shape(1, 1, 1, 3)),
    ]
    for (name, metadata, tensors) in [
      ("none", [], []), ("some", [("nested", .array(nested))], tensors),
    ] as [(String, [(key: String, value: GGUFValue)], [GGUFWriter.Tensor])] {
      let writer = try GGUFWriter(target: directory(name), metadata: metadata, tensors: tensors)
      try writer.publish()
      let header = try GGUFFile(path: directory(name)).header
      #expect(header.metadata.count == metadata.count)
      #expect(
        header.tensors.map { GGUFWriter.Tensor(name: $0.name, type: $0.type, shape: $0.shape) }
          == tensors)
    }
    #expect(
      try GGUFFile(path: directory("some")).header.metadata == ["nested": .array(nested)])
  }

  @Test func `the last tensor may end the file, and a version of 2 is read alike`() throws {
    var bytes = try Fixtures.bytes("vectors/writer.gguf")
    bytes.removeLast(bytes.count - 640 - 132)
    bytes[4] = 2
    let header = try GGUFFile(path: try directory.write("two", bytes)).header
    #expect(header.version == 2 && header.tensors.count == 3)
  }

  @Test func `another alignment is kept`() throws {
    let path = directory("wide")
    var bytes = GGUFWriter.header(
      [(GGUFHeader.alignmentKey, .uint32(64))],
      [GGUFWriter.Tensor(name: "a", type: .f32, shape: Shape(2))])
    bytes += [UInt8](repeating: 0, count: 128 - bytes.count + 8)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    let file = try GGUFFile(path: path)
    #expect(file.header.alignment == 64)
    #expect(file.byteRange(of: file.header.tensors[0]) == 128..<136)
  }

  @Test(arguments: [31, 97, UInt32.max])
  func `a type that is not known leaves all else as it is`(code: UInt32) throws {
    let golden = try Fixtures.bytes("vectors/writer.gguf")
    let file = try GGUFFile(path: Fixtures.path("vectors/writer.gguf"))
    for index in file.header.tensors.indices {
      var bytes = golden
      let place = try #require(typeOffsets(in: golden, of: file.header).dropFirst(index).first)
      bytes.replaceSubrange(place..<place + 4, with: SafetensorsBuilder.littleEndian(code))
      // After the last tensor, as many bytes may follow as its type has.
      if index == 2 { bytes += [1, 2, 3] }
      let changed = try GGUFFile(path: try directory.write("changed", bytes))
      #expect(changed.header.metadata == file.header.metadata)
      for (other, tensor) in changed.header.tensors.enumerated() {
        let original = file.header.tensors[other]
        #expect(tensor.name == original.name && tensor.shape == original.shape)
        #expect(tensor.byteOffset == original.byteOffset)
        #expect(tensor.type == (other == index ? GGUFTensorType(code: code) : original.type))
        #expect(tensor.byteCount == (other == index ? nil : original.byteCount))
        let range = file.byteRange(of: original)
        #expect(
          changed.byteRange(of: tensor)
            == (other == index ? range.lowerBound..<range.lowerBound : range))
      }
      // It begins in the file, at least.
      let cut = file.header.dataOffset + file.header.tensors[index].byteOffset
      #expect(throws: GGUFError.self) {
        try GGUFFile(path: try directory.write("cut", Array(bytes.prefix(cut - 1))))
      }
    }
  }

  /// Where the file has the number of each tensor's type: twelve bytes before the next entry.
  private func typeOffsets(in bytes: [UInt8], of header: GGUFHeader) -> [Int] {
    let sizes = header.tensors.map { 8 + $0.name.utf8.count + 4 + 8 * $0.shape.rank + 4 + 8 }
    let all = sizes.reduce(0, +)
    let end = bytes.indices.first { start in
      start + all <= header.dataOffset
        && Array(bytes[start..<start + 9]) == [1, 0, 0, 0, 0, 0, 0, 0, UInt8(ascii: "a")]
        && bytes[start + 9] == 2
    }
    return sizes.indices.map { (end ?? 0) + sizes[...$0].reduce(0, +) - 12 }
  }
}
