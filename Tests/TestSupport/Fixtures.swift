import FileAccess

/// The files under `fixtures/` and `formats/`.
public enum Fixtures {
  /// The project's root, from where this file lies.
  public static let root: String = {
    var path = #filePath
    for _ in 0..<3 { path = Path.parent(of: path) }
    return path
  }()

  /// A path under `fixtures/`.
  public static func path(_ name: String) -> String { "\(root)/fixtures/\(name)" }

  /// A file under `fixtures/`, whole.
  public static func bytes(_ name: String) throws -> [UInt8] {
    try InputFile.contents(of: path(name), limit: 64 << 20)
  }

  /// A page under `formats/`, as text.
  public static func page(_ name: String) throws -> String {
    let bytes = try InputFile.contents(of: "\(root)/formats/\(name)", limit: 1 << 20)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The one F32 file; a head is not stored.
  public static let nano = path("checkpoints/huginn-nano")
  /// Three shards with an index; a tied head is stored.
  public static let tiny = path("checkpoints/huginn-tiny")
}
