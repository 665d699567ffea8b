import CMuninnZstd
import FileAccess
import Synchronization
import Tensors

/// Zstandard frames (RFC 8878) as archives have them: of one segment, with the length of the content
/// and its checksum, without a dictionary.
public enum ZstdFrame {
  /// The most bytes of content; the window is as long, so that each frame is a single segment.
  public static let contentByteLimit = 1 << windowLog
  fileprivate static let windowLog = 22

  /// The levels to choose from: those that need no more memory than a frame deserves.
  public static let levels = 1...19

  /// The bytes that a frame begins with: magic number, descriptor, length of the content.
  public static func header(contentByteCount count: Int) -> [UInt8] {
    // The length takes 1 byte, or 2 from 256 on, less 256, or 4.
    let (code, length): (UInt8, [UInt8]) =
      count < 256
      ? (0, UInt8(count).littleEndianBytes)
      : count < 65_792
        ? (1, UInt16(count - 256).littleEndianBytes) : (2, UInt32(count).littleEndianBytes)
    let singleSegment: UInt8 = 0x20
    let checksum: UInt8 = 0x04
    return [0x28, 0xB5, 0x2F, 0xFD, code << 6 | singleSegment | checksum] + length
  }

  /// The most bytes that a frame of so much content takes.
  public static func byteLimit(contentByteCount count: Int) -> Int { ZSTD_compressBound(count) }
}

/// Compresses contents to frames, one at a time, with memory that is used again.
@safe
public final class ZstdCompressor: @unchecked Sendable {
  /// How hard to look for what repeats.
  public enum Effort: Sendable {
    /// As zstd's level of that number does.
    case level(Int)
    /// Hardly: for bytes whose only regularity is how often each occurs, where what seems to repeat
    /// costs more than it saves.
    case entropy
  }

  private let context: OpaquePointer
  private let isInUse = Atomic<Bool>(false)

  /// A compressor.
  public init() {
    guard let context = unsafe ZSTD_createCCtx() else {
      preconditionFailure("zstd is out of memory")
    }
    unsafe self.context = context
  }

  deinit { unsafe ZSTD_freeCCtx(context) }

  /// Compresses at most ``ZstdFrame/contentByteLimit`` bytes to one frame.
  ///
  /// The same content and effort make the same frame with the same version of zstd.
  ///
  /// - Parameters:
  ///   - content: what to compress.
  ///   - effort: how.
  ///   - output: where the frame goes, of ``ZstdFrame/byteLimit(contentByteCount:)`` bytes.
  /// - Returns: the frame's length.
  public func compress(
    _ content: RawSpan, _ effort: Effort, into output: inout MutableSpan<UInt8>
  ) -> Int {
    precondition(content.byteCount <= ZstdFrame.contentByteLimit)
    precondition(!isInUse.exchange(true, ordering: .acquiring), "one frame at a time")
    defer { isInUse.store(false, ordering: .releasing) }
    set(ZSTD_c_windowLog, ZstdFrame.windowLog)
    set(ZSTD_c_checksumFlag, 1)
    switch effort {
    case .level(let level):
      set(ZSTD_c_compressionLevel, level)
      set(ZSTD_c_hashLog, 0)
      set(ZSTD_c_minMatch, 0)
    case .entropy:
      set(ZSTD_c_compressionLevel, 1)
      set(ZSTD_c_hashLog, 6)
      set(ZSTD_c_minMatch, 7)
    }
    let length = unsafe output.withUnsafeMutableBytes { output in
      unsafe content.withUnsafeBytes { content in
        unsafe ZSTD_compress2(
          context, output.baseAddress, output.count, content.baseAddress, content.count)
      }
    }
    // The bound leaves no room as a cause.
    precondition(ZSTD_isError(length) == 0, "zstd is out of memory")
    return length
  }

  private func set(_ parameter: ZSTD_cParameter, _ value: Int) {
    let code = unsafe ZSTD_CCtx_setParameter(context, parameter, Int32(value))
    precondition(ZSTD_isError(code) == 0, "a parameter that zstd has")
  }
}

/// Decompresses frames of known content length, one at a time, with memory that is used again.
@safe
public final class ZstdDecompressor: @unchecked Sendable {
  private let context: OpaquePointer
  private let isInUse = Atomic<Bool>(false)

  /// A decompressor.
  public init() {
    guard let context = unsafe ZSTD_createDCtx() else {
      preconditionFailure("zstd is out of memory")
    }
    unsafe self.context = context
  }

  deinit { unsafe ZSTD_freeDCtx(context) }

  /// Decompresses one frame, whose content fills `content` exactly.
  ///
  /// Nothing is allocated by what the frame says.
  ///
  /// - Throws: ``ZstdError``.
  public func decompress(
    _ frame: RawSpan, into content: inout MutableSpan<UInt8>
  ) throws(ZstdError) {
    precondition(!isInUse.exchange(true, ordering: .acquiring), "one frame at a time")
    defer { isInUse.store(false, ordering: .releasing) }
    let header = ZstdFrame.header(contentByteCount: content.count)
    guard frame.byteCount > header.count,
      frame.extracting(0..<header.count).isEqual(to: header.span.rawBytes)
    else { throw .header(contentByteCount: content.count) }
    let length = unsafe frame.withUnsafeBytes { frame in
      unsafe ZSTD_findFrameCompressedSize(frame.baseAddress, frame.count)
    }
    try Self.check(length)
    guard length == frame.byteCount else {
      throw .trailing(frame: length, available: frame.byteCount)
    }
    let count = unsafe content.withUnsafeMutableBytes { content in
      unsafe frame.withUnsafeBytes { frame in
        unsafe ZSTD_decompressDCtx(
          context, content.baseAddress, content.count, frame.baseAddress, frame.count)
      }
    }
    try Self.check(count)
    // Of a frame that says its length, any other is an error already.
    precondition(count == content.count)
  }

  private static func check(_ code: Int) throws(ZstdError) {
    if ZSTD_isError(code) != 0 {
      throw .malformed(reason: unsafe String(cString: ZSTD_getErrorName(code)))
    }
  }
}
