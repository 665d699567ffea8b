import Tensors

/// Why the file system did not do what was asked.
public enum FileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was being done when the system refused.
  public enum Operation: String, Sendable {
    case open, inspect, list, read, write, map, create, preallocate, sync, close, lock, rename
    case remove
    case measureFreeSpace = "measure the free space of"
  }

  /// How a path that is to be written meets what is read.
  public enum Overlap: String, Sendable {
    case isInput = "is"
    case leadsToInput = "is a link to"
    case liesIn = "lies in"
    case holds
  }

  /// A system call failed.
  case system(operation: Operation, path: String, errno: Int32)
  /// Nothing is there.
  case notFound(path: String)
  /// A link that leads nowhere.
  case danglingLink(path: String, target: String)
  /// More links than the system follows, as where they lead in a circle.
  case tooManyLinks(path: String)
  /// A directory has an entry whose name is not UTF-8; `name` has its bytes escaped.
  case nameNotUTF8(directory: String, name: String)
  /// A path leads to a name that is not UTF-8; `target` has its bytes escaped.
  case targetNotUTF8(path: String, target: String)
  /// A directory, fifo or device where a file should be.
  case notARegularFile(path: String, found: String)
  /// Something else where a directory should be.
  case notADirectory(path: String, found: String)
  /// The file ended before what was to be read: it was cut while in use.
  case ended(path: String, byteOffset: Int, needed: Int, available: Int)
  /// Somebody wrote to the file between two reads of it.
  case changed(path: String)
  /// The file is larger than one of its kind can be.
  case tooLarge(path: String, byteCount: Int, limit: Int)
  /// The disk has less room than the work needs.
  case noSpace(path: String, needed: Int, free: Int)
  /// The target is there and was not to be replaced.
  case exists(path: String)
  /// What is to be written would take the place of what is read, or lie in it.
  case overlapsInput(path: String, Overlap, input: String)
  /// A path that ends in no name, which nothing can be written under.
  case noName(path: String)
  /// The target is there, and something else than what may be replaced.
  case notReplaced(path: String, found: String)
  /// The file system cannot exchange two directories in one step.
  case cannotReplace(path: String)
  /// The process may not lock so much memory.
  case cannotPin(path: String, byteCount: Int, limit: Int)

  /// Whether the path was not there.
  public var isNotFound: Bool {
    if case .notFound = self { true } else { false }
  }

  /// Whether something is there that is no file: of another kind, or links that lead to none.
  public var isOfOtherKind: Bool {
    switch self {
    case .notARegularFile, .notADirectory, .danglingLink, .tooManyLinks: true
    default: false
    }
  }

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .system(let operation, let path, let code):
      "cannot \(operation.rawValue) \(path.quoted): \(systemMessage(code))"
    case .notFound(let path):
      "\(path.quoted) does not exist"
    case .danglingLink(let path, let target):
      "\(path.quoted) is a link to \(target.quoted), which does not exist"
    case .tooManyLinks(let path):
      "\(path.quoted) leads through too many links, or through a loop of links"
    case .nameNotUTF8(let directory, let name):
      "\(directory.quoted) contains the name '\(name)', which is not UTF-8; rename it"
    case .targetNotUTF8(let path, let target):
      "\(path.quoted) leads to '\(target)', which is not UTF-8; rename it"
    case .notARegularFile(let path, let found):
      "\(path.quoted) is \(found), expected a regular file"
    case .notADirectory(let path, let found):
      "\(path.quoted) is \(found), expected a directory"
    case .ended(let path, let offset, let needed, let available):
      "\(path.quoted) changed while being read: expected \(needed) bytes at byte \(offset), found "
        + "\(available); run again when nothing writes to it"
    case .changed(let path):
      "\(path.quoted) changed while being read; run again when nothing writes to it"
    case .tooLarge(let path, let count, let limit):
      "\(path.quoted) has \(count) bytes, expected at most \(limit)"
    case .noSpace(let path, let needed, let free):
      "not enough space for \(path.quoted): \(needed) bytes needed, \(free) free"
    case .exists(let path):
      "\(path.quoted) already exists"
    case .overlapsInput(let path, let overlap, let input):
      "\(path.quoted) \(overlap.rawValue) the input \(input.quoted), which must not be overwritten; "
        + "choose another path"
    case .noName(let path):
      "\(path.quoted) does not end in a name; choose another path"
    case .notReplaced(let path, let found):
      "\(path.quoted) was not replaced: it \(found)"
    case .cannotPin(let path, let byteCount, let limit):
      "cannot pin \(path.quoted): it needs \(byteCount) bytes of locked memory, but the process may "
        + "lock \(limit) in all (RLIMIT_MEMLOCK); raise the limit with 'ulimit -l', or do not pin"
    case .cannotReplace(let path):
      "the file system of \(path.quoted) cannot exchange directories in one step"
    }
  }
}
