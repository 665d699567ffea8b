import CMuninnZlib

/// The bytes as a zlib stream (RFC 1950), compressed at the highest level.
///
/// The same bytes make the same stream with the same version of zlib; another version may
/// compress them otherwise, into a stream that inflates to the same.
public func zlibStream(of bytes: RawSpan) -> [UInt8] {
  let bound = Int(compressBound(uLong(bytes.byteCount)))
  return unsafe [UInt8](unsafeUninitializedCapacity: bound) { output, count in
    var length = uLongf(output.count)
    let code = unsafe bytes.withUnsafeBytes { input in
      unsafe compress2(
        output.baseAddress, &length, input.baseAddress?.assumingMemoryBound(to: Bytef.self),
        uLong(input.count), Z_BEST_COMPRESSION)
    }
    // The bound leaves no room as a cause, and the level is valid.
    precondition(code == Z_OK, "zlib is out of memory")
    count = Int(length)
  }
}
