import FileAccess
import Models
import StrictJSON

/// The Python files that a loader runs for a model: those that `auto_map` in its config names, and
/// those that they import from beside them.
struct ModelCode {
  /// The files that are there.
  private(set) var files: [Sidecar] = []
  /// The names of those that are not.
  private(set) var missing: [String] = []

  /// The most bytes of a file that is looked through for imports, and of one that is copied.
  private static let byteLimit = 1 << 22

  /// Gathers the code of a model.
  ///
  /// - Parameters:
  ///   - config: the members of the config.
  ///   - directory: where the files are looked for; nil if there are none, as in a pack.
  /// - Throws: `FileError` if a file cannot be read.
  init(config: [String: JSONValue], in directory: String?) throws(FileError) {
    var seen: Set<String> = []
    var pending = Self.modules(config["auto_map"])
    while let module = pending.popLast() {
      let name = "\(module).py"
      guard Path.isPlainName(name), seen.insert(name).inserted else { continue }
      guard let directory, let file = try Self.open(Path.join(directory, name)) else {
        missing.append(name)
        continue
      }
      files.append(Sidecar(name: name, file: file))
      pending += Self.imports(try file.read(at: 0, count: file.byteCount))
    }
    files.sort { $0.name < $1.name }
    missing.sort()
  }

  /// A file of code; nil if there is none, or none of a plausible size.
  private static func open(_ path: String) throws(FileError) -> InputFile? {
    do throws(FileError) {
      let file = try InputFile(path: path)
      return file.byteCount <= byteLimit ? file : nil
    } catch {
      guard error.isNotFound || error.isOfOtherKind else { throw error }
      return nil
    }
  }

  /// The modules of `MODULE.CLASS`; what is in another repository, `REPO--MODULE.CLASS`, the loader
  /// fetches by itself.
  private static func modules(_ value: JSONValue?) -> [String] {
    guard case .object(let map)? = value else { return [] }
    let references = map.values.flatMap { value -> [JSONValue] in
      if case .array(let values) = value { values } else { [value] }
    }
    return references.compactMap { reference -> String? in
      guard case .string(let text) = reference, !text.contains("--"),
        let dot = text.lastIndex(of: ".")
      else { return nil }
      return String(text[..<dot])
    }.sorted()
  }

  /// The modules that a file imports from beside it: `from .NAME import …`, `import .NAME`.
  private static func imports(_ bytes: [UInt8]) -> [String] {
    bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }).compactMap { line -> String? in
      let words = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace)
      guard words.count > 1, words[0] == "from" || words[0] == "import", words[1].hasPrefix("."),
        words[1].count > 1
      else { return nil }
      return String(words[1].dropFirst())
    }
  }
}
