import Integrity
import StrictJSON
import TestSupport
import Testing

@testable import Signing

/// The page `signing.md`, held against the code.
struct SigningPageTests {
  /// The statement of the worked example.
  private let statement = Statement(
    subject: "tiny", allowsLinks: false, ignoredPaths: SignedNames.ignoredPaths,
    digests: ["a": Digests.of("abc")])

  private func rows(_ heading: [String], _ number: Int = 0) throws -> [[String]] {
    let tables = MarkdownTable.tables(in: try Fixtures.page("signing.md")).filter {
      $0.heading.starts(with: heading)
    }
    return try #require(tables.count > number ? tables[number] : nil).rows
  }

  private func unquoted(_ cell: String) -> String { cell.replacing("`", with: "") }

  /// The page's block of JSON with this member.
  private func block(with member: String) throws -> String {
    let blocks = try Fixtures.page("signing.md").split(separator: "```json\n").dropFirst()
    let block = try #require(blocks.first { $0.hasPrefix("{\"\(member)\"") })
    return String(try #require(block.split(separator: "\n").first))
  }

  @Test func `the worked statement is what is written`() throws {
    let bytes = statement.canonicalBytes
    #expect(try block(with: "_type") == String(decoding: bytes, as: UTF8.self))
    #expect(try Fixtures.page("signing.md").contains("The statement has \(bytes.count) bytes:"))
  }

  @Test func `the worked bytes are what is signed`() throws {
    let message = Envelope.preAuthenticationEncoding(
      of: statement.canonicalBytes, type: Envelope.statementType)
    #expect(try Fixtures.page("signing.md").contains(HexDump.text(of: Array(message.prefix(64)))))
  }

  @Test func `the worked signature holds, and is what is written except for the random number`()
    throws
  {
    let text = try block(with: "dsseEnvelope")
    let bundle = try SignatureBundle(parsing: Array(text.utf8))
    let key = try VerifyingKey(pemFile: Fixtures.path("signing/public.pem"))
    #expect(bundle.envelope.isSigned(by: key))
    #expect(bundle.envelope.payload == statement.canonicalBytes)
    let written = SignatureBundle(
      hint: key.fingerprint,
      envelope: Envelope(
        payloadType: Envelope.statementType, payload: statement.canonicalBytes,
        signatures: bundle.envelope.signatures))
    #expect(String(decoding: written.canonicalBytes, as: UTF8.self) == text)
  }

  /// The paths of all scalar members, and of lists of them.
  private func paths(_ value: JSONValue, _ path: String = "") -> Set<String> {
    switch value {
    case .object(let members):
      members.reduce(into: []) {
        $0.formUnion(paths($1.value, path.isEmpty ? $1.key : "\(path).\($1.key)"))
      }
    case .array(let elements) where elements.contains { $0.kind == .object }:
      elements.reduce(into: []) { $0.formUnion(paths($1, path + "[]")) }
    default: [path]
    }
  }

  @Test(arguments: [(0, "dsseEnvelope"), (1, "_type")])
  func `the members are those of the page`(table: Int, first: String) throws {
    let documented = try rows(["member", "type"], table).map { unquoted($0[0]) }
    let json = try JSONValue(parsing: Array(try block(with: first).utf8))
    #expect(Set(documented) == paths(json))
    #expect(Set(documented).count == documented.count)
  }

  @Test func `the values that are fixed are those of the page`() throws {
    let rows = try rows(["member", "type"]) + rows(["member", "type"], 1)
    let written = Dictionary(rows.map { (unquoted($0[0]), unquoted($0[2])) }) { $1 }
    #expect(written["mediaType"] == SignatureBundle.mediaType)
    #expect(written["dsseEnvelope.payloadType"] == Envelope.statementType)
    #expect(written["_type"] == Statement.type)
    #expect(written["predicateType"] == Statement.predicateType)
    #expect(
      written["predicate.serialization.ignore_paths"]
        == SignedNames.ignoredPaths.joined(separator: ", "))
  }

  @Test func `every kind of fault is on the page`() throws {
    let faults = try rows(["what differs", "fault"]).map { unquoted($0[1]) }
    let digest = Digests.of("")
    let all: [SignatureFault] = [
      .unsigned(path: ""), .bundle(path: "", .messageSignature),
      .otherKey(path: "", named: nil, key: ""), .signature(path: "", key: ""),
      .statement(path: "", .subjectCount(0)), .missing(name: ""),
      .unreadable(name: "", reason: ""), .unsignedFile(name: ""),
      .changed(name: "", signed: digest, found: digest), .checksums(.noSuchFile(name: "")),
    ]
    #expect(faults == all.map(\.code))
    #expect(SignatureFault.malformedChecksums(.line(number: 1)).code == "checksums")
  }

  @Test func `the curves are those of the page`() throws {
    let curves = try rows(["curve", "digest"], 0).map { "EC \(unquoted($0[0]))" }
    #expect(curves == KeyAlgorithm.curves.map(\.rawValue))
  }
}
