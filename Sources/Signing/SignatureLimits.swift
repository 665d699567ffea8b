/// The most that is read of what may come from anywhere.
enum SignatureLimits {
  /// The longest signature file, in bytes; a pack's takes two to three thousand.
  static let bundleByteCount = 1 << 20
  /// The longest key file, in bytes; a key of P-256 takes about two hundred.
  static let keyByteCount = 1 << 16
  /// The most signatures that an envelope may have: each is tried with the key.
  static let signatureCount = 64
}
