import FileAccess
import Safetensors
import StrictJSON
import TestSupport
import Tensors
import Testing

struct SafetensorsWriterTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func tensor(_ name: String, _ dtype: DType, _ dimensions: UInt64...) throws
    -> TensorDescription
  {
    TensorDescription(name: name, dtype: dtype, shape: try Shape(dimensions))
  }

  private func write(
    _ bytes: [UInt8], of name: String, at offset: Int = 0, to writer: SafetensorsWriter
  ) throws {
    try writer.data.write(bytes.span.rawBytes, of: name, at: offset)
  }

  // MARK: - Bytes

  @Test func `the writer writes what the package writes`() throws {
    let golden = try Fixtures.bytes("vectors/writer.safetensors")
    let file = try SafetensorsFile(path: Fixtures.path("vectors/writer.safetensors"))
    #expect(file.header.entries.count == 24)
    #expect(file.header.metadata == ["format": "pt"])
    var generator = SeededGenerator(seed: 1)
    let entries = file.header.entries.shuffled(using: &generator)
    let writer = try SafetensorsWriter(
      target: directory("w"), tensors: entries.map(\.tensor), metadata: file.header.metadata)
    for entry in entries {
      let start = file.dataOffset + entry.dataRange.lowerBound
      let data = Array(golden[start..<start + entry.dataRange.count])
      try write(data, of: entry.tensor.name, to: writer)
    }
    try writer.publish()
    #expect(try directory.bytes("w") == golden)
  }

  @Test func `a file of no tensors is sixteen bytes`() throws {
    try SafetensorsWriter(target: directory("w"), tensors: []).publish()
    #expect(try directory.bytes("w") == [8, 0, 0, 0, 0, 0, 0, 0] + "{}      ".utf8)
  }

  @Test func `the order in which tensors are given changes nothing`() throws {
    let tensors = try [
      tensor("b", .f16, 3), tensor("a", .f16, 1), tensor("c", .f64, 1), tensor("d", .f4, 2),
    ]
    for (name, list) in [("x", tensors), ("y", tensors.reversed())] {
      try SafetensorsWriter(target: directory(name), tensors: list).publish()
    }
    #expect(try directory.bytes("x") == directory.bytes("y"))
    let header = try SafetensorsFile(path: directory("x")).header
    #expect(header.entries.map(\.tensor.name) == ["c", "a", "b", "d"])
  }

  @Test func `names are ordered by their bytes and not by their characters`() throws {
    let tensors = try ["é", "z", "Z", "e"].map { try tensor($0, .u8, 1) }
    try SafetensorsWriter(target: directory("w"), tensors: tensors).publish()
    let header = try SafetensorsFile(path: directory("w")).header
    #expect(header.entries.map(\.tensor.name) == ["Z", "e", "z", "é"])
  }

  @Test func `each tensor of whole bytes is aligned to its element`() throws {
    let tensors = try DType.allCases.flatMap { dtype in
      // An odd number of everything, but whole bytes of packed elements.
      let count: UInt64 = dtype.bitsPerElement < 8 ? 4 : 3
      return [try tensor("x.\(dtype)", dtype, count), try tensor("empty.\(dtype)", dtype, 0, 5)]
    }
    try SafetensorsWriter(target: directory("w"), tensors: tensors).publish()
    let file = try SafetensorsFile(path: directory("w"))
    #expect(file.header.entries.count == 2 * DType.allCases.count)
    for entry in file.header.entries {
      let alignment = max(1, entry.tensor.dtype.bitsPerElement / 8)
      let start = file.dataOffset + entry.dataRange.lowerBound
      #expect(start.isMultiple(of: alignment), "\(entry.tensor.name) at byte \(start)")
    }
  }

  @Test func `bytes that are not written are zero`() throws {
    let writer = try SafetensorsWriter(target: directory("w"), tensors: [tensor("a", .u8, 4)])
    try write([7, 8], of: "a", at: 1, to: writer)
    try writer.publish()
    #expect(try directory.bytes("w").suffix(4) == [0, 7, 8, 0])
  }

  @Test func `metadata of several strings is sorted by key`() throws {
    try SafetensorsWriter(
      target: directory("w"), tensors: [], metadata: ["b": "2", "a": "\"1\"", "c": ""]
    ).publish()
    let text = String(decoding: try directory.bytes("w").dropFirst(8), as: UTF8.self)
    #expect(text == #"{"__metadata__":{"a":"\"1\"","b":"2","c":""}}   "#)
  }

  @Test func `a name that needs escapes reads back as it was`() throws {
    let name = "a\"\\/\n\u{0}\u{7F}\u{2028}😀"
    try SafetensorsWriter(target: directory("w"), tensors: [tensor(name, .u8, 0)]).publish()
    let header = try SafetensorsFile(path: directory("w")).header
    #expect(header.entries.map { Array($0.tensor.name.utf8) } == [Array(name.utf8)])
  }

  // MARK: - What is refused

  @Test func `a name given twice is refused`() throws {
    let tensors = try [tensor("a", .f32, 1), tensor("a", .u8, 1)]
    #expect(
      throws: SafetensorsError.malformed(
        path: directory("w"), fault: .json(.duplicateKey("a", byteOffset: 54)))
    ) {
      try SafetensorsWriter(target: directory("w"), tensors: tensors)
    }
    #expect(directory.names == [])
  }

  @Test func `a tensor may not be called as the metadata is`() throws {
    let tensors = [try tensor("__metadata__", .u8, 1)]
    let error = #expect(throws: SafetensorsError.self) {
      try SafetensorsWriter(target: directory("w"), tensors: tensors)
    }
    guard case .malformed(_, .metadata) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `sizes that overflow or end inside a byte are refused`() throws {
    let quarter = UInt64(1) << 61
    let faults: [([TensorDescription], HeaderFault)] = try [
      (
        [tensor("a", .u8, quarter)],
        .size(tensor: "a", shape: [quarter], dtype: .u8, reason: .overflow)
      ),
      (
        (0..<9).map { try tensor("\($0)", .u8, (1 << 60) - 1) },
        .size(tensor: "8", shape: [(1 << 60) - 1], dtype: .u8, reason: .overflow)
      ),
      (
        [tensor("a", .f6E2M3, 3)],
        .size(tensor: "a", shape: [3], dtype: .f6E2M3, reason: .partialByte(bits: 18))
      ),
    ]
    for (tensors, fault) in faults {
      #expect(throws: SafetensorsError.malformed(path: directory("w"), fault: fault)) {
        try SafetensorsWriter(target: directory("w"), tensors: tensors)
      }
    }
  }

  // MARK: - Appearing

  @Test func `a file that is not published leaves nothing`() throws {
    do {
      let writer = try SafetensorsWriter(target: directory("w"), tensors: [tensor("a", .u8, 4)])
      try write([1, 2, 3, 4], of: "a", to: writer)
      #expect(directory.names.count == 1)
      #expect(directory.names.first?.hasPrefix("w.partial-") == true)
    }
    #expect(directory.names == [])
  }

  @Test func `an existing file is replaced only on request`() throws {
    try directory.write("w", "old")
    #expect(throws: SafetensorsError.file(.exists(path: directory("w")))) {
      try SafetensorsWriter(target: directory("w"), tensors: [])
    }
    #expect(directory.names == ["w"])
    #expect(try directory.bytes("w") == Array("old".utf8))
    let refusal = FileError.notReplaced(path: directory("w"), found: "is not a safetensors file")
    #expect(throws: SafetensorsError.file(refusal)) {
      try SafetensorsWriter(target: directory("w"), tensors: [], replacing: true)
    }
    #expect(try directory.bytes("w") == Array("old".utf8))
    try directory.write("w", "")
    for _ in 0..<2 {
      try SafetensorsWriter(target: directory("w"), tensors: [], replacing: true).publish()
    }
    #expect(directory.names == ["w"])
    #expect(try directory.bytes("w").count == 16)
  }

  @Test func `a missing directory is an error of the file system`() {
    let error = #expect(throws: SafetensorsError.self) {
      try SafetensorsWriter(target: directory("none/w"), tensors: [])
    }
    guard case .file(.notFound) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `bytes beyond their tensor are a mistake of the program`() async {
    await #expect(processExitsWith: .failure) {
      let directory = try TemporaryDirectory()
      let tensor = TensorDescription(name: "a", dtype: .u8, shape: Shape(4))
      let writer = try SafetensorsWriter(target: directory("w"), tensors: [tensor])
      let bytes: [UInt8] = [1, 2]
      try writer.data.write(bytes.span.rawBytes, of: "a", at: 3)
    }
  }
}
