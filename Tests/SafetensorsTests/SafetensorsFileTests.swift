import FileAccess
import Safetensors
import TestSupport
import Tensors
import Testing

struct SafetensorsFileTests {
  private func open(_ name: String) throws(SafetensorsError) -> SafetensorsFile {
    try SafetensorsFile(path: Fixtures.path("safetensors/\(name)"))
  }

  // MARK: - The corpus

  @Test func `the verdicts name every file of the corpus once`() throws {
    let files = try directoryContents(Fixtures.path("safetensors")).filter { $0 != "verdicts.json" }
    #expect(Verdict.all.map(\.file).sorted() == files)
    #expect(files.count == 99)
  }

  @Test func `only files that are free to be either have a choice of ours`() {
    let free = Verdict.all.filter { $0.muninn == "either" }.map(\.file)
    #expect(Set(free) == Set(Verdict.choices.keys))
  }

  @Test func `every file of the corpus gets its verdict`() {
    for verdict in Verdict.all {
      let isAccepted = (try? open(verdict.file)) != nil
      #expect(isAccepted == verdict.isAccepted, "\(verdict.file)")
    }
  }

  @Test func `every refused file of the corpus has one fault in the table`() {
    let refused = Verdict.all.filter { !$0.isAccepted }.map(\.file)
    let listed = Refusals.faults.map { "bad-\($0.name).safetensors" }
    #expect(listed.sorted() == refused.sorted())
  }

  @Test(arguments: Refusals.faults.map(\.name))
  func `a malformed file is refused for the rule that it breaks`(name: String) throws {
    let fault = try #require(Refusals.faults.first { $0.name == name }).fault
    let file = "bad-\(name).safetensors"
    let path = Fixtures.path("safetensors/\(file)")
    #expect(throws: SafetensorsError.malformed(path: path, fault: fault)) { try open(file) }
  }

  @Test func `a refused file is named in front of its fault`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("model.safetensors", [1, 2, 3])
    let error = #expect(throws: SafetensorsError.self) { try SafetensorsFile(path: path) }
    #expect(
      error?.description
        == "'\(path)': the file has 3 bytes, expected at least 8 for the header's length")
  }

  // MARK: - What the system refuses

  @Test func `a missing path is an error of the file system`() throws {
    let path = try TemporaryDirectory()("none.safetensors")
    let error = #expect(throws: SafetensorsError.file(.notFound(path: path))) {
      try SafetensorsFile(path: path)
    }
    #expect(error?.description == "'\(path)' does not exist")
  }

  @Test func `a directory under a weights file's name is refused as what it is`() throws {
    let directory = try TemporaryDirectory()
    #expect(
      throws: SafetensorsError.file(
        .notARegularFile(path: directory.path, found: "a directory"))
    ) {
      try SafetensorsFile(path: directory.path)
    }
  }

  // MARK: - What is read

  @Test func `the data begins after the header, wherever that ends`() throws {
    #expect(try open("ok-one.safetensors").dataOffset == 72)
    #expect(try open("ok-unpadded-header.safetensors").dataOffset == 62)
  }

  @Test func `only the header is read of a file`() throws {
    let directory = try TemporaryDirectory()
    let bytes = try Fixtures.bytes("safetensors/ok-one.safetensors")
    let path = try directory.write("a.safetensors", bytes)
    let opened = try SafetensorsFile(InputFile(path: path))
    #expect(opened.file.byteCount == bytes.count)
    #expect(try opened.file.read(at: opened.dataOffset, count: 16) == Array(bytes[72...]))
  }

  // MARK: - Damage

  @Test func `a file cut at any length is refused for where it was cut`() throws {
    let directory = try TemporaryDirectory()
    let whole = try Fixtures.bytes("safetensors/ok-metadata.safetensors")
    let headerCount = whole.count - 8 - 16
    for length in whole.indices {
      let path = try directory.write("cut.safetensors", Array(whole[..<length]))
      let fault: HeaderFault =
        switch length {
        case ..<8: .noLength(byteCount: length)
        case ..<(8 + headerCount): .headerCut(length: headerCount, available: length - 8)
        default: .dataCut(expected: whole.count, found: length)
        }
      #expect(throws: SafetensorsError.malformed(path: path, fault: fault)) {
        try SafetensorsFile(path: path)
      }
    }
  }

  @Test func `a length that is changed in any byte is refused`() throws {
    let directory = try TemporaryDirectory()
    let whole = try Fixtures.bytes("safetensors/ok-metadata.safetensors")
    for position in 0..<8 {
      for mask in UInt8(1)...255 {
        var bytes = whole
        bytes[position] ^= mask
        let path = try directory.write("changed.safetensors", bytes)
        #expect(throws: SafetensorsError.self, "byte \(position), mask \(mask)") {
          try SafetensorsFile(path: path)
        }
      }
    }
  }
}
