import PackFormat
public import StrictJSON

extension StoredModel {
  /// What names the model in a result, wherever it lies: a pack's digest, or the names and lengths
  /// of the files of its weights.
  ///
  /// Hashing a checkpoint of 15 GB to evaluate it would take longer than some evaluations: names
  /// and lengths tell one from another.
  public var identity: JSONValue {
    if let pack { return ["digest": .string("\(pack.manifest.digest)")] }
    return [
      "shards": .array(
        weightFiles.map { ["name": .string($0.name), "bytes": .integer($0.byteCount)] })
    ]
  }
}
