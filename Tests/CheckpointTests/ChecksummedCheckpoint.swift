import Checkpoint
import FileAccess
import Foundation
import Integrity
import Parallelism
import TestSupport

/// A checkpoint in three shards with a list of checksums of all its files.
struct ChecksummedCheckpoint {
  let directory: TemporaryDirectory
  /// All files, the list too.
  let names: [String]

  init() throws {
    directory = try SmallCheckpoint(isSharded: true).write()
    try directory.write("tokenizer.json", "{}")
    let directory = directory
    let list = try directory.names.map { name in
      let bytes = try directory.bytes(name)
      return (name: name, digest: Digest(of: bytes.span.rawBytes))
    }
    try directory.write(ChecksumList.fileName, ChecksumList.text(list))
    names = directory.names
  }

  /// Whether verification finds nothing wrong and every file covered, as `--require-checksums` asks.
  ///
  /// - Throws: `FileError` or `ReadingError` where the system refuses a file.
  func isProven() throws -> Bool {
    try CheckpointVerification(path: directory.path, workers: Workers(count: 1)).isProven
  }
}
