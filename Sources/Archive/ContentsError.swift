import PackFormat
import Tensors

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
      count.map { "\(PackConstants.manifestName) has \($0) bytes, expected at most \(limit)" }
        ?? "the first member is not \(PackConstants.manifestName)"
    case .order(let name):
      "the member \(name.quoted) is out of order, or occurs twice"
    case .folder(let found, let expected):
      "a member is in the folder \(found.quoted), expected \(expected.quoted)"
    case .unexpected(let name):
      "the member \(name.quoted) is not part of the pack"
    case .missing(let name):
      "the file \(name.quoted) is missing"
    case .byteCount(let name, let expected, let found):
      "\(name.quoted) has \(found) bytes, expected \(expected)"
    case .outOfProportion(let name, let count, let limit):
      "\(name.quoted) has \(count) bytes, expected at most \(limit) in an archive of this size; move "
        + "it out of the pack"
    case .notSplit(let name):
      "\(name.quoted) is marked as split, but has no 16-bit values"
    case .frames(let name):
      "\(name.quoted) is not divided into frames as the format requires"
    case .padding(let name):
      "a padding byte after \(name.quoted) is not zero"
    case .end:
      "the last member is not followed by two blocks of zeros"
    }
  }
}
