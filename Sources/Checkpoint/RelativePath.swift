import FileAccess

/// The name of a file below a checkpoint's directory, compared by its bytes, as the system does.
struct RelativePath: Hashable, Comparable {
  /// Components joined by slashes, none of them empty, `.` or `..`; `.` where there is none.
  let text: String

  /// A name as a list or a folder has it; nil for one that is absolute or goes up.
  init?(_ name: String) {
    let components = name.unicodeScalars.split(separator: "/").map { String($0) }
      .filter { $0 != "." }
    guard name.unicodeScalars.first != "/", !components.contains("..") else { return nil }
    text = components.isEmpty ? "." : components.joined(separator: "/")
  }

  /// The folder that holds it; nil if that is the checkpoint's directory.
  var folder: String? {
    text.unicodeScalars.contains("/") ? Path.parent(of: text) : nil
  }

  /// Whether a file can have this name at all.
  var isPossible: Bool {
    text.utf8.count < 4096
      && text.utf8.split(separator: UInt8(ascii: "/")).allSatisfy { $0.count <= 255 }
  }

  static func == (one: RelativePath, other: RelativePath) -> Bool {
    one.text.utf8.elementsEqual(other.text.utf8)
  }

  static func < (one: RelativePath, other: RelativePath) -> Bool {
    one.text.utf8.lexicographicallyPrecedes(other.text.utf8)
  }

  func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
  }
}
