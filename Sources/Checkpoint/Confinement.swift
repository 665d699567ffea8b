import FileAccess
import Tensors

/// A checkpoint's directory, and what lies in it and what only seems to.
struct Confinement {
  private let directory: String
  private let resolved: String?
  /// The blobs of the hub cache that the directory is a snapshot of; nil where it is none.
  private let blobs: String?

  init(_ directory: String) {
    self.directory = directory
    resolved = try? resolvedPath(directory)
    blobs = try? resolvedPath(Path.join(directory, "../../blobs"))
  }

  /// Whether the folder of a file leads nowhere else; one that is not there leads nowhere.
  func holds(_ path: RelativePath) -> Bool {
    guard path.isPossible, let folder = path.folder else { return true }
    do throws(FileError) {
      return contains(try resolvedPath(Path.join(directory, folder)))
    } catch {
      return error.isNotFound || error.isOfOtherKind
    }
  }

  /// Whether a name leads to a regular file.
  func isRegular(_ name: String) -> Bool {
    (try? FileStatus(ofPath: Path.join(directory, name)))?.kind == .regular
  }

  /// A remark on a link that leads out of the directory, and not to a blob of a hub cache.
  func remark(onLink name: String) -> CheckpointRemark? {
    let path = Path.join(directory, name)
    let chain = LinkChain(path)
    guard !chain.hops.isEmpty, chain.digests.isEmpty, let target = try? resolvedPath(path),
      !contains(target), blobs.map({ Self.lies(target, in: $0) }) != true
    else { return nil }
    return CheckpointRemark(
      file: name, reason: "it is a link to \(target.quoted), outside the checkpoint")
  }

  private func contains(_ path: String) -> Bool {
    resolved.map { path == $0 || Self.lies(path, in: $0) } ?? false
  }

  private static func lies(_ path: String, in folder: String) -> Bool {
    path.utf8.starts(with: Path.join(folder, "").utf8)
  }
}
