import FileAccess
import TestSupport
import Testing

/// What the architecture page promises about the sources.
struct ArchitectureTests {
  private func sources(of target: String) throws -> [String] {
    try files(in: "\(Fixtures.root)/Sources/\(target)").filter { $0.hasSuffix(".swift") }
  }

  private func files(in directory: String) throws -> [String] {
    try directoryContents(directory).flatMap { name -> [String] in
      let path = "\(directory)/\(name)"
      // What has an extension is a file, or a catalogue of documentation.
      return name.contains(".") ? [path] : try files(in: path)
    }
  }

  private func text(_ path: String) throws -> String {
    String(decoding: try InputFile.contents(of: path, limit: 1 << 20), as: UTF8.self)
  }

  @Test func `unsafe occurs in FileAccess and in the bridge files`() throws {
    var found: [String] = []
    for target in try directoryContents("\(Fixtures.root)/Sources") where target != "FileAccess" {
      for path in try sources(of: target) {
        let code = try text(path).split(separator: "\n").filter {
          !$0.drop(while: \.isWhitespace).hasPrefix("//")
        }
        let words = code.flatMap { $0.split { !$0.isLetter && !$0.isNumber && $0 != "-" } }
        if words.contains(where: { $0 == "unsafe" || $0.hasPrefix("Unsafe") }) {
          found.append("\(target)/\(Path.name(of: path))")
        }
      }
    }
    #expect(
      found == [
        "Codecs/Deflate.swift", "Codecs/Zstd.swift", "Integrity/Hashing.swift",
        "Kernels/KernelSet+Codes.swift", "Kernels/KernelSet+Layer.swift",
        "Kernels/KernelSet+Products.swift", "Kernels/KernelSet.swift",
        "Parallelism/Threads.swift", "muninn/Terminal.swift",
      ])
  }

  @Test func `the table of modules is the listing of Sources`() throws {
    let page = try text("\(Fixtures.root)/Sources/muninn/muninn.docc/Architecture.md")
    let table = try #require(MarkdownTable.table(headed: ["target"], in: page))
    let modules = table.rows.map { $0[0].replacing("`", with: "") }
    #expect(modules.sorted() == (try directoryContents("\(Fixtures.root)/Sources")).sorted())
  }

  @Test func `libraries neither print nor exit nor trap on input`() throws {
    for target in try directoryContents("\(Fixtures.root)/Sources") where target != "muninn" {
      for path in try sources(of: target) {
        let code = try text(path)
        for forbidden in ["print(", "exit(", "fatalError(", "try!", "as!", "getenv("] {
          #expect(!code.contains(forbidden), "\(path) has \(forbidden)")
        }
      }
    }
  }

  @Test func `the executable parses no file and writes none`() throws {
    for path in try sources(of: "muninn") {
      let code = try text(path)
      for logic in [
        "JSONValue(parsing", "JSONObject(", "PartialFile", "PartialDirectory", "OutputFile",
        "OutputKind", "SafetensorsWriter",
      ] {
        #expect(!code.contains(logic), "\(path) has \(logic)")
      }
    }
  }

  @Test func `the executable's files are sorted as the page says`() throws {
    let page = try text("\(Fixtures.root)/Sources/muninn/muninn.docc/Architecture.md")
    for folder in try directoryContents("\(Fixtures.root)/Sources/muninn")
    where folder != "muninn.docc" {
      #expect(!folder.contains("."))
      #expect(page.contains("`\(folder)`"), "\(folder)")
    }
  }

  @Test func `source files have at most 400 lines`() throws {
    for target in try directoryContents("\(Fixtures.root)/Sources") {
      for path in try sources(of: target) {
        let lines = try text(path).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count <= 401, "\(path)")
      }
    }
  }
}
