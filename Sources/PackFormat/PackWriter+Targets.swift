package import FileAccess
import Tensors

/// Where a pack may be written, and what it may replace.
extension PackWriter {
  /// Checks that a pack can be written, before any work for it.
  ///
  /// - Parameters:
  ///   - target: the final name.
  ///   - byteCount: what all its files will take.
  ///   - replacing: whether a pack that is there may be replaced.
  /// - Throws: ``PackError``, where the target is not to be replaced, lies in a pack, or the space does
  ///   not suffice.
  public static func checkTarget(
    _ target: String, byteCount: Int, replacing: Bool
  ) throws(PackError) {
    let target = Path.trimmed(target)
    try checkNotInsidePack(target)
    if replacing {
      try checkReplaceable(target)
    } else if try present(target) != nil {
      throw .file(.exists(path: target))
    }
    let free = try reaching { () throws(FileError) in
      try freeSpace(at: Path.parent(of: target))
    }
    guard byteCount <= free else {
      throw .file(.noSpace(path: target, needed: byteCount, free: free))
    }
  }

  /// Checks that what is to be written does not lie in a pack, where it would be a file too many.
  ///
  /// Every directory above counts, links followed. A directory is a pack here where its manifest says
  /// so and it has a segment: a `manifest.json` of a web page, or a segment that was restored alone,
  /// stands in nobody's way.
  ///
  /// - Parameters:
  ///   - target: what is to be written; it may be a pack that is to be replaced.
  ///   - name: the name of a pack's file that is restored: under it, it may go back into a pack.
  /// - Throws: ``PackError/insidePack(path:pack:)``, or ``PackError/file(_:)`` where that cannot be
  ///   told. That there is no such directory is left to who writes there.
  public static func checkNotInsidePack(
    _ target: String, restoring name: String? = nil
  ) throws(PackError) {
    let found = try reaching { () throws(FileError) in
      try enclosingPack(of: target, restoring: name)
    }
    if let found { throw .insidePack(path: target, pack: found) }
  }

  private static func enclosingPack(
    of target: String, restoring name: String?
  ) throws(FileError) -> String? {
    var folder: String
    do throws(FileError) {
      folder = try resolvedPath(Path.parent(of: target))
    } catch {
      guard error.isNotFound else { throw error }
      return nil
    }
    if Path.name(of: target) == name { folder = Path.parent(of: folder) }
    while try !isPack(folder) {
      guard folder != "/" else { return nil }
      folder = Path.parent(of: folder)
    }
    return folder
  }

  private static func isPack(_ directory: String) throws(FileError) -> Bool {
    for name in PackFileNames.segments
    where try FileStatus.ifPresent(ofLink: Path.join(directory, name)) != nil {
      return try saysItIsPack(directory)
    }
    return false
  }

  /// `--force` replaces only what is nothing but a pack: a directory of plain files and links under
  /// a pack's names, with a manifest that says it is one, or an empty directory.
  ///
  /// What nobody wrote goes with it; a clone's `.git` is somebody's work.
  private static func checkReplaceable(_ target: String) throws(PackError) {
    guard let status = try present(target) else { return }
    guard status.kind == .directory else {
      throw .notReplaced(path: target, found: "is \(status.kind.rawValue)")
    }
    let names = try reaching { () throws(FileError) in try directoryContents(target) }
    for name in names {
      let kind = try reaching { () throws(FileError) in
        try FileStatus(ofLink: Path.join(target, name)).kind
      }
      guard PackFileNames.isOfPack(name) || PackFileNames.disposable.contains(name),
        kind == .regular || kind == .link
      else {
        throw .notReplaced(path: target, found: "holds \(name.quoted)")
      }
    }
    if PackFileNames.disposable.isSuperset(of: names) { return }
    guard try reaching({ () throws(FileError) in try saysItIsPack(target) }) else {
      throw .notReplaced(
        path: target, found: "has no \(PackConstants.manifestName) of a pack")
    }
  }

  /// Whether a directory's manifest names the format.
  ///
  /// A damaged pack is one too: the manifest need not be valid.
  private static func saysItIsPack(_ directory: String) throws(FileError) -> Bool {
    String(decoding: try manifestBytes(directory), as: UTF8.self)
      .contains("\"\(PackConstants.format)\"")
  }

  /// The manifest; nothing where there is none, or none of a size that a reader takes.
  private static func manifestBytes(_ directory: String) throws(FileError) -> [UInt8] {
    do throws(FileError) {
      return try InputFile.contents(
        of: Path.join(directory, PackConstants.manifestName),
        limit: PackConstants.manifestByteLimit)
    } catch {
      if case .tooLarge = error { return [] }
      guard error.isNotFound || error.isOfOtherKind else { throw error }
      return []
    }
  }

  private static func present(_ path: String) throws(PackError) -> FileStatus? {
    try reaching { () throws(FileError) in try FileStatus.ifPresent(ofLink: path) }
  }

  /// Whether what is there is nothing but a pack.
  package static func isReplaceable(_ path: String) throws(FileError) -> Bool {
    do throws(PackError) {
      try checkReplaceable(path)
      return true
    } catch {
      if case .file(let error) = error { throw error }
      return false
    }
  }
}
