package import FileAccess
package import Integrity
package import Parallelism
import Synchronization

/// The SHA-256 of whole files.
///
/// A file is one stream and keeps one thread, so this takes as long as the largest one, where
/// verification, tensor by tensor, does not.
package enum FileDigests {
  /// Reads files in parallel, the largest first.
  ///
  /// - Parameters:
  ///   - files: what to read.
  ///   - workers: the threads to use.
  ///   - monitor: told of the bytes read.
  /// - Returns: the digest of each file, in their order.
  /// - Throws: ``VerificationError`` where the system refuses a read, a file was cut meanwhile, or
  ///   the monitor cancels.
  package static func read(
    _ files: [InputFile], _ workers: Workers, _ monitor: Monitor
  ) throws(VerificationError) -> [Digest] {
    let order = files.indices.sorted { files[$0].byteCount > files[$1].byteCount }
    let digests = Mutex<[(file: Int, digest: Digest)]>([])
    try workers.run(files.count) { position throws(VerificationError) in
      let index = order[position]
      let file = files[index]
      do throws(FileError) {
        let digest = try Digest(of: file, ranges: [0..<file.byteCount]) { count in
          monitor.advance(by: count)
          return !monitor.isCancelled
        }
        if let digest { digests.withLock { $0.append((index, digest)) } }
      } catch {
        throw .file(error)
      }
      if monitor.isCancelled { throw .cancelled }
    }
    return digests.withLock { $0 }.sorted { $0.file < $1.file }.map(\.digest)
  }
}
