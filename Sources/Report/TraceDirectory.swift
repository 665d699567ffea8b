public import Evaluation
import FileAccess
import PackFormat
import Presentation
import StrictJSON
import Tensors

/// The directory that a trace is written as.
public struct TraceDirectory: Sendable {
  private let trace: LatentTrace

  /// The file that says that a directory is a trace.
  static let fileName = "trace.json"

  /// The directory of a trace.
  public init(_ trace: LatentTrace) { self.trace = trace }

  /// Checks that a path has nothing, or a trace.
  ///
  /// - Throws: ``TraceDirectoryError/file(_:)`` if it has something else.
  public static func checkReplaceable(_ target: String) throws(TraceDirectoryError) {
    let isReplaceable = try TraceDirectoryError.wrapping { () throws(FileError) in
      guard try FileStatus.ifPresent(ofLink: target) != nil else { return true }
      return try isTrace(target)
    }
    if !isReplaceable {
      throw .file(.notReplaced(path: target, found: "holds files that are not part of a trace"))
    }
  }

  /// Whether a directory is empty, or has nothing but the files of the trace that its own numbers
  /// are of.
  private static func isTrace(_ path: String) throws(FileError) -> Bool {
    guard try FileStatus(ofLink: path).kind == .directory else { return false }
    let names = try directoryContents(path).filter { !PackFileNames.disposable.contains($0) }
    guard names.contains(fileName) else { return names.isEmpty }
    let bytes = try InputFile.contents(
      of: Path.join(path, fileName), limit: LatentTrace.byteLimit)
    guard let trace = try? LatentTrace(parsing: bytes) else { return false }
    let pictures = trace.tokens.indices.flatMap(pictures(ofToken:))
    for name in names where name != fileName {
      guard let kind = pictures.first(where: { $0.name == name })?.kind,
        try kind.recognizes(try InputFile(path: Path.join(path, name)))
      else { return false }
    }
    return true
  }

  /// The pictures of a token: their names, and what they must be to be replaced.
  private static func pictures(ofToken index: Int) -> [(name: String, kind: OutputKind)] {
    let number = String(repeating: "0", count: max(0, 3 - "\(index)".count)) + "\(index)"
    return [
      ("token-\(number).svg", OutputKind("an SVG picture", prefix: Array("<svg".utf8))),
      ("token-\(number).png", OutputKind("a PNG picture", prefix: [0x89] + Array("PNG".utf8))),
    ]
  }

  /// Writes it beside its name, and gives it that in one step.
  ///
  /// - Parameters:
  ///   - target: where it is written.
  ///   - replacing: whether a trace that is there is replaced.
  /// - Returns: where a directory that was replaced is left, if it could not be removed.
  /// - Throws: ``TraceDirectoryError``.
  public func write(to target: String, replacing: Bool) throws(TraceDirectoryError) -> String? {
    let directory = try TraceDirectoryError.wrapping(
      PartialDirectory(target: target, replacing: replacing))
    func write(_ bytes: [UInt8], _ name: String) throws(TraceDirectoryError) {
      try TraceDirectoryError.wrapping(directory.write(bytes, as: name))
    }
    for index in trace.tokens.indices {
      let drawing = TracePicture(trace, token: index).drawing
      let names = Self.pictures(ofToken: index).map(\.name)
      try write(Array(drawing.svg(.standalone).utf8), names[0])
      let png = try TraceDirectoryError.wrapping(drawing.png(), as: TraceDirectoryError.drawing)
      try write(png, names[1])
    }
    try write(JSONValue.object(trace.json).canonicalBytes, Self.fileName)
    return try TraceDirectoryError.wrapping { () throws(FileError) in
      try directory.publish(
        replacing: replacing ? { path throws(FileError) in try Self.isTrace(path) } : nil)
    }
  }
}
