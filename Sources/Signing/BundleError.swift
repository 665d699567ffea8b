public import FileAccess
public import StrictJSON
import Tensors

/// Why a signature file was refused, before any signature was checked.
public enum BundleError: DocumentError, LayeredError, Equatable, Sendable, CustomStringConvertible {
  /// It cannot be read as a file.
  case file(FileError)
  /// It is no JSON, or its members are not those of a bundle.
  case json(JSONError)
  /// It is of another form or version.
  case mediaType(found: String)
  /// It is to be checked with a certificate.
  case notByKey(found: String)
  /// It signs one message, not a statement about files.
  case messageSignature
  /// The payload is no in-toto statement.
  case payloadType(found: String)
  /// No signature, or more than are tried.
  case signatureCount(Int)
  /// A member that holds bytes is not base64.
  case notBase64(path: String)

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .file(let error):
      error.description
    case .json(let error):
      error.description
    case .mediaType(let found):
      "the media type is \(found.quoted), expected \(SignatureBundle.mediaType.quoted)"
    case .notByKey(let found):
      "it is signed with a certificate (\(found.quoted)), expected a key ('publicKey'); "
        + "'model_signing verify' checks certificates"
    case .messageSignature:
      "it has a 'messageSignature', expected a 'dsseEnvelope' with a statement about files"
    case .payloadType(let found):
      "the payload's type is \(found.quoted), expected \(Envelope.statementType.quoted)"
    case .signatureCount(let count):
      "it has \(count) signatures, expected 1 to \(SignatureLimits.signatureCount)"
    case .notBase64(let path):
      "\(path.quoted) is not base64"
    }
  }

  /// The error that this one stands for.
  public var underlying: (any Error)? {
    if case .file(let error) = self { error } else { nil }
  }
}
