public import FileAccess
public import PackFormat
import Tensors

/// Why a pack was not archived, or an archive not restored.
public enum ArchiveError: CancellableError, Equatable, Sendable, CustomStringConvertible {
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
      "\(path.quoted) is not intact: \(fault)"
    case .folderName(let path, let found):
      "\(path.quoted) cannot be archived: \(found.quoted) is not a valid folder name in an archive; "
        + "rename the directory"
    case .tooManyFrames(let count):
      "the archive would have \(count) frames, expected at most \(FrameTable.frameLimit), the limit "
        + "of a seek table"
    case .cancelled:
      "interrupted; nothing was left behind"
    case .notAnArchive(let path):
      "\(path.quoted) does not end like an archive of a pack: it is another kind of file, or truncated"
    case .version(let path, let found):
      "\(path.quoted) has archive version \(found), expected \(FrameTable.versions.lowerBound) or "
        + "\(FrameTable.version); use the version of the program that wrote it"
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
      "\(path.quoted) has no file \(name.quoted), expected one of " + names.joined(separator: ", ")
    }
  }

  /// The error that this one stands for.
  public var underlying: (any Error)? {
    switch self {
    case .file(let error): error
    case .pack(let error): error
    case .cancelled: CancellationError()
    default: nil
    }
  }
}
