import FileAccess
import TestSupport
import Tensors
import Testing

@testable import GGUF

struct GGUFExampleTests {
  @Test func `the example of the page is the bytes that the writer makes`() throws {
    let directory = try TemporaryDirectory()
    let tensor = GGUFWriter.Tensor(name: "core_adapter.weight", type: .q8_0, shape: Shape(1, 32))
    let writer = try GGUFWriter(
      target: directory("example"), metadata: [("general.architecture", .string("huginn"))],
      tensors: [tensor])
    let codes = ([127, 1, -1, 2, -2] as [Int8]).map { UInt8(bitPattern: $0) }
    let block = [0x00, 0x3C] + codes + [UInt8](repeating: 0, count: 27)
    try writer.data.write(block.span.rawBytes, of: tensor.name)
    try writer.publish()
    let dump = HexDump.text(of: try directory.bytes("example"))
    #expect(try Fixtures.page("gguf.md").contains(dump), "\(dump)")
  }
}
