/// Paths as plain text, the way POSIX has them.
public enum Path {
  /// A name inside a directory.
  public static func join(_ directory: String, _ name: String) -> String {
    directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
  }

  /// The path without slashes at its end.
  public static func trimmed(_ path: String) -> String {
    var path = path[...]
    while path.count > 1 && path.hasSuffix("/") { path.removeLast() }
    return String(path)
  }

  /// The last component.
  public static func name(of path: String) -> String {
    let path = trimmed(path)
    return path.split(separator: "/").last.map(String.init) ?? path
  }

  /// The directory that holds what the path names.
  public static func parent(of path: String) -> String {
    let path = trimmed(path)
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : trimmed(String(path[..<slash]))
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
