import FileAccess
import Integrity

/// Digests for expectations.
enum Digests {
  static func ofFile(_ path: String) throws -> Digest {
    let file = try InputFile(path: path)
    return try Digest(of: file, ranges: [0..<file.byteCount])
  }

  static func of(_ text: String) -> Digest { Digest(of: Array(text.utf8).span.rawBytes) }
}
