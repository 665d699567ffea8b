extension Drawing {
  /// The most pixels of a PNG.
  static let pixelLimit = 1 << 24

  /// The picture in the light theme as a PNG file of 8-bit RGB.
  ///
  /// - Parameter scale: Pixels for each point, 1 or more.
  /// - Returns: The bytes of the file, the same for the same drawing and version of zlib.
  /// - Throws: ``DrawingError`` if that would be more than 16,777,216 pixels.
  /// - Complexity: Memory of about ten bytes a pixel.
  public func png(scale: Int = 2) throws(DrawingError) -> [UInt8] {
    let scale = max(1, scale)
    let (columns, rows) = (
      (width * Double(scale)).rounded(.up), (height * Double(scale)).rounded(.up)
    )
    guard columns * rows <= Double(Self.pixelLimit) else {
      throw .tooManyPixels(width: width, height: height, scale: scale, limit: Self.pixelLimit)
    }
    var raster = Raster(
      width: Int(columns), height: Int(rows), color: Palette.light[.background])
    for element in elements { raster.draw(element, scale: Double(scale), .light) }
    return pngFile(of: raster)
  }
}
