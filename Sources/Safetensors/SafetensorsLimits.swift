/// Limits beyond which a file is refused before anything is allocated.
public enum SafetensorsLimits {
  /// The longest header, in bytes: the cap of the `safetensors` package.
  public static let headerByteCount = 100_000_000
  /// The most bytes of data: sums over files then fit 64 bits, and JSON numbers.
  public static let dataByteCount = 1 << 53
  /// The longest `model.safetensors.index.json`, in bytes: some 100,000 tensors.
  public static let indexByteCount = 16 << 20
}
