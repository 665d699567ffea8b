public import StrictJSON

/// A `model.safetensors.index.json`: which shard holds which tensor.
public struct SafetensorsIndex: Equatable, Sendable {
  /// The name of an index in a checkpoint's directory.
  public static let fileName = "model.safetensors.index.json"

  /// Shard name by tensor name.
  public let weightMap: [String: String]
  /// The bytes of all tensors, as the writer of the index counted them.
  public let totalSize: Int?

  /// Parses an index.
  ///
  /// - Throws: ``JSONError`` if it is not JSON, has no `weight_map`, or maps to anything but names.
  public init(parsing bytes: [UInt8]) throws(JSONError) {
    var document = try JSONObject(try JSONValue(parsing: bytes))
    var map = try document.object("weight_map")
    var weightMap: [String: String] = [:]
    for name in map.remainingKeys {
      // A file of this directory, whichever way it is written.
      var shard = try map.string(name)[...]
      while shard.hasPrefix("./") { shard = shard.dropFirst(2) }
      weightMap[name] = String(shard)
    }
    self.weightMap = weightMap
    var metadata = try document.objectIfPresent("metadata")
    // Some writers count in floating point; what is no plain count is not compared.
    if case .integer(let size)? = metadata?.takeIfPresent("total_size") {
      totalSize = size
    } else {
      totalSize = nil
    }
  }

  /// The shards named, sorted.
  public var shardNames: [String] { Set(weightMap.values).sorted() }
}
