import Signing
import Tensors

/// The command line, checked before anything is parsed, repeated or opened.
struct Arguments {
  /// The arguments after the command's name.
  let texts: [String]

  /// The options whose value is any text, by verb: such a value is never taken for a path.
  static let textOptions = [
    "generate": "--prompt", "logits": "--prompt", "trace": "--prompt", "chat": "--system",
  ]

  /// Takes arguments as the system has them.
  ///
  /// - Throws: ``Failure`` for one that holds a key itself, which is not repeated, and for one that is
  ///   not UTF-8: the path that the parser would make of it is another.
  init(_ raw: [[UInt8]]) throws(Failure) {
    for (index, argument) in Self.withoutTexts(raw) where KeyMaterial.occurs(in: argument) {
      throw Failure(
        .usage, code: "usage",
        message: "argument \(index + 1) looks like the text of a key, so it is not shown; "
          + "give the path of the key's file")
    }
    texts = try raw.enumerated().map { index, argument throws(Failure) in
      guard let text = String(validating: argument, as: UTF8.self) else {
        throw Failure(
          .usage, code: "usage",
          message: "argument \(index + 1), \(argument.quoted), is not UTF-8; rename the file, "
            + "or give the path of a link to it")
      }
      return text
    }
  }

  /// The arguments, each with its place, without the values of ``textOptions``.
  private static func withoutTexts(_ raw: [[UInt8]]) -> [(index: Int, argument: [UInt8])] {
    let verb = raw.first.map { String(decoding: $0, as: UTF8.self) } ?? ""
    guard let option = textOptions[verb].map({ Array($0.utf8) }) else {
      return raw.enumerated().map { ($0, $1) }
    }
    // After a bare `--`, nothing is an option.
    let end = raw.firstIndex(of: Array("--".utf8)) ?? raw.endIndex
    return raw.enumerated().filter { index, argument in
      let isOptions = index < end
      let isValue = index > 0 && index <= end && raw[index - 1] == option
      return !isValue && !(isOptions && argument.starts(with: option + Array("=".utf8)))
    }.map { ($0, $1) }
  }
}
