import FileAccess
import HuginnModel
import Integrity
import PackFormat
import TestSupport
import Testing

struct SegmentHeaderTests {
  private let header = SegmentHeader(
    stage: .core, fileLength: 442_368, identity: Digest(of: [1, 2, 3].span.rawBytes))

  private func check(_ page: [UInt8]) throws {
    try header.check(page.span.rawBytes)
  }

  @Test func `a page that was written is accepted`() throws {
    #expect(header.page.count == 4096)
    try check(header.page)
  }

  @Test func `the CRC is zlib's over the 72 bytes before it`() {
    let page = header.page
    let covered = Array(page[..<72])
    let crc = crc32(of: covered.span.rawBytes)
    let stored = page[72..<76].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    #expect(stored == crc)
  }

  @Test func `any other bit is refused, and the field is named`() throws {
    for offset in 0..<4096 {
      for bit in offset < 76 ? 0..<8 : 0..<1 {
        var page = header.page
        page[offset] ^= 1 << bit
        let error = #expect(throws: SegmentHeaderError.self) { try check(page) }
        if let field = SegmentHeader.fields.last(where: { $0.offset <= offset }), offset < 76 {
          guard case .field(field, _, _) = error else {
            Issue.record("byte \(offset) is in \(field.name), but: \(String(describing: error))")
            return
          }
        } else {
          #expect(error == .notZero(byteOffset: offset, found: 1))
        }
      }
    }
  }

  @Test func `a page that is cut is refused`() {
    #expect(throws: SegmentHeaderError.truncated(byteCount: 4095)) {
      try check(Array(header.page.dropLast()))
    }
  }

  @Test func `the message has position, found and expected`() throws {
    var page = header.page
    page[8] = 2
    let error = #expect(throws: SegmentHeaderError.self) { try check(page) }
    #expect(
      error?.description == "the format version at byte 8 is 02000000, expected 01000000")
  }
}
