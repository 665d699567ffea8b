public import Codecs
public import FileAccess
public import PackFormat
import Tensors

/// Why a pack was not archived, or an archive not restored.
public enum ArchiveError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The system refused.
  case file(FileError)
  /// The pack cannot be opened, or what is there not be replaced by one.
  case pack(PackError)
  /// A byte of the pack, or of the pack in an archive, is not what its manifest says.
  case faulty(path: String, PackFault)
  /// The pack's folder has a name that an archive cannot give it.
  case folderName(path: String, found: String)
  /// More frames than a seek table lists.
  case tooManyFrames(count: Int)
  /// The caller asked to stop.
  case cancelled
  /// The file does not end as an archive does.
  case notAnArchive(path: String)
  /// An archive of a version that this code does not know.
  case version(path: String, found: Int)
  /// The table at the end breaks a rule.
  case table(path: String, FrameTableError)
  /// A frame is not what was written.
  case frame(path: String, byteOffset: Int, FrameError)
  /// The headers of a member break a rule.
  case header(path: String, byteOffset: Int, TarHeaderError)
  /// The pack's manifest breaks a rule.
  case manifest(path: String, ManifestError)
  /// The members are not the files of the pack.
  case contents(path: String, ContentsError)
  /// The archive has no file of that name.
  case noFile(path: String, name: String, names: [String])

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .pack(let error): error.description
    case .faulty(let path, let fault):
      "\(path.quoted) holds a damaged pack: \(fault)"
    case .folderName(let path, let found):
      "\(path.quoted) is not archived: a folder in an archive cannot be called \(found.quoted); "
        + "rename it"
    case .tooManyFrames(let count):
      "the archive would have \(count) frames, more than the \(FrameTable.frameLimit) that a seek "
        + "table lists"
    case .cancelled:
      "interrupted; nothing was left behind"
    case .notAnArchive(let path):
      "\(path.quoted) does not end as an archive of 'muninn archive' does: it is another file, or "
        + "was cut"
    case .version(let path, let found):
      "\(path.quoted) is an archive of version \(found), this program reads "
        + "\(FrameTable.versions.lowerBound) and \(FrameTable.version); use the one that wrote it"
    case .table(let path, let error):
      "\(path.quoted): the seek table is damaged: \(error)"
    case .frame(let path, let offset, let error):
      "\(path.quoted): the frame at byte \(offset) is damaged: \(error)"
    case .header(let path, let offset, let error):
      "\(path.quoted): in the frame at byte \(offset), \(error)"
    case .manifest(let path, let error):
      "\(path.quoted): \(PackConstants.manifestName): \(error)"
    case .contents(let path, let error):
      "\(path.quoted): \(error)"
    case .noFile(let path, let name, let names):
      "\(path.quoted) has no file \(name.quoted), it has " + names.joined(separator: ", ")
    }
  }
}

/// What is wrong with a frame of an archive.
public enum FrameError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Its bytes have another CRC-32 than was written down.
  case crc(expected: UInt32, found: UInt32)
  /// It is no zstd frame of that content.
  case zstd(ZstdError)

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .crc(let expected, let found):
      "its CRC-32 is 0x\(String(found, radix: 16)), expected 0x\(String(expected, radix: 16))"
    case .zstd(let error):
      error.description
    }
  }
}

/// What is wrong with the members of an archive.
public enum ContentsError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The manifest is not the first member, or not of a size that it can have.
  case manifest(byteCount: Int?, limit: Int)
  /// A member that does not follow the one before in the order of names.
  case order(name: String)
  /// A member in another folder than the first.
  case folder(found: String, expected: String)
  /// A file that belongs to no such pack.
  case unexpected(name: String)
  /// A file of the pack is not there.
  case missing(name: String)
  /// A file of another length than the manifest says.
  case byteCount(name: String, expected: Int, found: Int)
  /// A file that the manifest does not know unpacks to far more than the archive has.
  case outOfProportion(name: String, byteCount: Int, limit: Int)
  /// A split member of a file in which nothing is to be split.
  case notSplit(name: String)
  /// The frames do not cut a member as they must.
  case frames(name: String)
  /// A byte after a file, or after all members, is not zero.
  case padding(name: String)
  /// The members do not end with two blocks of zeros in a frame of their own.
  case end

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .manifest(let count, let limit):
      count.map {
        "\(PackConstants.manifestName) has \($0) bytes, more than the \(limit) that it may have"
      } ?? "the first member is not \(PackConstants.manifestName)"
    case .order(let name):
      "the member \(name.quoted) does not follow in the order of names, or stands twice"
    case .folder(let found, let expected):
      "a member is in the folder \(found.quoted), the first in \(expected.quoted)"
    case .unexpected(let name):
      "the member \(name.quoted) belongs to no pack of this manifest"
    case .missing(let name):
      "the file \(name.quoted) is missing"
    case .byteCount(let name, let expected, let found):
      "\(name.quoted) has \(found) bytes, the manifest says \(expected)"
    case .outOfProportion(let name, let count, let limit):
      "\(name.quoted) has \(count) bytes, more than the \(limit) that it may have in an archive of "
        + "this size; remove it, or keep it outside the pack"
    case .notSplit(let name):
      "\(name.quoted) is said to be split, and has no 16-bit values"
    case .frames(let name):
      "the frames do not cut \(name.quoted) as they must"
    case .padding(let name):
      "a byte that pads \(name.quoted) is not zero"
    case .end:
      "the members do not end with two blocks of zeros"
    }
  }
}

extension ArchiveError {
  /// The error for one of a pack.
  init(_ error: PackError) {
    switch error {
    case .file(let error): self = .file(error)
    default: self = .pack(error)
    }
  }
}

/// Runs what asks the file system, as a step of work on an archive.
func filing<Value>(_ body: () throws(FileError) -> Value) throws(ArchiveError) -> Value {
  do throws(FileError) {
    return try body()
  } catch {
    throw .file(error)
  }
}
