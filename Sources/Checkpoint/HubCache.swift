import FileAccess

/// A folder `models--ORG--NAME` of the Hugging Face hub's cache: `blobs/` has the content under its
/// etag, `snapshots/REV/` links to it, `refs/main` names a revision.
struct HubCache {
  /// The snapshot to use; nil where nothing decides between several, or there is none.
  let snapshot: String?
  /// The revisions that have a snapshot, sorted.
  let revisions: [String]

  /// Recognises a cache folder by its parts; nil for any other directory.
  init?(_ path: String, names: [String]) throws(FileError) {
    guard names.contains("snapshots"), names.contains("blobs") || names.contains("refs") else {
      return nil
    }
    let snapshots = Path.join(path, "snapshots")
    revisions = try directoryContents(snapshots).filter { name in
      (try? FileStatus(ofPath: Path.join(snapshots, name)))?.kind == .directory
    }
    let main = Self.reference(Path.join(path, "refs/main"))
    if let main, revisions.contains(main) {
      snapshot = Path.join(snapshots, main)
    } else {
      snapshot = revisions.count == 1 ? Path.join(snapshots, revisions[0]) : nil
    }
  }

  /// The revision that a reference file names: a plain name, or nothing.
  private static func reference(_ path: String) -> String? {
    guard let bytes = try? InputFile.contents(of: path, limit: 256) else { return nil }
    let name = String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self)
    return Path.isPlainName(name) ? name : nil
  }
}

/// A download that was begun and not finished.
struct UnfinishedDownload: Equatable {
  /// Relative to the checkpoint's directory.
  let name: String
  /// What is there so far.
  let byteCount: Int

  /// The unfinished downloads around a checkpoint: in the blobs of its hub cache, in the `.cache`
  /// folder of a local download, and beside the files.
  static func around(_ location: CheckpointLocation) -> [UnfinishedDownload] {
    // Folders that a checkpoint may lack: what cannot be listed has nothing to tell.
    let folders = [".", "blobs", "../../blobs", ".cache/huggingface/download"]
    return folders.flatMap { folder in
      let directory = folder == "." ? location.directory : Path.join(location.directory, folder)
      if folder == "../../blobs", !isSnapshot(location.directory) { return [UnfinishedDownload]() }
      let names = (try? directoryContents(directory)) ?? []
      return names.filter { $0.hasSuffix(".incomplete") }.map { name in
        let status = try? FileStatus(ofPath: Path.join(directory, name))
        return UnfinishedDownload(
          name: folder == "." ? name : "\(folder)/\(name)", byteCount: status?.byteCount ?? 0)
      }
    }
  }

  /// Whether two levels up is a hub cache, asked of the system: the path may be `.`, or a link.
  private static func isSnapshot(_ directory: String) -> Bool {
    let names = (try? directoryContents(Path.join(directory, "../.."))) ?? []
    return names.contains("snapshots") && names.contains("blobs")
  }
}
