public import Integrity
import FileAccess
import StrictJSON

/// What a signature vouches for: the files of a model, each with its SHA-256.
///
/// An in-toto statement, version 1, with the predicate of OpenSSF model signing, version 1.0.
public struct Statement: Equatable, Sendable {
  /// The value of `_type`.
  public static let type = "https://in-toto.io/Statement/v1"
  /// The value of `predicateType`.
  public static let predicateType = "https://model_signing/signature/v1.0"
  /// The one way of listing that is written and read: whole files.
  static let method = "files"
  /// The one digest that is written and read.
  static let algorithm = "sha256"

  /// A file that is vouched for.
  public struct Resource: Equatable, Sendable {
    /// Its path inside the model, with slashes.
    public let name: String
    /// The SHA-256 of its bytes.
    public let digest: Digest
  }

  /// The model's name when it was signed, for people: a pack may be renamed.
  public let subject: String
  /// Whether a file may have been a link; what it led to was signed.
  public let allowsLinks: Bool
  /// Names and folders that were left out when signing.
  public let ignoredPaths: [String]
  /// The files, in the order in which ``rootDigest`` has them.
  public let resources: [Resource]

  /// A statement about files, sorted here by the bytes of their names.
  init(subject: String, allowsLinks: Bool, ignoredPaths: [String], digests: [String: Digest]) {
    self.subject = subject
    self.allowsLinks = allowsLinks
    self.ignoredPaths = ignoredPaths
    resources = digests.map { Resource(name: $0.key, digest: $0.value) }.sorted {
      $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
    }
  }

  /// A statement that was read, whose order is kept.
  init(subject: String, allowsLinks: Bool, ignoredPaths: [String], resources: [Resource]) {
    self.subject = subject
    self.allowsLinks = allowsLinks
    self.ignoredPaths = ignoredPaths
    self.resources = resources
  }

  /// The one digest of all files: SHA-256 of the 32 bytes of each digest, one after another.
  public var rootDigest: Digest {
    let bytes = resources.flatMap(\.digest.bytes)
    return Digest(of: bytes.span.rawBytes)
  }

  /// The payload that is signed: canonical JSON.
  public var canonicalBytes: [UInt8] { json.canonicalBytes }

  private var json: JSONValue {
    [
      "_type": .string(Self.type),
      "subject": [
        ["name": .string(subject), "digest": .object([Self.algorithm: .string("\(rootDigest)")])]
      ],
      "predicateType": .string(Self.predicateType),
      "predicate": [
        "serialization": [
          "method": .string(Self.method),
          "hash_type": .string(Self.algorithm),
          "allow_symlinks": .boolean(allowsLinks),
          "ignore_paths": .array(ignoredPaths.map { .string($0) }),
        ],
        "resources": .array(resources.map(\.json)),
      ],
    ]
  }
}

extension Statement.Resource {
  fileprivate var json: JSONValue {
    [
      "name": .string(name), "algorithm": .string(Statement.algorithm),
      "digest": .string("\(digest)"),
    ]
  }
}
