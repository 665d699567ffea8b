import FileAccess
import PackFormat
import Tensors

extension TarHeader {
  /// Reads the headers of a member.
  ///
  /// - Parameter bytes: the headers alone.
  /// - Throws: ``TarHeaderError``.
  init(parsing bytes: [UInt8]) throws(TarHeaderError) {
    let block = Self.blockByteCount
    guard !bytes.isEmpty, bytes.count <= Self.byteLimit, bytes.count.isMultiple(of: block) else {
      throw .length(byteCount: bytes.count)
    }
    let last = Array(bytes.suffix(block))
    try Self.check(Array(bytes.prefix(block)), isExtended: bytes.count > block)
    try Self.check(last, isExtended: false)
    let records = Self.records(bytes.dropFirst(block).dropLast(block))
    let path = records["path"] ?? Self.text(last[0..<100])
    let size = records["size"] ?? Self.text(last[124..<136])
    guard let count = Int(size, radix: records["size"] == nil ? 8 : 10), count >= 0 else {
      throw .size(path: path, found: size)
    }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).map { String($0) }
    guard parts.count == 2, Self.isFolderName(parts[0]) else { throw .path(path) }
    let isSplit = parts[1].hasSuffix(Self.splitSuffix)
    let name = isSplit ? String(parts[1].dropLast(Self.splitSuffix.count)) : parts[1]
    guard PackFileNames.isOfPack(name) || name == ArchiveMember.formerCompanion else {
      throw .path(path)
    }
    self.init(folder: parts[0], name: name, isSplit: isSplit, byteCount: count)
    let written = blocks
    guard written == bytes else {
      throw .notCanonical(
        path: path, byteOffset: Self.firstDifference(of: bytes, from: written))
    }
  }

  /// Where headers first differ: the sum, which is right, differs with anything else.
  private static func firstDifference(of bytes: [UInt8], from written: [UInt8]) -> Int {
    let common = min(bytes.count, written.count)
    let offsets = (0..<common).filter { bytes[$0] != written[$0] }
    return offsets.first { !(148..<156).contains($0 % blockByteCount) } ?? offsets.first ?? common
  }

  /// Checks a header's sum and its type, which say best what is wrong.
  private static func check(
    _ block: [UInt8], isExtended: Bool
  ) throws(TarHeaderError) {
    let stored = text(block[148..<156])
    guard let sum = Int(stored.prefix { $0 != " " }, radix: 8), sum == checksum(block) else {
      throw .checksum
    }
    let type = block[156]
    guard type == UInt8(ascii: isExtended ? "x" : "0") else {
      throw .type(path: text(block[0..<100]), found: type)
    }
  }

  /// The records of an extended header, as far as they can be separated.
  private static func records(_ bytes: ArraySlice<UInt8>) -> [String: String] {
    var records: [String: String] = [:]
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      guard let space = line.firstIndex(of: UInt8(ascii: " ")),
        let equals = line.firstIndex(of: UInt8(ascii: "=")), space < equals
      else { continue }
      let key = String(decoding: line[line.index(after: space)..<equals], as: UTF8.self)
      records[key] = String(decoding: line[line.index(after: equals)...], as: UTF8.self)
    }
    return records
  }

  /// A field's text, up to its NUL.
  private static func text(_ field: ArraySlice<UInt8>) -> String {
    String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
  }
}
