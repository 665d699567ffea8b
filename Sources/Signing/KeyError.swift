public import FileAccess
import Tensors

/// Why a key file was refused.
public enum KeyError: LayeredError, Equatable, Sendable, CustomStringConvertible {
  /// The system refused.
  case file(FileError)
  /// No whole PEM block stands in the file.
  case notPEM(path: String)
  /// A block's text is not base64.
  case notBase64(path: String, label: String)
  /// The private key needs a passphrase.
  case encrypted(path: String)
  /// A public key where the private one is needed.
  case publicForPrivate(path: String)
  /// A private key where the public one is needed.
  case privateForPublic(path: String)
  /// The file holds something else than a key of the form that is read.
  case wrongBlock(path: String, label: String, expected: String)
  /// The key is none of P-256, P-384 or P-521.
  case wrongAlgorithm(path: String, found: String)
  /// The block says that it is a key of one of these curves, but its bytes are not one.
  case malformed(path: String, label: String)
  /// The cryptographic library did not sign.
  case cannotSign(path: String)

  /// The sentence that a person reads.
  public var description: String {
    switch self {
    case .file(let error):
      error.description
    case .notPEM(let path):
      "\(path.quoted) has no PEM block, which begins with '-----BEGIN' and ends with '-----END'"
    case .notBase64(let path, let label):
      "\(path.quoted): the block \(label.quoted) is not base64"
    case .encrypted(let path):
      "\(path.quoted) is encrypted; 'openssl pkey -in FILE -out PLAIN' removes the passphrase"
    case .publicForPrivate(let path):
      "\(path.quoted) holds a public key, expected the private key"
    case .privateForPublic(let path):
      "\(path.quoted) holds a private key, expected the public key; "
        + "'openssl pkey -in FILE -pubout -out PUBLIC' writes it"
    case .wrongBlock(let path, let label, let expected):
      "\(path.quoted) holds the block \(label.quoted), expected \(expected)"
    case .wrongAlgorithm(let path, let found):
      "the key in \(path.quoted) is \(found), expected EC P-256, P-384 or P-521; "
        + "'openssl ecparam -genkey -name prime256v1 -noout -out FILE' makes one"
    case .malformed(let path, let label):
      "\(path.quoted): the block \(label.quoted) is not a valid key on P-256, P-384 or P-521"
    case .cannotSign(let path):
      "signing with the key in \(path.quoted) failed"
    }
  }

  /// The error that this one stands for.
  public var underlying: (any Error)? {
    if case .file(let error) = self { error } else { nil }
  }
}
