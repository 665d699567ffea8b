/// Paths as plain text, the way POSIX has them.
///
/// They are taken apart by scalars: to `Character`, a slash before a combining mark is not a slash.
public enum Path {
  /// A name inside a directory.
  public static func join(_ directory: String, _ name: String) -> String {
    directory.unicodeScalars.last == "/" ? directory + name : "\(directory)/\(name)"
  }

  /// The path without slashes at its end.
  public static func trimmed(_ path: String) -> String {
    var scalars = path.unicodeScalars[...]
    while scalars.count > 1 && scalars.last == "/" { scalars.removeLast() }
    return String(scalars)
  }

  /// The last component.
  public static func name(of path: String) -> String {
    let path = trimmed(path)
    return path.unicodeScalars.split(separator: "/").last.map { String($0) } ?? path
  }

  /// The directory that holds what the path names.
  public static func parent(of path: String) -> String {
    let scalars = trimmed(path).unicodeScalars
    guard let slash = scalars.lastIndex(of: "/") else { return "." }
    return slash == scalars.startIndex ? "/" : trimmed(String(scalars[..<slash]))
  }

  /// Checks that a path ends in a name under which something can be written.
  ///
  /// - Throws: ``FileError/noName(path:)`` for an empty path, `/`, and one that ends in `.` or `..`.
  public static func checkName(of path: String) throws(FileError) {
    if ["", "/", ".", ".."].contains(name(of: path)) { throw .noName(path: path) }
  }

  /// Whether a name from a file is safe to use inside a directory: `[A-Za-z0-9_][A-Za-z0-9._-]*`,
  /// at most 255 bytes (`formats/manifest.md`).
  public static func isPlainName(_ name: String) -> Bool {
    let bytes = name.utf8
    guard let first = bytes.first, bytes.count <= 255 else { return false }
    return first != UInt8(ascii: ".") && first != UInt8(ascii: "-")
      && bytes.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
          UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }
}
