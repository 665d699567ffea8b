import FileAccess
import HuginnModel
import Integrity

/// Holds the bytes of a segment, as they pass from its first to its last, against the manifest: what
/// verification proves of a file that is there, of one that is on its way.
struct SegmentCheck: Sendable {
  private enum Part {
    case header
    case gap
    /// A plane of the tensor of this index in its segment; after the last one its digest is known.
    case plane(tensor: Int, isLast: Bool)
  }

  private let segment: SegmentLayout
  private let records: ArraySlice<Manifest.TensorRecord>
  private let identity: Digest
  /// What the bytes are, without a hole from the first to the last.
  private let parts: [(range: Range<Int>, part: Part)]
  private var next = 0
  private var byteOffset = 0
  private var page: [UInt8] = []
  private var hasPaddingFault = false
  private var hasher = SHA256Hasher()
  /// What was found, in file order; of the padding only the first byte.
  private(set) var faults: [PackFault] = []

  /// A check that has seen nothing.
  init(_ segment: SegmentLayout, of manifest: Manifest) {
    self.segment = segment
    let first = manifest.layout.segments.prefix { $0.stage != segment.stage }
      .reduce(0) { $0 + $1.tensors.count }
    records = manifest.tensors[first..<first + segment.tensors.count]
    identity = manifest.identity
    var parts: [(range: Range<Int>, part: Part)] = [(0..<SegmentHeader.byteCount, .header)]
    parts += segment.gaps.map { ($0, .gap) }
    for (index, tensor) in segment.tensors.enumerated() {
      for (number, plane) in tensor.planes.enumerated() {
        parts.append(
          (
            plane.byteRange,
            .plane(tensor: index, isLast: number == tensor.planes.count - 1)
          ))
      }
    }
    self.parts = parts.sorted { $0.range.lowerBound < $1.range.lowerBound }
  }

  /// Takes the next bytes.
  mutating func take(_ bytes: RawSpan) {
    var done = 0
    while done < bytes.byteCount, next < parts.count {
      let (range, part) = parts[next]
      let count = min(range.upperBound - byteOffset, bytes.byteCount - done)
      take(bytes.extracting(done..<done + count), of: part)
      done += count
      byteOffset += count
      if byteOffset == range.upperBound {
        if let fault = finish(part) { faults.append(fault) }
        next += 1
      }
    }
  }

  private mutating func take(_ bytes: RawSpan, of part: Part) {
    switch part {
    case .header:
      bytes.append(to: &page)
    case .plane:
      hasher.update(bytes)
    case .gap:
      // At most 16383 bytes.
      var gap: [UInt8] = []
      bytes.append(to: &gap)
      if !hasPaddingFault, let fault = PackFault(ofGap: gap, at: byteOffset, of: segment) {
        hasPaddingFault = true
        faults.append(fault)
      }
    }
  }

  private mutating func finish(_ part: Part) -> PackFault? {
    switch part {
    case .header:
      return PackFault(ofHeader: page.span.rawBytes, of: segment, identity: identity)
    case .plane(let index, isLast: true):
      let (layout, record) = (segment.tensors[index], records[records.startIndex + index])
      let found = hasher.finalized()
      hasher = SHA256Hasher()
      return PackFault(of: layout, record, found: found)
    case .gap, .plane:
      break
    }
    return nil
  }
}
