/// The error of a document that is written in JSON, which passes on what is wrong with the JSON.
///
/// An enum witnesses it with a case `json(JSONError)`.
public protocol DocumentError: Error {
  /// What is wrong with the JSON, passed on.
  static func json(_ error: JSONError) -> Self
}

extension DocumentError {
  /// The value of an expression that reads JSON, whose error is passed on.
  public static func reading<Value>(
    _ value: @autoclosure () throws(JSONError) -> Value
  ) throws(Self) -> Value {
    try reading { () throws(JSONError) in try value() }
  }

  /// Reads JSON, whose error is passed on.
  public static func reading<Value>(
    _ body: () throws(JSONError) -> Value
  ) throws(Self) -> Value {
    do throws(JSONError) { return try body() } catch { throw .json(error) }
  }
}
