import FileAccess
import Foundation
import TestSupport

/// The project's own files, which tests hold against each other.
enum ProjectFiles {
  /// The files under a folder of the project, by their paths in it, with their text.
  static func texts(under folder: String, ending suffix: String) throws -> [String: String] {
    let root = "\(Fixtures.root)/\(folder)"
    let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
    var texts: [String: String] = [:]
    for name in names where name.hasSuffix(suffix) {
      let bytes = try InputFile.contents(of: "\(root)/\(name)", limit: 1 << 20)
      texts[name] = String(decoding: bytes, as: UTF8.self)
    }
    return texts
  }
}
