import CMuninnPlatform

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A directory held open to look names up in, and to climb from.
///
/// It need not be one that may be listed. Names are bytes, as the system has them.
final class Folder {
  /// How it was reached, for messages.
  let path: String
  /// What it is.
  let identity: FileIdentity
  private let descriptor: Int32

  /// Opens a directory, links followed.
  convenience init(path: String) throws(FileError) {
    try self.init(Array(path.utf8CString), from: AT_FDCWD, path: path)
  }

  private init(_ name: [CChar], from origin: Int32, path: String) throws(FileError) {
    let descriptor = try retrying(.open, path) { unsafe muninn_open_folder(origin, name) }
    do throws(FileError) {
      identity = try FileStatus(ofDescriptor: descriptor, path: path).identity
    } catch {
      close(descriptor)
      throw error
    }
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// The directories above a path, from the one that it lies in to the root; none if that one is
  /// not there.
  static func above(_ path: String) throws(FileError) -> [Folder] {
    var folders: [Folder] = []
    do throws(FileError) {
      folders.append(try Folder(path: Path.parent(of: path)))
    } catch {
      guard error.isNotFound else { throw error }
      return []
    }
    while let parent = try folders.last?.parent() { folders.append(parent) }
    return folders
  }

  /// The directory that holds it; nil of the root.
  func parent() throws(FileError) -> Folder? {
    let above = try Folder(
      Array("..".utf8CString), from: descriptor, path: Path.join(path, ".."))
    return above.identity == identity ? nil : above
  }

  /// The status of what a name here leads to; nil if that cannot be looked at.
  func status(of name: [CChar]) -> FileStatus? {
    var status = stat()
    guard unsafe fstatat(descriptor, name, &status, 0) == 0 else { return nil }
    return FileStatus(status)
  }

  /// One step along a link: the directory that its target lies in, and the target's name there; nil
  /// if the name is not a link.
  func following(_ name: [CChar]) throws(FileError) -> (folder: Folder, name: [CChar])? {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = unsafe readlinkat(descriptor, name, &buffer, buffer.count)
    guard count > 0 else { return nil }
    let slash = CChar(UInt8(ascii: "/"))
    var target = buffer[..<count]
    while target.count > 1, target.last == slash { target.removeLast() }
    guard let last = target.lastIndex(of: slash) else { return (self, target + [0]) }
    let folder = try Folder(target[...last] + [0], from: descriptor, path: path)
    return (folder, target[(last + 1)...] + [0])
  }
}

/// The directories above a path, links followed, from the one that it lies in to the root: each a
/// path that leads there; none if the first is not there.
///
/// No name is spelled out, as `realpath` would, which may be no text: it goes up by `..`.
///
/// - Throws: ``FileError`` if one cannot be looked at.
public func foldersAbove(_ path: String) throws(FileError) -> [String] {
  try Folder.above(path).map(\.path)
}
