import FileAccess
import Tensors

/// What lies below a directory, folders apart; links to folders are not followed.
struct FileWalk {
  /// The most entries that are looked at: a checkpoint has some dozens.
  static let limit = 100_000

  /// Files, links and other things, by path.
  private(set) var names: [RelativePath] = []
  /// Folders that could not be looked through, with the reason.
  private(set) var unreadable: [CheckpointRemark] = []

  /// Walks a directory, but not into its own entries of the names `skipped`.
  init(_ directory: String, skipping skipped: Set<String> = []) {
    var folders = [""]
    var count = 0
    while let folder = folders.popLast() {
      let path = folder.isEmpty ? directory : Path.join(directory, folder)
      do throws(FileError) {
        for name in try directoryContents(path) where !(folder.isEmpty && skipped.contains(name)) {
          count += 1
          guard count <= Self.limit else {
            unreadable.append(
              CheckpointRemark(
                file: folder.isEmpty ? "." : folder,
                reason: "the checkpoint's folders hold more than \(Self.limit) files"))
            return
          }
          let relative = folder.isEmpty ? name : "\(folder)/\(name)"
          let status = try FileStatus.ifPresent(ofLink: Path.join(directory, relative))
          if status?.kind == .directory {
            folders.append(relative)
          } else if status != nil, let name = RelativePath(relative) {
            names.append(name)
          }
        }
      } catch {
        unreadable.append(CheckpointRemark(file: folder, reason: error.description))
      }
    }
    names.sort()
  }
}
