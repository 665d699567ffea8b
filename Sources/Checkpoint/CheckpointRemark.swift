import Tensors

/// Something to say about one file of a checkpoint that is verified.
public struct CheckpointRemark: Hashable, Sendable {
  /// Its path below the checkpoint's directory, or a name that leads elsewhere.
  public let file: String
  /// What there is to say.
  public let reason: String

  /// A remark on a file.
  public init(file: String, reason: String) {
    self.file = file
    self.reason = reason
  }

  /// The remark on a name that leads out of the checkpoint's directory.
  static func outside(_ file: String, namedBy source: String) -> CheckpointRemark {
    CheckpointRemark(
      file: file, reason: "\(source.printable) names it, but it leads out of the checkpoint")
  }
}
