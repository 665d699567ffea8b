import Tensors
import Testing

struct LittleEndianTests {
  @Test func `an integer's bytes begin with the least significant`() {
    #expect(UInt8(0xAB).littleEndianBytes == [0xAB])
    #expect(UInt32(0x0102_0304).littleEndianBytes == [4, 3, 2, 1])
    #expect(Int64(-2).littleEndianBytes == [0xFE] + [UInt8](repeating: 0xFF, count: 7))
  }

  @Test func `bytes give the integer that has them`() {
    #expect(UInt8(littleEndianBytes: [0xAB]) == 0xAB)
    #expect(UInt32(littleEndianBytes: [9, 4, 3, 2, 1][1...]) == 0x0102_0304)
    #expect(Int16(littleEndianBytes: [0xFE, 0xFF]) == -2)
    for value in [Int64.min, -1, 0, 1, .max] {
      #expect(Int64(littleEndianBytes: value.littleEndianBytes) == value)
    }
  }
}
