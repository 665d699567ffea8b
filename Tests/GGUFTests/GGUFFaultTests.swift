import FileAccess
import TestSupport
import Tensors
import Testing

@testable import GGUF

/// Each rule of the format, broken in one place.
struct GGUFFaultTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  /// Fields one after the other.
  private struct Bytes {
    var bytes: [UInt8]

    init(tensors: UInt64 = 0, values: UInt64 = 0) {
      bytes = Array("GGUF".utf8)
      add(UInt32(3))
      add(tensors)
      add(values)
    }

    mutating func add(_ integer: some FixedWidthInteger) {
      bytes += SafetensorsBuilder.littleEndian(integer)
    }

    mutating func add(_ text: String) {
      add(UInt64(text.utf8.count))
      bytes += Array(text.utf8)
    }

    mutating func value(_ key: String, _ kind: UInt32, _ content: [UInt8]) {
      add(key)
      add(kind)
      bytes += content
    }

    mutating func tensor(
      _ name: String, _ dimensions: [UInt64], _ type: UInt32 = 0, offset: UInt64 = 0
    ) {
      add(name)
      add(UInt32(dimensions.count))
      for dimension in dimensions { add(dimension) }
      add(type)
      add(offset)
    }
  }

  private func fault(_ bytes: [UInt8]) throws -> GGUFFault? {
    let path = try directory.write("f.gguf", bytes)
    do {
      _ = try GGUFFile(path: path)
      return nil
    } catch GGUFError.malformed(path, let fault) {
      return fault
    }
  }

  private func fault(
    tensors: UInt64 = 0, values: UInt64 = 0, _ add: (inout Bytes) -> Void
  ) throws -> GGUFFault? {
    var bytes = Bytes(tensors: tensors, values: values)
    add(&bytes)
    return try fault(bytes.bytes)
  }

  @Test func `another file, another version and another byte order are distinguished`() throws {
    #expect(try fault(Array("GGML\u{3}\0\0\0".utf8)) == .magic)
    #expect(try fault(Array("GGUF\u{1}\0\0\0".utf8)) == .version(1))
    #expect(try fault(Array("GGUF\0\0\0\u{3}".utf8)) == .bigEndian)
    #expect(try fault([]) == .magic)
    #expect(try fault(Array("GGU".utf8)) == .magic)
    #expect(
      try fault(Array("GGUF".utf8)) == .headerCut(byteOffset: 4, needed: 4, available: 0))
  }

  @Test func `a file that is cut anywhere is refused`() throws {
    let whole = try Fixtures.bytes("vectors/writer.gguf")
    for count in 0..<640 + 132 {
      #expect(try fault(Array(whole.prefix(count))) != nil, "\(count) bytes")
    }
    #expect(try fault(Array(whole.prefix(700))) == .dataCut(expected: 772, found: 700))
    #expect(try fault(whole + [0]) == .trailingData(expected: 772, found: 801))
  }

  @Test func `counts and lengths beyond the file are refused before anything is allocated`() throws
  {
    #expect(
      try fault(tensors: .max) { _ in }
        == .headerCut(byteOffset: 24, needed: .max, available: 0))
    #expect(
      try fault(values: 1 << 40) { _ in }
        == .headerCut(byteOffset: 24, needed: 13 << 40, available: 0))
    let string = try fault(values: 1) {
      $0.value("k", 8, [255, 255, 255, 255, 255, 255, 255, 127])
    }
    #expect(string == .headerCut(byteOffset: 45, needed: .max >> 1, available: 0))
    let array = try fault(values: 1) {
      $0.value("k", 9, [10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32])
    }
    #expect(array == .headerCut(byteOffset: 49, needed: .max, available: 0))
  }

  @Test func `a header beyond the limit is refused`() throws {
    // A hole makes the file long without a byte on the disk.
    let path = directory("long")
    let output = try OutputFile(creating: path)
    var bytes = Bytes(values: 1)
    bytes.value("k", 8, SafetensorsBuilder.littleEndian(UInt64(GGUFLimits.headerByteCount)))
    let header = bytes.bytes
    try output.write(header.span.rawBytes, at: 0)
    let last: [UInt8] = [0]
    try output.write(last.span.rawBytes, at: GGUFLimits.headerByteCount + 1000)
    #expect(
      throws: GGUFError.malformed(
        path: path, fault: .headerTooLarge(byteOffset: 45, limit: GGUFLimits.headerByteCount))
    ) { try GGUFFile(path: path) }
  }

  @Test func `keys are ASCII, of limited length, and unique`() throws {
    #expect(
      try fault(values: 1) { $0.value("", 7, [1, 0, 0]) } == .key(byteOffset: 24, byteCount: 0))
    #expect(
      try fault(values: 1) { $0.value("é", 7, [1]) } == .key(byteOffset: 24, byteCount: 2))
    let long = String(repeating: "k", count: GGUFLimits.keyByteCount + 1)
    #expect(
      try fault(values: 1) { $0.value(long, 7, [1]) }
        == .key(byteOffset: 24, byteCount: UInt64(long.utf8.count)))
    #expect(
      try fault(values: 2) {
        $0.value("k", 7, [1])
        $0.value("k", 7, [0])
      } == .duplicateKey("k"))
  }

  @Test func `values are of a known kind, and within its range`() throws {
    let kind = try fault(values: 1) { $0.value("k", 13, [1]) }
    #expect(kind == .valueKind(key: "k", code: 13))
    #expect(kind?.description.contains("has type 13, expected 0 to 12") == true)
    // In an array, too.
    #expect(
      try fault(values: 1) { $0.value("k", 9, [99, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]) }
        == .valueKind(key: "k", code: 99))
    #expect(
      try fault(values: 1) { $0.value("k", 7, [2]) } == .boolean(key: "k", found: 2))
    #expect(
      try fault(values: 1) { $0.value("k", 9, [7, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 9]) }
        == .boolean(key: "k", found: 9))
    #expect(
      try fault(values: 1) { $0.value("k", 8, [1, 0, 0, 0, 0, 0, 0, 0, 0xFF]) }
        == .notUTF8(byteOffset: 45))
    // An array in an array, four times and once more.
    let level: [UInt8] = [9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    let levels = Array(repeating: level, count: GGUFLimits.nesting).flatMap(\.self)
    #expect(
      try fault(values: 1) {
        $0.value("k", 9, levels + [4, 0, 0, 0] + [UInt8](repeating: 0, count: 8))
      }
        == .nesting(key: "k"))
  }

  @Test(
    arguments: [.uint32(0), .uint32(4), .uint32(48), .uint64(32)] as [GGUFValue])
  func `the alignment is a power of two from 8 on`(value: GGUFValue) throws {
    let bytes = GGUFWriter.header([(GGUFHeader.alignmentKey, value)], [])
    #expect(try fault(bytes) == .alignment(found: value))
  }

  @Test func `names are of limited length and unique`() throws {
    #expect(
      try fault(tensors: 1) { $0.tensor("", [1]) } == .name(byteOffset: 24, byteCount: 0))
    let long = String(repeating: "n", count: GGUFLimits.nameByteCount + 1)
    #expect(try fault(tensors: 1) { $0.tensor(long, [1]) } == .name(byteOffset: 24, byteCount: 64))
    #expect(
      try fault(tensors: 2) {
        $0.tensor("a", [0])
        $0.tensor("a", [0])
      } == .duplicateTensor("a"))
  }

  @Test func `sizes are those of ggml`() throws {
    #expect(
      try fault(tensors: 1) { $0.tensor("a", [1, 1, 1, 1, 1]) }
        == .dimensionCount(tensor: "a", found: 5))
    #expect(
      try fault(tensors: 1) { $0.tensor("a", [.max, 2]) } == .size(tensor: "a", shape: [2, .max]))
    #expect(
      try fault(tensors: 1) { $0.tensor("a", [1 << 62]) } == .size(tensor: "a", shape: [1 << 62]))
    #expect(
      try fault(tensors: 1) { $0.tensor("a", [33, 1], 8) }
        == .blocks(tensor: "a", type: .q8_0, columns: 33))
  }

  @Test func `each tensor begins at the next multiple of the alignment`() throws {
    #expect(
      try fault(tensors: 1) { $0.tensor("a", [1], offset: 32) }
        == .offset(tensor: "a", expected: 0, found: 32))
    #expect(
      try fault(tensors: 2) {
        $0.tensor("a", [1])
        $0.tensor("b", [1], offset: 4)
      } == .offset(tensor: "b", expected: 32, found: 4))
  }

  @Test func `after a size that is not known, the next tensor begins at a multiple, not before`()
    throws
  {
    func fault(_ offsets: [UInt64]) throws -> GGUFFault? {
      try self.fault(tensors: 3) {
        $0.tensor("a", [1])
        // Rows of any length: of what blocks is not known.
        $0.tensor("b", [33, 3], 97, offset: offsets[0])
        $0.tensor("c", [1], offset: offsets[1])
        let data = Int(clamping: offsets[1]) < 1000 ? Int(offsets[1]) + 4 : 0
        while !$0.bytes.count.isMultiple(of: 32) { $0.bytes.append(0) }
        $0.bytes += [UInt8](repeating: 0, count: data)
      }
    }
    for offset: UInt64 in [32, 64, 320] { #expect(try fault([32, offset]) == nil) }
    // Where it begins itself follows from the one before.
    #expect(try fault([64, 96]) == .offset(tensor: "b", expected: 32, found: 64))
    for offset in [0, 33, 63, .max, UInt64(GGUFLimits.dataByteCount) + 32, 1 << 63] {
      #expect(
        try fault([32, offset])
          == .offsetAfterUnknown(tensor: "c", alignment: 32, least: 32, found: offset))
    }
    let most = UInt64(8 * GGUFLimits.dataByteCount)
    #expect(
      try self.fault(tensors: 1) { $0.tensor("a", [most], 97) } == .dataCut(expected: 64, found: 57)
    )
    #expect(
      try self.fault(tensors: 1) { $0.tensor("a", [most + 1], 97) }
        == .size(tensor: "a", shape: [most + 1]))
    // Far beyond the file is where a file that was cut would end.
    guard case .dataCut? = try fault([32, 1 << 40]) else {
      Issue.record("a tensor lies beyond the file")
      return
    }
  }

  @Test func `what a writer is given must read back`() throws {
    let path = directory("w.gguf")
    let long = String(repeating: "n", count: 64)
    #expect(
      throws: GGUFError.malformed(path: path, fault: .name(byteOffset: 24, byteCount: 64))
    ) {
      _ = try GGUFWriter(
        target: path, metadata: [],
        tensors: [GGUFWriter.Tensor(name: long, type: .f32, shape: Shape(1))])
    }
    #expect(directory.names.isEmpty)
    #expect(throws: GGUFError.file(.notFound(path: path))) { try GGUFFile(path: path) }
  }
}
