/// Other formats that occur under a name that ends in `.safetensors`, recognized by their first
/// bytes.
public enum ForeignFormat: String, CaseIterable, Sendable, CustomStringConvertible {
  /// The pointer that git keeps in place of a large file.
  case gitLFSPointer
  /// HTML.
  case webPage
  /// The container of PyTorch's pickles.
  case zipArchive
  /// A file of llama.cpp and its kin.
  case gguf

  /// Recognises the beginning of a file that is not a safetensors file.
  public init?(startingWith bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self).lowercased()
    if text.hasPrefix("version https://git-lfs") {
      self = .gitLFSPointer
    } else if text.hasPrefix("<!doctype html") || text.hasPrefix("<html") {
      self = .webPage
    } else if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) {
      self = .zipArchive
    } else if bytes.starts(with: "GGUF".utf8) {
      self = .gguf
    } else {
      return nil
    }
  }

  /// The bytes that ``init(startingWith:)`` looks at.
  public static let prefixByteCount = 32

  /// What it is and what to do.
  public var description: String {
    switch self {
    case .gitLFSPointer:
      "this is a git-lfs pointer, not the file it points to; "
        + "fetch the content with 'git lfs pull' or download it from the hub"
    case .webPage:
      "this is a web page, probably an error or login page saved by the download; "
        + "download the file again"
    case .zipArchive:
      "this is a zip archive, probably a PyTorch pickle checkpoint; "
        + "convert it to safetensors where you trust it, or get the safetensors release"
    case .gguf:
      "this is a GGUF file, not safetensors; convert from the released safetensors checkpoint"
    }
  }
}
