import PackFormat

/// The largest size of a file whose length is not in a manifest, so that what a reader writes is in
/// proportion to what it was given: zstd makes 28,000 zeros of a byte.
struct Proportion {
  /// So many times the bytes of all frames.
  static let factor = 16

  private let archiveByteCount: Int

  /// Of an archive whose frames take so many bytes.
  init(archiveByteCount: Int) { self.archiveByteCount = archiveByteCount }

  /// The most bytes, up to rounding.
  var limit: Int { Self.factor * archiveByteCount }

  /// Whether a file of this many bytes is in proportion.
  func allows(_ byteCount: Int) -> Bool { byteCount / Self.factor <= archiveByteCount }

  /// Whether a manifest is, which is held in memory: far more than the digests in it let it be
  /// compressed.
  func allowsManifest(of byteCount: Int) -> Bool {
    byteCount <= PackConstants.manifestByteLimit && allows(byteCount)
  }

  /// The fault of a file that is out of proportion.
  func refusal(of name: String, _ byteCount: Int) -> ContentsError {
    .outOfProportion(name: name, byteCount: byteCount, limit: limit)
  }
}

extension FrameTable {
  /// The limit that follows from the frames.
  var proportion: Proportion { Proportion(archiveByteCount: byteCount) }
}
