import FileAccess
import Integrity
import StrictJSON
import TestSupport
import Testing

@testable import Signing

struct StatementTests {
  static let statement = Statement(
    subject: "pack", allowsLinks: false, ignoredPaths: ["model.sig"],
    digests: ["b": Digests.of("b"), "a/c": Digests.of("c")])

  /// The text of the statement, with one piece replaced.
  private func parse(_ old: String, _ new: String) throws -> Statement {
    let text = String(decoding: Self.statement.canonicalBytes, as: UTF8.self)
    try #require(text.contains(old))
    return try Statement(parsing: Array(text.replacing(old, with: new, maxReplacements: 1).utf8))
  }

  @Test func `files are sorted, and what is written is read back`() throws {
    #expect(Self.statement.resources.map(\.name) == ["a/c", "b"])
    #expect(try Statement(parsing: Self.statement.canonicalBytes) == Self.statement)
  }

  @Test func `the subject's digest is that of the digests' bytes in order`() {
    let bytes = Digests.of("c").bytes + Digests.of("b").bytes
    #expect(Self.statement.rootDigest == Digest(of: bytes.span.rawBytes))
  }

  @Test func `the package's statement is read`() throws {
    let bundle = try SignatureBundle(parsing: try Fixtures.bytes("signing/huginn-nano-int8.sig"))
    let statement = try Statement(parsing: bundle.envelope.payload)
    #expect(statement.subject == "huginn-nano-int8.muninn")
    #expect(statement.allowsLinks == false)
    #expect(
      statement.ignoredPaths.sorted() == [
        ".git", ".gitattributes", ".github", ".gitignore", "model.sig",
      ])
    #expect(
      statement.resources.map(\.name) == [
        "coda.seg", "config.json", "core.seg", "embedding.seg", "generation_config.json",
        "manifest.json", "prelude.seg",
      ])
  }

  @Test func `members that are not asked for, and other orders, are accepted`() throws {
    #expect(try parse(#"{"_type""#, #"{"x":[],"_type""#) == Self.statement)
    #expect(try parse(#"{"allow_symlinks""#, #"{"x":1,"allow_symlinks""#) == Self.statement)
    #expect(try parse(#","ignore_paths":["model.sig"]"#, "").ignoredPaths.isEmpty)
    let turned = Statement(
      subject: "pack", allowsLinks: true, ignoredPaths: [],
      resources: Self.statement.resources.reversed())
    #expect(try Statement(parsing: turned.canonicalBytes) == turned)
  }

  static let refused: [(old: String, new: String, reason: String)] = [
    (
      "Statement/v1", "Statement/v2",
      "'_type' is 'https://in-toto.io/Statement/v2', expected 'https://in-toto.io/Statement/v1'"
    ),
    (
      "https://model_signing/signature/v1.0", "https://model_signing/Digests/v0.1",
      "'predicateType' is 'https://model_signing/Digests/v0.1', expected "
        + "'https://model_signing/signature/v1.0'"
    ),
    (
      #""method":"files""#, #""method":"shards""#,
      "'predicate.serialization.method' is 'shards', expected 'files'"
    ),
    (
      #""hash_type":"sha256""#, #""hash_type":"blake3""#,
      "'predicate.serialization.hash_type' is 'blake3', expected 'sha256'"
    ),
    (
      #""algorithm":"sha256""#, #""algorithm":"blake2b""#,
      "'predicate.resources[0].algorithm' is 'blake2b', expected 'sha256'"
    ),
    (
      #""allow_symlinks":false"#, #""allow_symlinks":0"#,
      "'predicate.serialization.allow_symlinks' is 0, expected true or false"
    ),
    (
      #"["model.sig"]"#, #""model.sig""#,
      "'predicate.serialization.ignore_paths' is not an array of strings"
    ),
    (
      #"["model.sig"]"#, "[1]", "'predicate.serialization.ignore_paths' is not an array of strings"
    ),
    (#""subject":[{"#, #""subject":[{},{"#, "'subject' has 2 elements, expected one"),
    (#""resources":"#, #""resource":"#, "'predicate' has no key 'resources'"),
    (#""name":"b""#, #""name":"a/c""#, "'predicate.resources' lists 'a/c' twice"),
    (
      #""sha256":""#, #""sha256":"F"#,
      "'subject[0].digest.sha256' is 'F"
        + "\(statement.rootDigest)', expected 64 lower-case hexadecimal digits"
    ),
    (
      "\(Digests.of("b"))", "\(Digests.of("x"))",
      "the subject's digest is \(statement.rootDigest), but the digests of its files give "
        + "\(changed.rootDigest)"
    ),
  ]

  private static let changed = Statement(
    subject: "", allowsLinks: false, ignoredPaths: [],
    digests: ["b": Digests.of("x"), "a/c": Digests.of("c")])

  @Test(arguments: refused)
  func `a statement with another member or value is refused with the reason`(
    old: String, new: String, reason: String
  ) throws {
    let error = try #require(throws: StatementError.self) { try parse(old, new) }
    #expect(error.description == reason)
  }

  @Test(arguments: ["", "/b", "../b", "a/../../b", "./b", "a//b", "b/", ".", "..", #"b\u0000"#])
  func `a name that leads out of the pack, or is written otherwise, is refused`(
    name: String
  ) throws {
    let error = try #require(throws: StatementError.self) {
      try parse(#""name":"b""#, "\"name\":\"\(name)\"")
    }
    #expect(error.description.hasSuffix("expected a path inside the pack"))
    #expect(error.description.hasPrefix("'predicate.resources[1].name' is "))
  }

  @Test func `a statement that is cut anywhere is refused`() {
    let bytes = Self.statement.canonicalBytes
    for count in bytes.indices {
      #expect(throws: StatementError.self) { try Statement(parsing: Array(bytes[..<count])) }
    }
  }
}
