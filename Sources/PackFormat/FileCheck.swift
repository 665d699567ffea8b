import FileAccess
import Integrity

/// Holds the bytes of any file of a pack, from its first to its last, against the manifest.
package struct FileCheck: Sendable {
  private enum Rule {
    case segment(SegmentCheck)
    case digest(name: String, Digest, SHA256Hasher)
    /// A companion, which no digest of the manifest covers.
    case none
  }

  private var rule: Rule

  /// A check that has seen nothing of the file of this name.
  package init(_ name: String, of manifest: Manifest) {
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

  /// Takes the next bytes.
  package mutating func take(_ bytes: RawSpan) {
    switch rule {
    case .segment(var check):
      // One owner at a time, so that nothing is copied.
      rule = .none
      check.take(bytes)
      rule = .segment(check)
    case .digest(let name, let expected, var hasher):
      hasher.update(bytes)
      rule = .digest(name: name, expected, hasher)
    case .none: break
    }
  }

  /// The first fault so far.
  package var firstFault: PackFault? {
    if case .segment(let check) = rule { check.faults.first } else { nil }
  }

  /// The faults of the file, all of whose bytes were taken.
  package func faults() -> [PackFault] {
    switch rule {
    case .segment(let check): return check.faults
    case .digest(let name, let expected, let hasher):
      let fault = PackFault(ofFile: name, expected: expected, found: hasher.finalized())
      return fault.map { [$0] } ?? []
    case .none: return []
    }
  }
}
