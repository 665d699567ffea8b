/// Bytes to be filled again and again: they begin at a page, and memory is kept for the next use.
///
/// Reading from the page cache and vector loads are fastest on aligned memory; where a copy of the
/// value moves it, only that is lost.
public struct ByteBuffer: Sendable {
  private static let alignment = 4096

  private var storage: [UInt8] = []
  private var start = 0
  /// The bytes in use.
  public private(set) var count = 0

  /// A buffer of no bytes.
  public init() {}

  /// Gives the buffer a length; what it holds is then not specified.
  public mutating func resize(to count: Int) {
    if count > storage.count - start {
      storage = [UInt8](repeating: 0, count: count + Self.alignment)
      let address = unsafe storage.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
      start = Int((0 &- address) % UInt(Self.alignment))
    }
    self.count = count
  }

  /// The bytes.
  public var bytes: RawSpan {
    @_lifetime(borrow self)
    get { span.rawBytes }
  }

  /// The bytes, one by one.
  public var span: Span<UInt8> {
    @_lifetime(borrow self)
    get { storage.span.extracting(start..<start + count) }
  }

  /// The bytes, to be written through.
  public var mutableSpan: MutableSpan<UInt8> {
    @_lifetime(&self)
    mutating get { storage.mutableSpan._consumingExtracting(start..<start + count) }
  }
}

extension MutableSpan<UInt8> {
  /// Copies as many bytes as there are.
  @_lifetime(self: copy self)
  public mutating func copy(_ source: RawSpan) {
    precondition(source.byteCount == count)
    unsafe withUnsafeMutableBytes { target in
      unsafe source.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
    }
  }

  /// Writes a word, little-endian, from `index` on.
  @_lifetime(self: copy self)
  public mutating func put(_ word: UInt32, at index: Int) {
    for byte in 0..<4 { self[index + byte] = UInt8(truncatingIfNeeded: word >> (8 * byte)) }
  }
}
