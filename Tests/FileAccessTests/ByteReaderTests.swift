import FileAccess
import Testing

struct ByteReaderTests {
  private let bytes: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 0xFF, 0xFE, 0xFD]

  @Test func `integers are read in order, the lowest byte first`() throws {
    var reader = ByteReader(bytes.span.rawBytes)
    #expect(try reader.read(UInt8.self) == 1)
    #expect(try reader.read(UInt16.self) == 0x0302)
    #expect(try reader.read(UInt32.self) == 0x0706_0504)
    #expect(try reader.read(Int16.self) == -248)  // 0xFF08
    #expect(reader.byteOffset == 9)
  }

  @Test func `a 64-bit integer need not be aligned`() throws {
    var reader = ByteReader(bytes.span.rawBytes)
    _ = try reader.read(UInt8.self)
    #expect(try reader.read(UInt64.self) == 0xFF08_0706_0504_0302)
  }

  @Test func `bytes are read as they stand`() throws {
    var reader = ByteReader(bytes.span.rawBytes)
    #expect(try reader.readBytes(count: 3) == [1, 2, 3])
    #expect(try reader.readBytes(count: 0) == [])
    #expect(try reader.readBytes(count: 8) == Array(bytes[3...]))
    #expect(reader.byteOffset == bytes.count)
  }

  @Test func `a field that the bytes end in is refused and nothing is skipped`() throws {
    var reader = ByteReader(bytes.span.rawBytes)
    _ = try reader.readBytes(count: 8)
    do {
      _ = try reader.read(UInt32.self)
      Issue.record("four bytes were read of three")
    } catch {
      #expect(error == .truncated(byteOffset: 8, needed: 4, available: 3))
      #expect(error.description == "4 bytes wanted at byte 8, 3 there")
    }
    #expect(reader.byteOffset == 8)
    #expect(try reader.readBytes(count: 3) == [0xFF, 0xFE, 0xFD])
  }

  @Test(arguments: [-1, .min, 12, .max])
  func `a count that cannot be is refused`(count: Int) {
    var reader = ByteReader(bytes.span.rawBytes)
    do {
      _ = try reader.readBytes(count: count)
      Issue.record("\(count) bytes were read")
    } catch {
      #expect(error == .truncated(byteOffset: 0, needed: count, available: 11))
    }
  }

  @Test func `nothing is read of no bytes`() {
    let empty: [UInt8] = []
    var reader = ByteReader(empty.span.rawBytes)
    do {
      _ = try reader.read(UInt8.self)
      Issue.record("a byte was read")
    } catch {
      #expect(error == .truncated(byteOffset: 0, needed: 1, available: 0))
    }
  }
}
