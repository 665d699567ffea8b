package import FileAccess
import Integrity
import Tensors

/// What may go with a pack that is there, where another is written in its place.
public enum PackReplacement: Sendable {
  /// Nothing: what is there stays.
  case nothing
  /// The files of a pack: what its manifest lists, the manifest, and `SHA256SUMS`.
  case pack
  /// Those, and what somebody wrote or signed for it: ``PackFileNames/personal``.
  case packAndCompanions

  /// Whether something may be replaced at all.
  package var isAllowed: Bool { self != .nothing }

  /// Checks that a path has nothing, or nothing but what may go: an empty directory, or a pack whose
  /// files are plain files and links under the names that its manifest lists.
  ///
  /// What nobody wrote goes with it (``PackFileNames/disposable``); a clone's `.git`, a licence that
  /// the manifest does not list and whatever else somebody put there do not.
  ///
  /// - Throws: ``PackError/companionKept(path:name:)``, or ``PackError/file(_:)`` if something else is
  ///   there, or if that cannot be determined.
  func check(_ target: String) throws(PackError) {
    let status = try PackError.wrapping(FileStatus.ifPresent(ofLink: target))
    guard let status else { return }
    guard isAllowed else { throw .file(.exists(path: target)) }
    guard status.kind == .directory else {
      throw .file(.notReplaced(path: target, found: "is \(status.kind.rawValue)"))
    }
    let names = try PackError.wrapping(directoryContents(target))
    if PackFileNames.disposable.isSuperset(of: names) { return }
    guard names.contains(PackConstants.manifestName) else {
      let other = names.first { !PackFileNames.disposable.contains($0) } ?? ""
      throw .file(
        .notReplaced(
          path: target, found: "holds \(other.quoted), but no \(PackConstants.manifestName)"))
    }
    let listed = try listedNames(in: target)
    for name in names {
      let isPersonal = PackFileNames.personal.contains(name)
      guard listed.contains(name) || isPersonal || PackFileNames.disposable.contains(name),
        try isFile(Path.join(target, name))
      else {
        throw .file(
          .notReplaced(path: target, found: "holds \(name.quoted), which is not part of a pack"))
      }
      if isPersonal, self != .packAndCompanions { throw .companionKept(path: target, name: name) }
    }
  }

  /// The names of the files that a pack's manifest vouches for, its own and that of checksums.
  private func listedNames(in directory: String) throws(PackError) -> Set<String> {
    let manifest: Manifest
    do throws(PackError) {
      manifest = try Pack.readManifest(ofPack: directory)
    } catch {
      switch error {
      case .manifest(_, let reason):
        throw .file(
          .notReplaced(
            path: directory, found: "has an invalid \(PackConstants.manifestName): \(reason)"))
      case .file(let error) where error.isFaultOfObject:
        throw .file(.notReplaced(path: directory, found: "has no readable manifest: \(error)"))
      default: throw error
      }
    }
    return Set(
      [PackConstants.manifestName, ChecksumList.fileName] + PackFileNames.segments
        + manifest.sidecars.map(\.name))
  }

  /// Whether a name is that of a file or a link, so that removing it removes nothing else.
  private func isFile(_ path: String) throws(PackError) -> Bool {
    let kind = try PackError.wrapping(FileStatus(ofLink: path).kind)
    return kind == .regular || kind == .link
  }

  /// Whether what is there may go: asked again of what was exchanged for the new pack.
  ///
  /// - Throws: `FileError` if that cannot be determined.
  package func isReplaceable(_ path: String) throws(FileError) -> Bool {
    do throws(PackError) {
      try check(path)
      return true
    } catch {
      switch error {
      case .file(.exists), .file(.notReplaced): return false
      case .file(let error): throw error
      default: return false
      }
    }
  }
}
