/// A kind of file that is written, and that alone is replaced: a slip of the finger costs nobody a
/// file of another kind.
public struct OutputKind: Sendable {
  /// What a file of it is called, with its article.
  public let name: String
  private let isOne: @Sendable (_ file: InputFile) throws(FileError) -> Bool

  /// A kind that something tells, from a file's beginning or its end.
  ///
  /// - Parameters:
  ///   - name: what a file of it is called, with its article.
  ///   - recognizes: whether a file is one.
  public init(
    _ name: String, recognizes: @escaping @Sendable (_ file: InputFile) throws(FileError) -> Bool
  ) {
    self.name = name
    self.isOne = recognizes
  }

  /// A kind whose files begin with these bytes.
  public init(_ name: String, prefix: [UInt8]) {
    self.init(name) { file throws(FileError) in
      guard file.byteCount >= prefix.count else { return false }
      return try file.read(at: 0, count: prefix.count) == prefix
    }
  }

  /// Any regular file, if its name alone identifies it.
  public static let any = OutputKind("a file") { _ in true }

  /// Whether a file is of the kind, or has no bytes that could be lost.
  ///
  /// - Throws: ``FileError`` if it cannot be read.
  public func recognizes(_ file: InputFile) throws(FileError) -> Bool {
    file.byteCount == 0 ? true : try isOne(file)
  }
}
