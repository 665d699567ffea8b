import FileAccess
import HuginnModel
import Integrity
import PackFormat

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
  private let header: SegmentHeader
  /// What the bytes are, without a hole from the first to the last.
  private let parts: [(range: Range<Int>, part: Part)]
  private var next = 0
  private var byteOffset = 0
  private var page: [UInt8] = []
  private var hasher = SHA256Hasher()

  /// A check that has seen nothing.
  init(_ segment: SegmentLayout, of manifest: Manifest) {
    self.segment = segment
    let first = manifest.layout.segments.prefix { $0.stage != segment.stage }
      .reduce(0) { $0 + $1.tensors.count }
    records = manifest.tensors[first..<first + segment.tensors.count]
    header = SegmentHeader(
      stage: segment.stage, fileLength: segment.byteCount, identity: manifest.identity)
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

  /// Takes the next bytes; the fault where they show one.
  mutating func take(_ bytes: RawSpan) -> PackFault? {
    var done = 0
    while done < bytes.byteCount, next < parts.count {
      let (range, part) = parts[next]
      let count = min(range.upperBound - byteOffset, bytes.byteCount - done)
      if let fault = take(bytes.extracting(done..<done + count), of: part) { return fault }
      done += count
      byteOffset += count
      if byteOffset == range.upperBound {
        if let fault = finish(part) { return fault }
        next += 1
      }
    }
    return nil
  }

  private mutating func take(_ bytes: RawSpan, of part: Part) -> PackFault? {
    switch part {
    case .header:
      bytes.append(to: &page)
    case .plane:
      hasher.update(bytes)
    case .gap:
      // At most 16383 bytes.
      var gap: [UInt8] = []
      bytes.append(to: &gap)
      if let index = gap.firstIndex(where: { $0 != 0 }) {
        return .padding(segment.stage, byteOffset: byteOffset + index, found: gap[index])
      }
    }
    return nil
  }

  private mutating func finish(_ part: Part) -> PackFault? {
    switch part {
    case .header:
      do throws(SegmentHeaderError) {
        try header.check(page.span.rawBytes)
      } catch {
        return .header(segment.stage, error)
      }
    case .plane(let index, isLast: true):
      let (layout, record) = (segment.tensors[index], records[records.startIndex + index])
      let found = hasher.finalized()
      hasher = SHA256Hasher()
      guard found == record.sha256 else {
        let tensor = layout.tensor
        return .tensor(
          name: tensor.name, stage: tensor.stage, layer: tensor.layer, expected: record.sha256,
          found: found)
      }
    case .gap, .plane:
      break
    }
    return nil
  }
}

/// The same for any file of a pack.
struct FileCheck: Sendable {
  private enum Rule {
    case segment(SegmentCheck)
    case digest(name: String, Digest, SHA256Hasher)
    /// A companion, which no digest of the manifest covers.
    case none
  }

  private var rule: Rule

  /// A check that has seen nothing of the file of this name.
  init(_ name: String, of manifest: Manifest) {
    if let segment = manifest.layout.segments.first(where: { $0.fileName == name }) {
      rule = .segment(SegmentCheck(segment, of: manifest))
    } else if let sidecar = manifest.sidecars.first(where: { $0.name == name }) {
      rule = .digest(name: name, sidecar.sha256, SHA256Hasher())
    } else if name == PackConstants.manifestName {
      // It was read before: another one now was put in its place meanwhile.
      let bytes = manifest.canonicalBytes
      rule = .digest(name: name, Digest(of: bytes.span.rawBytes), SHA256Hasher())
    } else {
      rule = .none
    }
  }

  /// Takes the next bytes; the fault where they show one.
  mutating func take(_ bytes: RawSpan) -> PackFault? {
    switch rule {
    case .segment(var check):
      // One owner at a time, so that nothing is copied.
      rule = .none
      defer { rule = .segment(check) }
      return check.take(bytes)
    case .digest(let name, let expected, var hasher):
      hasher.update(bytes)
      rule = .digest(name: name, expected, hasher)
      return nil
    case .none:
      return nil
    }
  }

  /// The fault that shows at the end of the file.
  func fault() -> PackFault? {
    guard case .digest(let name, let expected, let hasher) = rule else { return nil }
    let found = hasher.finalized()
    return found == expected ? nil : .sidecar(name: name, expected: expected, found: found)
  }
}
