import Codecs
import FileAccess
import Integrity

/// The PNG file (ISO/IEC 15948) of pixels of 8-bit RGB.
func pngFile(of raster: Raster) -> [UInt8] {
  var scanlines: [UInt8] = []
  let stride = 3 * raster.width
  scanlines.reserveCapacity((stride + 1) * raster.height)
  for row in 0..<raster.height {
    // Filter 0: areas of one colour compress best as they are.
    scanlines.append(0)
    scanlines.append(contentsOf: raster.pixels[row * stride..<(row + 1) * stride])
  }
  let header = bigEndian(UInt32(raster.width)) + bigEndian(UInt32(raster.height)) + [8, 2, 0, 0, 0]
  return [0x89] + Array("PNG\r\n".utf8) + [0x1A, 0x0A] + chunk("IHDR", header)
    + chunk("IDAT", zlibStream(of: scanlines.span.rawBytes)) + chunk("IEND", [])
}

/// Length, type, content, and the CRC-32 of type and content.
private func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
  let body = Array(type.utf8) + content
  return bigEndian(UInt32(content.count)) + body + bigEndian(crc32(of: body.span.rawBytes))
}

private func bigEndian(_ value: UInt32) -> [UInt8] {
  [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
}
