/// What a zlib stream (RFC 1950, 1951) holds, decoded without zlib; nil where it is malformed.
///
/// It is written from the standard alone, so that what the sources compress is read by other code.
public func inflated(_ stream: [UInt8]) -> [UInt8]? {
  guard stream.count >= 6, stream[0] & 0x0F == 8, stream[1] & 0x20 == 0,
    (Int(stream[0]) << 8 + Int(stream[1])).isMultiple(of: 31)
  else { return nil }
  var inflation = Inflation(bits: BitReader(bytes: Array(stream[2..<(stream.count - 4)])))
  guard inflation.run() else { return nil }
  let stored = stream.suffix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
  return stored == adler32(inflation.output) ? inflation.output : nil
}

private func adler32(_ bytes: [UInt8]) -> UInt32 {
  var (a, b): (UInt32, UInt32) = (1, 0)
  for byte in bytes {
    a = (a + UInt32(byte)) % 65521
    b = (b + a) % 65521
  }
  return b << 16 | a
}

/// Bits from the lowest of each byte; those after the end are nil.
private struct BitReader {
  let bytes: [UInt8]
  private(set) var place = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func bits(_ count: Int) -> Int? {
    guard place + count <= 8 * bytes.count else { return nil }
    var value = 0
    for bit in 0..<count {
      value |= Int(bytes[(place + bit) / 8] >> ((place + bit) % 8) & 1) << bit
    }
    place += count
    return value
  }

  mutating func skipToByte() { place = (place + 7) / 8 * 8 }
}

/// A canonical Huffman code from the lengths of its words.
private struct HuffmanCode {
  private var symbols: [[Int]] = Array(repeating: [], count: 16)

  init(_ lengths: [Int]) {
    for (symbol, length) in lengths.enumerated() where length > 0 { symbols[length].append(symbol) }
  }

  func symbol(_ bits: inout BitReader) -> Int? {
    var (code, first) = (0, 0)
    for length in 1...15 {
      guard let bit = bits.bits(1) else { return nil }
      code = code << 1 | bit
      first <<= 1
      if code - first < symbols[length].count { return symbols[length][code - first] }
      first += symbols[length].count
    }
    return nil
  }
}

private struct Inflation {
  var bits: BitReader
  var output: [UInt8] = []

  init(bits: BitReader) { self.bits = bits }

  /// Decodes all blocks; whether they are well formed and end where the bytes end.
  mutating func run() -> Bool {
    while true {
      guard let isLast = bits.bits(1), let type = bits.bits(2), block(type) else { return false }
      if isLast == 1 {
        bits.skipToByte()
        return bits.place == 8 * bits.bytes.count
      }
    }
  }

  private mutating func block(_ type: Int) -> Bool {
    switch type {
    case 0: return stored()
    case 1:
      let lengths = (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 }
      return compressed(HuffmanCode(lengths), HuffmanCode(Array(repeating: 5, count: 30)))
    case 2:
      guard let (literals, distances) = codes() else { return false }
      return compressed(literals, distances)
    default: return false
    }
  }

  private mutating func stored() -> Bool {
    bits.skipToByte()
    guard let count = bits.bits(16), let complement = bits.bits(16), count ^ complement == 0xFFFF
    else { return false }
    for _ in 0..<count {
      guard let byte = bits.bits(8) else { return false }
      output.append(UInt8(byte))
    }
    return true
  }

  private mutating func codes() -> (HuffmanCode, HuffmanCode)? {
    guard let literalCount = bits.bits(5), let distanceCount = bits.bits(5),
      let lengthCount = bits.bits(4)
    else { return nil }
    let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
    var lengthLengths = Array(repeating: 0, count: 19)
    for place in order.prefix(lengthCount + 4) {
      guard let length = bits.bits(3) else { return nil }
      lengthLengths[place] = length
    }
    let code = HuffmanCode(lengthLengths)
    var lengths: [Int] = []
    while lengths.count < literalCount + distanceCount + 258 {
      guard let symbol = code.symbol(&bits) else { return nil }
      guard symbol >= 16 else {
        lengths.append(symbol)
        continue
      }
      let (width, base) = [(2, 3), (3, 3), (7, 11)][symbol - 16]
      guard let extra = bits.bits(width), symbol > 16 || !lengths.isEmpty else { return nil }
      let length = symbol == 16 ? lengths[lengths.count - 1] : 0
      lengths += Array(repeating: length, count: base + extra)
    }
    guard lengths.count == literalCount + distanceCount + 258 else { return nil }
    return (
      HuffmanCode(Array(lengths.prefix(literalCount + 257))),
      HuffmanCode(Array(lengths.dropFirst(literalCount + 257)))
    )
  }

  private mutating func compressed(_ literals: HuffmanCode, _ distances: HuffmanCode) -> Bool {
    while true {
      guard let symbol = literals.symbol(&bits), symbol <= 285 else { return false }
      if symbol == 256 { return true }
      guard symbol > 256 else {
        output.append(UInt8(symbol))
        continue
      }
      guard let length = length(symbol - 257), let distance = distance(distances),
        distance <= output.count
      else { return false }
      for _ in 0..<length { output.append(output[output.count - distance]) }
    }
  }

  private mutating func length(_ code: Int) -> Int? {
    if code < 8 { return code + 3 }
    if code == 28 { return 258 }
    let width = code / 4 - 1
    return bits.bits(width).map { (4 + code % 4) << width + 3 + $0 }
  }

  private mutating func distance(_ code: HuffmanCode) -> Int? {
    guard let symbol = code.symbol(&bits), symbol < 30 else { return nil }
    if symbol < 4 { return symbol + 1 }
    let width = symbol / 2 - 1
    return bits.bits(width).map { (2 + symbol % 2) << width + 1 + $0 }
  }
}
