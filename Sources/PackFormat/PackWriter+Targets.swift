import FileAccess
import Tensors

/// Where a pack may be written.
extension PackWriter {
  /// Checks that a pack can be written, before any work for it.
  ///
  /// - Parameters:
  ///   - target: the final name.
  ///   - byteCount: what all its files will take.
  ///   - replacing: what may be replaced.
  /// - Throws: ``PackError``, if the target is not to be replaced, lies in a pack, or the space
  ///   does not suffice.
  public static func checkTarget(
    _ target: String, byteCount: Int, replacing: PackReplacement
  ) throws(PackError) {
    let target = Path.trimmed(target)
    try checkNotInsidePack(target)
    try replacing.check(target)
    let free = try PackError.wrapping(freeSpace(at: Path.parent(of: target)))
    guard byteCount <= free else {
      throw .file(.noSpace(path: target, needed: byteCount, free: free))
    }
  }

  /// Checks that a target is not in a pack, where it would be an extra file.
  ///
  /// Every directory above counts, links followed. A directory is a pack here where its manifest
  /// says so and it has a segment: a `manifest.json` of a web page, or a segment that was restored
  /// alone, does not interfere.
  ///
  /// - Parameters:
  ///   - target: the path to write; it may be a pack that will be replaced.
  ///   - name: the name of a pack's file that is restored: under it, it may go back into a pack.
  /// - Throws: ``PackError/insidePack(path:pack:)``, or ``PackError/file(_:)`` if that cannot be
  ///   determined. A missing directory is reported when writing to it.
  public static func checkNotInsidePack(
    _ target: String, restoring name: String? = nil
  ) throws(PackError) {
    let found = try PackError.wrapping(enclosingPack(of: target, restoring: name))
    if let found { throw .insidePack(path: target, pack: found) }
  }

  private static func enclosingPack(
    of target: String, restoring name: String?
  ) throws(FileError) -> String? {
    var folders = try foldersAbove(target)[...]
    if Path.name(of: target) == name { folders = folders.dropFirst() }
    for folder in folders where try isPack(folder) { return try resolvedPath(folder) }
    return nil
  }

  private static func isPack(_ directory: String) throws(FileError) -> Bool {
    for name in PackFileNames.segments
    where try FileStatus.ifPresent(ofLink: Path.join(directory, name)) != nil {
      return try saysItIsPack(directory)
    }
    return false
  }

  /// Whether a directory's manifest names the format.
  ///
  /// A damaged pack is one too, into which nothing is written: the manifest need not be valid.
  private static func saysItIsPack(_ directory: String) throws(FileError) -> Bool {
    String(decoding: try manifestBytes(directory), as: UTF8.self)
      .contains("\"\(PackConstants.format)\"")
  }

  /// The manifest; nothing if there is none, or none of a size that a reader accepts.
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
}
