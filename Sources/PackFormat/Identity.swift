public import FileAccess
public import HuginnModel
public import Integrity
import StrictJSON

/// What the headers of all segments of a pack share: against mix-ups, known before any payload.
public enum Identity {
  /// A file of at most this many bytes is sampled whole.
  static let wholeSampleLimit = 196_608
  /// Else three windows of this many bytes are.
  static let windowByteCount = 65_536

  /// A source shard, sampled.
  public struct Sample: Equatable, Sendable {
    let name: String
    let byteCount: Int
    let sample: Digest

    /// Reads the sample: the whole file if it is small, else its beginning, middle and end.
    public init(name: String, file: InputFile) throws(FileError) {
      let count = file.byteCount
      let window = windowByteCount
      let ranges =
        count <= wholeSampleLimit
        ? [0..<count]
        : [0, count / 2 - window / 2, count - window].map { $0..<$0 + window }
      let sample = try Digest(of: file, ranges: ranges)
      self.name = name
      self.byteCount = count
      self.sample = sample
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
            "name": .string($0.name), "bytes": .integer($0.byteCount),
            "sample": .string($0.sample.description),
          ]
        }),
    ]
    return Digest(of: value.canonicalBytes.span.rawBytes)
  }
}
