import Checkpoint
public import FileAccess
import GGUF
import PackFormat
import Safetensors

extension StoredModel {
  /// The files that the model is read from, over which nothing is written.
  ///
  /// What was named as a directory is guarded whole, and with it the snapshot of a hub's cache. Of
  /// what was named as a file, that file is, and those beside it that belong to it; new files may
  /// stand beside them.
  ///
  /// - Throws: `FileError` if something cannot be looked at.
  public func inputs() throws(FileError) -> InputGuard {
    var inputs = try InputGuard([path])
    switch form {
    case .pack: break
    case .gguf(let file): if let file { try inputs.add(file.file) }
    case .checkpoint(let checkpoint), .compressedTensors(let checkpoint):
      for shard in checkpoint.shards { try inputs.add(shard.safetensors.file) }
      let location = checkpoint.location
      guard !location.isDirectory else {
        try inputs.add(location.directory)
        break
      }
      let beside = location.fileNames.filter {
        $0 == checkpoint.index?.name || PackFileNames.isSidecar($0) || $0.hasSuffix(".py")
      }
      for file in beside.map(location.path(of:))
      where (try? FileStatus(ofPath: file))?.kind == .regular {
        try inputs.add(file)
      }
    }
    return inputs
  }
}
