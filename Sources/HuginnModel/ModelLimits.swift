/// The largest model that is read; beyond, a size is taken for a fault of the file.
public enum ModelLimits {
  /// The longest `config.json`, in bytes.
  public static let configByteCount = 1 << 20
  /// The largest width, vocabulary, context or head count.
  public static let dimension = 1 << 24
  /// The most layers of a stage.
  public static let layerCount = 4096
  /// The most elements of one tensor.
  public static let elementCount = 1 << 40
}
