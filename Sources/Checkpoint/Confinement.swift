import FileAccess
public import HuginnModel
import Tensors

/// A checkpoint's directory, and what lies in it and what only seems to.
struct Confinement {
  private let directory: String
  private let resolved: String?
  /// The blobs of the hub cache that the directory is a snapshot of; nil if it is not one.
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

  /// A remark on a link that leads out of the directory.
  func remark(onLink name: String) -> CheckpointRemark? {
    targetOutside(ofLink: name).map {
      CheckpointRemark(file: name, reason: "it is a link to \($0.quoted), outside the checkpoint")
    }
  }

  /// Where a link leads that leaves the directory, and not for a blob of a hub cache; nil of others.
  fileprivate func targetOutside(ofLink name: String) -> String? {
    let path = Path.join(directory, name)
    let chain = LinkChain(path)
    guard !chain.hops.isEmpty, chain.digests.isEmpty, let target = try? resolvedPath(path),
      !contains(target), blobs.map({ Self.lies(target, in: $0) }) != true
    else { return nil }
    return target
  }

  private func contains(_ path: String) -> Bool {
    resolved.map { path == $0 || Self.lies(path, in: $0) } ?? false
  }

  private static func lies(_ path: String, in folder: String) -> Bool {
    path.utf8.starts(with: Path.join(folder, "").utf8)
  }
}

extension Diagnostic {
  /// Warnings of links that lead out of a directory, of files whose content is copied: what lies
  /// elsewhere may not be meant to be given away.
  ///
  /// - Parameters:
  ///   - names: of the files.
  ///   - directory: where they are.
  /// - Returns: a warning for each link; links into the blobs of a hub's cache are its own.
  public static func linksOutside(among names: [String], in directory: String) -> [Diagnostic] {
    let confinement = Confinement(directory)
    return names.compactMap { name in
      confinement.targetOutside(ofLink: name).map {
        Diagnostic(
          .linkOutside, subject: name, found: $0,
          hint: "make sure that you may share the content")
      }
    }
  }
}
