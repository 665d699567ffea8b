/// The error of a layer, which passes on what the layers below throw.
///
/// An enum witnesses it with a case `file(FileError)`. So a file's error goes through every layer as
/// it is, and whoever catches one at the top finds by ``root`` what it comes from.
public protocol LayeredError: Error {
  /// What the file system refused, passed on.
  static func file(_ error: FileError) -> Self
  /// The error that this one stands for or explains, nil where there is none.
  var underlying: (any Error)? { get }
  /// One of this layer for what each layer passes on as it is; nil for anything else.
  static func passing(_ error: any Error) -> Self?
}

/// The error of a layer whose work the caller can stop: an enum witnesses it with a case `cancelled`.
///
/// Beneath that case lies a `CancellationError`.
public protocol CancellableError: LayeredError {
  /// The caller asked to stop.
  static var cancelled: Self { get }
}

extension LayeredError {
  /// The error at the bottom: a file's, a `CancellationError`, or the first of another kind.
  public var root: any Error {
    guard let underlying else { return self }
    return (underlying as? any LayeredError)?.root ?? underlying
  }

  /// A file's error, for each layer has a case for it.
  public static func passing(_ error: any Error) -> Self? {
    ((error as? any LayeredError)?.underlying as? FileError).map(Self.file)
  }
}

extension CancellableError {
  /// A file's error, or that the caller asked to stop.
  public static func passing(_ error: any Error) -> Self? {
    switch (error as? any LayeredError)?.underlying {
    case let error as FileError: .file(error)
    case is CancellationError: .cancelled
    default: nil
    }
  }
}

extension LayeredError {
  /// The value of an expression that asks the file system, whose error is passed on.
  public static func wrapping<Value: ~Copyable>(
    _ value: @autoclosure () throws(FileError) -> Value
  ) throws(Self) -> Value {
    try wrapping { () throws(FileError) in try value() }
  }

  /// Runs what asks the file system, whose error is passed on.
  public static func wrapping<Value: ~Copyable>(
    _ body: () throws(FileError) -> Value
  ) throws(Self) -> Value {
    do throws(FileError) { return try body() } catch { throw .file(error) }
  }

  /// The value of an expression of a layer below, whose error is passed on, or else wrapped.
  public static func wrapping<Value: ~Copyable, Cause: Error>(
    _ value: @autoclosure () throws(Cause) -> Value, as wrap: (Cause) -> Self
  ) throws(Self) -> Value {
    try wrapping(as: wrap) { () throws(Cause) in try value() }
  }

  /// Runs work of a layer below, whose error is passed on, or else wrapped.
  public static func wrapping<Value: ~Copyable, Cause: Error>(
    as wrap: (Cause) -> Self, _ body: () throws(Cause) -> Value
  ) throws(Self) -> Value {
    do throws(Cause) { return try body() } catch { throw passing(error) ?? wrap(error) }
  }
}
