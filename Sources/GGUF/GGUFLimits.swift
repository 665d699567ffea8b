/// Limits beyond which a file is refused before anything is allocated.
public enum GGUFLimits {
  /// The longest header, in bytes: some hundred times that of the largest vocabularies.
  public static let headerByteCount = 256 << 20
  /// The longest key, in bytes (the specification's).
  public static let keyByteCount = 65535
  /// The longest name of a tensor, in bytes: `GGML_MAX_NAME` less the final zero.
  public static let nameByteCount = 63
  /// The most dimensions of a tensor: `GGML_MAX_DIMS`.
  public static let dimensionCount = 4
  /// How deep arrays may be nested.
  public static let nesting = 4
  /// The most bytes of data, as of a safetensors file.
  public static let dataByteCount = 1 << 53
}
