import FileAccess
import PackFormat

/// The headers of a member in the pax interchange format (POSIX.1-2024, pax): a file of a pack, in a
/// folder of the pack's name.
///
/// What is written follows from these values alone, so that a header that was read is written again
/// and must be the same to the byte: links, devices, holes, other owners and times are all one check.
struct TarHeader: Equatable, Sendable {
  /// Headers, and what pads a file, come in blocks of this many bytes.
  static let blockByteCount = 512
  /// The most bytes of a member's headers: an extended header, its records, a header.
  static let byteLimit = 4 * blockByteCount
  /// The suffix of a member whose content differs from the file's.
  static let splitSuffix = ".split"
  /// The comment for people in the header of such a member.
  static let splitComment =
    "byte planes of 16-bit values are separated; 'muninn unarchive' restores the file"
  /// The largest size that the header's eleven octal digits hold.
  static let octalLimit = 0o77777777777

  /// The folder that all members of an archive share.
  let folder: String
  /// The file's name in the pack.
  let name: String
  /// Whether the content is the file's with the bytes of its 16-bit values separated.
  let isSplit: Bool
  /// The file's length.
  let byteCount: Int

  /// The bytes of zero after a file, up to the next block.
  var paddingByteCount: Int { Self.padding(byteCount) }

  /// The member's path.
  var path: String { "\(folder)/\(name)\(isSplit ? Self.splitSuffix : "")" }

  /// Whether a pack's folder can have this name in an archive.
  static func isFolderName(_ name: String) -> Bool {
    guard let first = name.utf8.first, name.utf8.count <= 255, first != UInt8(ascii: ".") else {
      return false
    }
    return name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "/") }
  }

  /// The headers as they are written.
  var blocks: [UInt8] {
    let records = records
    guard !records.isEmpty else { return block(path, byteCount, type: "0") }
    return block("PaxHeaders/\(name)", records.count, type: "x") + records
      + [UInt8](repeating: 0, count: Self.padding(records.count))
      + block(path, byteCount <= Self.octalLimit ? byteCount : 0, type: "0")
  }

  /// The records of the extended header: what the header itself cannot hold, and the comment.
  private var records: [UInt8] {
    var records: [UInt8] = []
    if isSplit { records += Self.record("comment", Self.splitComment) }
    if path.utf8.count > 100 || !path.utf8.allSatisfy({ $0 < 0x80 }) {
      records += Self.record("path", path)
    }
    if byteCount > Self.octalLimit { records += Self.record("size", String(byteCount)) }
    return records
  }

  /// `LENGTH KEY=VALUE`, with a line feed; the length counts its own digits.
  private static func record(_ key: String, _ value: String) -> [UInt8] {
    let rest = " \(key)=\(value)\n".utf8
    var length = rest.count
    while String(length).utf8.count + rest.count != length {
      length = String(length).utf8.count + rest.count
    }
    return Array(String(length).utf8) + Array(rest)
  }

  private static func padding(_ count: Int) -> Int {
    (blockByteCount - count % blockByteCount) % blockByteCount
  }

  private func block(_ path: String, _ size: Int, type: Unicode.Scalar) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: Self.blockByteCount)
    func put(_ bytes: some Sequence<UInt8>, at offset: Int) {
      for (index, byte) in bytes.enumerated() { block[offset + index] = byte }
    }
    // What the extended header says better stands here as well as it can.
    put(path.utf8.prefix(100).map { $0 < 0x80 ? $0 : UInt8(ascii: "_") }, at: 0)
    put("0000644".utf8, at: 100)
    put("0000000".utf8, at: 108)
    put("0000000".utf8, at: 116)
    put(Self.octal(size, digits: 11), at: 124)
    put("00000000000".utf8, at: 136)
    put([UInt8(type.value)], at: 156)
    put("ustar".utf8, at: 257)
    put("00".utf8, at: 263)
    put(Self.octal(Self.checksum(block), digits: 6) + [0, UInt8(ascii: " ")], at: 148)
    return block
  }

  static func octal(_ value: Int, digits: Int) -> [UInt8] {
    let text = String(value, radix: 8)
    return Array((String(repeating: "0", count: max(0, digits - text.count)) + text).utf8)
  }

  /// The sum of a header's bytes, its own eight counted as spaces.
  static func checksum(_ block: some Collection<UInt8>) -> Int {
    block.enumerated().reduce(0) { sum, byte in
      sum + ((148..<156).contains(byte.offset) ? 0x20 : Int(byte.element))
    }
  }
}
