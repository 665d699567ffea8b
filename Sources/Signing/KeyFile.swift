import FileAccess

/// The block of a PEM file that holds a key.
struct KeyFile {
  let path: String
  let label: String
  let bytes: [UInt8]

  /// Reads the first block that can be a key.
  ///
  /// `openssl ecparam -genkey` puts the curve's parameters before the key; they say nothing that
  /// the key does not.
  init(path: String, expected: String) throws(KeyError) {
    let content = try KeyError.wrapping(
      InputFile.contents(of: path, limit: SignatureLimits.keyByteCount))
    let blocks = PEM(String(decoding: content, as: UTF8.self)).blocks
    guard let first = blocks.first else { throw .notPEM(path: path) }
    guard let block = blocks.first(where: { $0.label != "EC PARAMETERS" }) else {
      throw .wrongBlock(path: path, label: first.label, expected: expected)
    }
    if block.isEncrypted { throw .encrypted(path: path) }
    guard let bytes = block.bytes else { throw .notBase64(path: path, label: block.label) }
    self.path = path
    label = block.label
    self.bytes = bytes
  }

  /// The curve that the key's identifiers name.
  ///
  /// - Throws: ``KeyError`` for a key of another kind, by name, and for bytes that are no key.
  func curve(_ algorithm: KeyAlgorithm?) throws(KeyError) -> KeyAlgorithm {
    guard let algorithm else { throw .malformed(path: path, label: label) }
    guard KeyAlgorithm.curves.contains(algorithm) else {
      throw .wrongAlgorithm(path: path, found: algorithm.rawValue)
    }
    return algorithm
  }
}
