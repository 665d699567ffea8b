import Checkpoint
import FileAccess
import PackFormat
import Safetensors
import StrictJSON

/// What names a model in a result, wherever it lies: a pack's digest, or a checkpoint's shards.
///
/// Hashing a checkpoint of 15 GB to evaluate it would take longer than some evaluations: names and
/// lengths tell one from another.
struct ModelIdentity {
  let json: JSONValue

  init(path: String) throws(Failure) {
    if try failing({ try PackFileNames.isPackDirectory(path) }) {
      let manifest = try failing { try Pack.readManifest(ofPack: path) }
      json = ["digest": .string("\(manifest.digest)")]
    } else {
      let checkpoint = try failing { try Checkpoint(path: path) }
      json = [
        "shards": .array(
          checkpoint.shards.map {
            ["name": .string($0.name), "bytes": .integer($0.safetensors.file.byteCount)]
          })
      ]
    }
  }
}
