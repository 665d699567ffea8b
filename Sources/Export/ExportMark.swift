import FileAccess
import Integrity
import PackFormat
import StrictJSON
import Tensors

/// `muninn-export.json`: what tells the directory of an export from anybody's, and its files from
/// those that somebody put in their place (`formats/exports.md`).
struct ExportMark {
  /// The name of the file.
  static let fileName = "muninn-export.json"
  private static let format = "muninn-export"
  private static let version = 1
  /// The most bytes that it may have: some for each of a hundred thousand files.
  private static let byteLimit = 16 << 20

  /// The program that exported.
  let tool: Manifest.Tool
  /// What was written, by name.
  let files: [String: FileSample]

  /// The mark of files that were written.
  ///
  /// - Throws: `FileError` if one cannot be read.
  init(of names: [String], in directory: String, tool: Manifest.Tool) throws(FileError) {
    var files: [String: FileSample] = [:]
    for name in names {
      files[name] = try Self.sample(Path.join(directory, name))
    }
    self.files = files
    self.tool = tool
  }

  /// The bytes of the file.
  var bytes: [UInt8] {
    let files = files.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    let json: JSONValue = [
      "format": .string(Self.format), "version": .integer(Self.version),
      "tool": ["name": .string(tool.name), "version": .string(tool.version)],
      "files": .array(
        files.map {
          [
            "name": .string($0.key), "bytes": .integer($0.value.byteCount),
            "sample": .string("\($0.value.digest)"),
          ]
        }),
    ]
    return json.indentedBytes
  }

  /// Reads the mark of a directory.
  ///
  /// - Throws: `JSONError` for another file of that name.
  private init(parsing bytes: [UInt8]) throws(JSONError) {
    var document = try JSONObject(try JSONValue(parsing: bytes))
    let format = try document.string("format")
    guard format == Self.format else {
      throw .wrongKind(path: "format", expected: Self.format.quoted, found: format.quoted)
    }
    let version = try document.count("version")
    guard version == Self.version else {
      throw .wrongKind(path: "version", expected: "\(Self.version)", found: "\(version)")
    }
    var tool = try document.object("tool")
    self.tool = Manifest.Tool(name: try tool.string("name"), version: try tool.string("version"))
    try tool.finish()
    var files: [String: FileSample] = [:]
    for var file in try document.objects("files") {
      let name = try file.string("name")
      let sample = try file.string("sample")
      guard let digest = Digest(hexadecimal: sample) else {
        throw .wrongKind(
          path: file.path(of: "sample"), expected: "64 hexadecimal digits", found: sample.quoted)
      }
      files[name] = FileSample(byteCount: try file.count("bytes"), digest: digest)
      try file.finish()
    }
    self.files = files
    try document.finish()
  }

  /// What speaks against taking a directory for an export that nobody has changed since, as the end
  /// of a sentence about it; nil if nothing does, as of an empty one.
  ///
  /// - Throws: `FileError` if that cannot be determined.
  static func objection(to path: String) throws(FileError) -> String? {
    let kind = try FileStatus(ofLink: path).kind
    guard kind == .directory else { return "is \(kind.rawValue)" }
    let names = try directoryContents(path)
    if PackFileNames.disposable.isSuperset(of: names) { return nil }
    guard names.contains(fileName) else {
      return "has no \(fileName.quoted): it is not an export, or one of an older version"
    }
    let bytes = try InputFile.contents(of: Path.join(path, fileName), limit: byteLimit)
    let mark: ExportMark
    do throws(JSONError) {
      mark = try ExportMark(parsing: bytes)
    } catch {
      return "has an invalid \(fileName.quoted): \(error)"
    }
    for name in names where name != fileName && !PackFileNames.disposable.contains(name) {
      guard let sample = mark.files[name] else {
        return "holds \(name.quoted), which is not part of the export"
      }
      if try !isAsWritten(Path.join(path, name), sample) {
        return "holds \(name.quoted), which was changed after the export"
      }
    }
    return nil
  }

  private static func isAsWritten(
    _ path: String, _ sample: FileSample
  ) throws(FileError) -> Bool {
    guard try FileStatus(ofLink: path).kind == .regular else { return false }
    return try Self.sample(path) == sample
  }

  /// A mebibyte of a file: a matrix that was trained on is larger than what lies between windows.
  private static func sample(_ path: String) throws(FileError) -> FileSample {
    try FileSample(of: try InputFile(path: path), windows: 64, of: 16_384)
  }
}
