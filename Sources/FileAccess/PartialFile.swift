#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A file being written beside its final name, which it gets in one rename.
///
/// Its directory is opened once, so that it lands in this one, wherever the path leads by then. It
/// holds a lock while it lives. Unless it is published it is removed with the value; after a crash, the
/// next run for the same target removes what it can lock.
public final class PartialFile {
  /// The final path.
  public let target: String
  /// The file to write.
  public let output: OutputFile
  private let directory: OpenDirectory
  private let name: String
  private let partialName: String
  private let replacing: Bool
  private let kind: OutputKind
  private let lock: PartialLock
  private var isPublished = false

  /// Creates the file beside `target`, after removing what crashed runs left for it.
  ///
  /// - Parameters:
  ///   - target: the final path.
  ///   - replacing: whether a file that is there is replaced.
  ///   - kind: what it must be then.
  /// - Throws: ``FileError``, as ``check(target:replacing:kind:)``.
  public convenience init(
    target: String, replacing: Bool, kind: OutputKind = .any
  ) throws(FileError) {
    try Path.checkName(of: target)
    let directory = try OpenDirectory(path: Path.parent(of: target))
    try self.init(
      Path.name(of: target), in: directory, target: target, replacing: replacing, kind: kind)
  }

  private init(
    _ name: String, in directory: OpenDirectory, target: String, replacing: Bool,
    kind: OutputKind
  ) throws(FileError) {
    try Self.check(name, in: directory, target: target, replacing: replacing, kind: kind)
    try PartialLock.forEachAbandoned(of: name, in: directory, kind: .regular) { name in
      _ = try? directory.remove(name)
    }
    while true {
      let partialName = PartialName.random(for: name)
      let output = try OutputFile(creating: partialName, in: directory)
      do throws(FileError) {
        // Between creation and lock, another run may take this for abandoned and remove it.
        if let lock = try PartialLock(partialName, in: directory, kind: .regular) {
          self.target = target
          self.directory = directory
          self.name = name
          self.partialName = partialName
          self.replacing = replacing
          self.kind = kind
          self.output = output
          self.lock = lock
          return
        }
      } catch {
        _ = try? directory.remove(partialName)
        throw error
      }
    }
  }

  /// Writes a small file whole, and gives it its name in one step.
  ///
  /// - Throws: as ``publish()``, and where it cannot be written.
  public static func write(
    _ bytes: [UInt8], to target: String, replacing: Bool, kind: OutputKind = .any
  ) throws(FileError) {
    try PartialFile(target: target, replacing: replacing, kind: kind).publish(bytes)
  }

  /// Writes a small file whole into an open directory.
  ///
  /// - Throws: as ``publish()``, and where it cannot be written.
  public static func write(
    _ bytes: [UInt8], name: String, in directory: OpenDirectory, replacing: Bool
  ) throws(FileError) {
    try PartialFile(
      name, in: directory, target: directory.path(of: name), replacing: replacing, kind: .any
    ).publish(bytes)
  }

  private func publish(_ bytes: [UInt8]) throws(FileError) {
    try output.write(bytes.span.rawBytes, at: 0)
    try publish()
  }

  /// Checks that a path has nothing or, to replace it, a regular file of the kind or a link to one,
  /// which itself is replaced.
  ///
  /// A rename would put the new file in the place of a device such as `/dev/null` just as well.
  ///
  /// - Throws: ``FileError/exists(path:)``, ``FileError/notARegularFile(path:found:)`` or
  ///   ``FileError/notReplaced(path:found:)``, and ``FileError/noName(path:)`` for no such path.
  public static func check(
    target: String, replacing: Bool, kind: OutputKind = .any
  ) throws(FileError) {
    try Path.checkName(of: target)
    guard let status = try FileStatus.ifPresent(ofLink: target) else { return }
    guard replacing else { throw .exists(path: target) }
    try check(status, target, kind) { () throws(FileError) in try InputFile(path: target) }
  }

  private static func check(
    _ name: String, in directory: OpenDirectory, target: String, replacing: Bool,
    kind: OutputKind
  ) throws(FileError) {
    guard let status = try FileStatus.ifPresent(ofLink: name, from: directory.descriptor) else {
      return
    }
    guard replacing else { throw .exists(path: target) }
    try check(status, target, kind) { () throws(FileError) in try InputFile(name, in: directory) }
  }

  private static func check(
    _ status: FileStatus, _ target: String, _ kind: OutputKind,
    _ open: () throws(FileError) -> InputFile
  ) throws(FileError) {
    guard status.kind == .regular || status.kind == .link else {
      throw .notARegularFile(path: target, found: status.kind.rawValue)
    }
    let file: InputFile
    do throws(FileError) { file = try open() } catch {
      guard error.isOfOtherKind || error.isNotFound else { throw error }
      throw .notARegularFile(path: target, found: status.kind.rawValue)
    }
    guard try kind.recognizes(file) else {
      throw .notReplaced(path: target, found: "is not \(kind.name)")
    }
  }

  deinit {
    // Nobody is left to tell of a failure; the next run tries again.
    if !isPublished { _ = try? directory.remove(partialName) }
  }

  /// Syncs the file and gives it its final name.
  ///
  /// - Throws: ``FileError/exists(path:)`` if the target is there and not to be replaced, or
  ///   ``FileError/notARegularFile(path:found:)`` if it is not a file.
  public func publish() throws(FileError) {
    try output.sync()
    if replacing {
      try Self.check(name, in: directory, target: target, replacing: true, kind: kind)
      try retrying(.rename, target) {
        unsafe renameat(directory.descriptor, partialName, directory.descriptor, name)
      }
    } else {
      do throws(FileError) {
        try renameExclusively(partialName, name, in: directory.descriptor)
      } catch FileError.exists {
        throw .exists(path: target)
      }
    }
    isPublished = true
    try retrying(.sync, directory.path) { fsync(directory.descriptor) }
  }
}

extension OpenDirectory {
  /// Removes a file; what is gone already is removed.
  fileprivate func remove(_ name: String) throws(FileError) {
    try removing(path(of: name)) { unsafe unlinkat(descriptor, name, 0) }
  }
}
