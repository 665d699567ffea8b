import FileAccess
import Testing

struct SpanBytesTests {
  private let words: [UInt64] = [0x0807_0605_0403_0201, 0x100F_0E0D_0C0B_0A09]

  /// What viewing gives: the elements, or why not.
  private func view<Element: BitwiseCopyable>(
    of type: Element.Type, at offset: Int, count: Int
  ) -> Result<[Element], ViewError> {
    let bytes = words.span.rawBytes
    do throws(ViewError) {
      let span = try bytes.view(of: type, at: offset, count: count)
      return .success(span.indices.map { span[$0] })
    } catch {
      return .failure(error)
    }
  }

  @Test func `plain values are seen as their bytes`() {
    var bytes: [UInt8] = [0xAA]
    words.span.rawBytes.append(to: &bytes)
    #expect(bytes == [0xAA] + Array(1...16))
  }

  @Test func `a view begins where it is asked to`() {
    #expect(view(of: UInt16.self, at: 2, count: 3) == .success([0x0403, 0x0605, 0x0807]))
    #expect(view(of: UInt64.self, at: 8, count: 1) == .success([words[1]]))
    #expect(view(of: UInt8.self, at: 15, count: 1) == .success([16]))
  }

  @Test func `an empty view may be at the end`() {
    #expect(view(of: UInt32.self, at: 16, count: 0) == .success([]))
  }

  @Test(arguments: [
    (0, 5), (4, 4), (16, 1), (17, 0), (20, 1), (-4, 1), (0, -1), (Int.max, 1), (Int.min, 1),
    (0, Int.max), (0, Int.max / 4 + 1), (8, Int.max / 2 + 3), (Int.max, Int.max),
  ])
  func `a view that leaves the bytes is refused`(offset: Int, count: Int) {
    #expect(
      view(of: UInt32.self, at: offset, count: count)
        == .failure(.outOfBounds(byteOffset: offset, count: count, stride: 4, available: 16)))
  }

  @Test(arguments: [1, 2, 3, 5])
  func `a view at no multiple of the alignment is refused`(offset: Int) {
    #expect(
      view(of: UInt32.self, at: offset, count: 1)
        == .failure(.misaligned(byteOffset: offset, alignment: 4)))
  }

  @Test func `alignment is that of the address and not of the offset alone`() {
    let whole = words.span.rawBytes
    let odd = whole.extracting(1..<16)
    do {
      _ = try odd.view(of: UInt16.self, at: 0, count: 1)
      Issue.record("an odd address was taken")
    } catch {
      #expect(error == .misaligned(byteOffset: 0, alignment: 2))
    }
    do {
      let span = try odd.view(of: UInt16.self, at: 1, count: 1)
      #expect(span[0] == 0x0403)
    } catch {
      Issue.record("an even address was refused")
    }
  }

  @Test func `a refused view names what it needed`() {
    #expect(
      ViewError.outOfBounds(byteOffset: 8, count: 3, stride: 4, available: 16).description
        == "3 elements of 4 bytes at byte 8 exceed the 16 bytes available")
    #expect(
      ViewError.misaligned(byteOffset: 2, alignment: 4).description
        == "byte 2 is not aligned to 4")
  }

  @Test func `a part of a span is written through`() {
    var values = [1, 2, 3, 4]
    var span = values.mutableSpan
    var part = span.part(1..<3)
    part[0] = 20
    part[1] = 30
    #expect(values == [1, 20, 30, 4])
  }
}
