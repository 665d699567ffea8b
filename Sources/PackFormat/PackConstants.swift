/// The constants of format version 1 (`formats/pack.md`).
public enum PackConstants {
  /// The value of a manifest's `format`.
  public static let format = "muninn-pack"
  /// The version that this code writes and reads.
  public static let version = 1
  /// Units and the ends of segments are aligned to this: a page of every common system, so that
  /// a layer, or a whole file, can be wrapped as a no-copy GPU buffer.
  public static let unitAlignment = 16384
  /// Planes are aligned to this: a cache line.
  public static let planeAlignment = 64
  /// The name of the manifest in a pack.
  public static let manifestName = "manifest.json"
  /// The longest manifest, in bytes.
  public static let manifestByteLimit = 16 << 20
  /// The longest file that a manifest can name, in bytes: up to here JSON's numbers, which are
  /// binary64, are whole.
  public static let fileByteLimit = 1 << 53
}
