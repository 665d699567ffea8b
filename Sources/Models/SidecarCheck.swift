public import FileAccess
public import HuginnModel
import Safetensors
import StrictJSON
import Tensors

extension Sidecars {
  /// The most bytes of a JSON file that is looked at: that of the largest tokenizers.
  private static let jsonByteLimit = 1 << 26

  /// Looks at the files before anyone vouches for them: what has the name of one and is another
  /// thing, an empty file, JSON that was cut.
  ///
  /// JSON is judged by what a flipped or missing byte does to it, and not by what loaders allow.
  ///
  /// - Returns: an error for each.
  /// - Throws: `FileError` if one cannot be read.
  public func diagnostics() throws(FileError) -> [Diagnostic] {
    var diagnostics: [Diagnostic] = []
    // Whoever opened the model has judged its config.
    for sidecar in files where sidecar.name != HuginnConfig.fileName {
      guard let found = try Self.fault(of: sidecar) else { continue }
      diagnostics.append(
        Diagnostic(
          .sidecarMalformed, subject: sidecar.name, found: found,
          hint: "download it again, or remove it if you do not need it"))
    }
    return diagnostics
  }

  private static func fault(of sidecar: Sidecar) throws(FileError) -> String? {
    let isJSON = sidecar.name.hasSuffix(".json")
    let file = sidecar.file
    if file.byteCount == 0 { return isJSON ? "the file is empty" : nil }
    let start = try file.read(at: 0, count: min(file.byteCount, ForeignFormat.prefixByteCount))
    if let foreign = ForeignFormat(startingWith: start) {
      // A licence may well be a page.
      let mayBePage = !isJSON && !sidecar.name.hasPrefix("chat_template")
      return foreign == .webPage && mayBePage ? nil : foreign.description
    }
    guard isJSON, file.byteCount <= jsonByteLimit else { return nil }
    let bytes = try file.read(at: 0, count: file.byteCount)
    do throws(JSONError) {
      _ = try JSONValue(parsing: bytes, dialect: .python)
      return nil
    } catch {
      return error.isDamage ? error.description : nil
    }
  }
}

extension JSONError {
  /// Whether no writer makes such text; repeated keys and deep nesting are unwise, and loaders take
  /// them.
  fileprivate var isDamage: Bool {
    switch self {
    case .truncated, .byteOrderMark, .unexpected, .trailing, .invalidUTF8, .controlCharacter,
      .invalidEscape, .invalidNumber:
      true
    default: false
    }
  }
}
