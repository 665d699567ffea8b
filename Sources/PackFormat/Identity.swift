public import FileAccess
public import HuginnModel
public import Integrity
import StrictJSON

/// What the headers of all segments of a pack share: against mix-ups, known before any payload.
public enum Identity {
  /// A source shard, sampled.
  public struct Sample: Equatable, Sendable {
    let name: String
    let content: FileSample

    /// Reads the sample of a shard.
    ///
    /// - Throws: `FileError` if it cannot be read.
    public init(name: String, file: InputFile) throws(FileError) {
      self.name = name
      content = try FileSample(of: file, windows: 3, of: 65_536)
    }
  }

  /// The identity: SHA-256 of the canonical JSON of model, recipe and sampled source.
  ///
  /// - Parameters:
  ///   - config: the model.
  ///   - recipe: its encodings.
  ///   - source: the shards, by name.
  /// - Returns: what all headers of the pack carry.
  public static func of(
    _ config: HuginnConfig, _ recipe: Recipe, source: [Sample]
  ) -> Digest {
    let value: JSONValue = [
      "model": config.model,
      "recipe": recipe.json,
      "source": .array(
        source.map {
          [
            "name": .string($0.name), "bytes": .integer($0.content.byteCount),
            "sample": .string($0.content.digest.description),
          ]
        }),
    ]
    return Digest(of: value.canonicalBytes.span.rawBytes)
  }
}
