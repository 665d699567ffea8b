import FileAccess

/// A folder `models--ORG--NAME` of the Hugging Face hub's cache: `blobs/` has the content under its
/// etag, `snapshots/REV/` links to it, `refs/main` names a revision.
struct HubCache {
  /// The snapshot to use; nil if nothing decides between several, or there is none.
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

  /// The folders of models in a cache as a whole, such as `~/.cache/huggingface/hub`: each is one
  /// that a user may have meant.
  static func models(among names: [String]) -> [String] {
    names.filter { $0.hasPrefix("models--") }
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
    var names = incomplete(in: location.directory)
    names += incomplete(in: location.path(of: "blobs")).map { "blobs/\($0)" }
    if isSnapshot(location.directory) {
      names += incomplete(in: location.path(of: "../../blobs")).map { "../../blobs/\($0)" }
    }
    // Here a file in a folder has its metadata in a folder, and what is there of it so far.
    let metadata = ChecksumSource.metadataFolder
    let walk = FileWalk(location.path(of: metadata))
    names += walk.names.map(\.text).filter(isIncomplete).map { "\(metadata)/\($0)" }
    return names.map { name in
      let status = try? FileStatus(ofPath: location.path(of: name))
      return UnfinishedDownload(name: name, byteCount: status?.byteCount ?? 0)
    }
  }

  private static func incomplete(in directory: String) -> [String] {
    ((try? directoryContents(directory)) ?? []).filter(isIncomplete)
  }

  private static func isIncomplete(_ name: String) -> Bool { name.hasSuffix(".incomplete") }

  /// Whether two levels up is a hub cache, asked of the system: the path may be `.`, or a link.
  private static func isSnapshot(_ directory: String) -> Bool {
    let names = (try? directoryContents(Path.join(directory, "../.."))) ?? []
    return names.contains("snapshots") && names.contains("blobs")
  }
}
