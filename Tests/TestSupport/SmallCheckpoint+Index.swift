import Safetensors

extension SmallCheckpoint {
  /// The bytes of all its tensors.
  public var tensorByteCount: Int { shards.values.joined().reduce(0) { $0 + $1.bytes.count } }

  /// Writes all files, with an index whose `total_size` is this JSON text.
  @discardableResult
  public func write(totalSize: String) throws -> TemporaryDirectory {
    try write()
    let lines = (weightMap ?? [:]).sorted { $0.key < $1.key }.map { "\"\($0)\":\"\($1)\"" }
    try directory.write(
      SafetensorsIndex.fileName,
      "{\"metadata\":{\"total_size\":\(totalSize)},"
        + "\"weight_map\":{\(lines.joined(separator: ","))}}")
    return directory
  }
}
