package import FileAccess
import HuginnModel
package import Integrity

/// What a sound pack is, rule by rule: for a pack that is opened, verified, archived or restored.
extension PackFault {
  /// A header page that is not the segment's; nil where it is.
  init?(ofHeader page: RawSpan, of segment: SegmentLayout, identity: Digest) {
    do throws(SegmentHeaderError) {
      try SegmentHeader(of: segment, identity: identity).check(page)
      return nil
    } catch {
      self = .header(segment.stage, error)
    }
  }

  /// The first byte of a gap that is not zero; nil where all are.
  init?(ofGap bytes: [UInt8], at byteOffset: Int, of segment: SegmentLayout) {
    guard let index = bytes.firstIndex(where: { $0 != 0 }) else { return nil }
    self = .padding(segment.stage, byteOffset: byteOffset + index, found: bytes[index])
  }

  /// A tensor whose planes have another digest than its record; nil where they match.
  package init?(of layout: TensorLayout, _ record: Manifest.TensorRecord, found: Digest) {
    if found == record.sha256 { return nil }
    let tensor = layout.tensor
    self = .tensor(
      name: tensor.name, stage: tensor.stage, layer: tensor.layer, expected: record.sha256,
      found: found)
  }

  /// A file whose bytes have another digest than was written down; nil where they match.
  init?(ofFile name: String, expected: Digest, found: Digest) {
    if found == expected { return nil }
    self = .sidecar(name: name, expected: expected, found: found)
  }

  /// A file of another length than the manifest says; nil where it has that.
  init?(ofFile name: String, byteCount expected: Int, found: Int) {
    if found == expected { return nil }
    self = .length(name: name, expected: expected, found: found)
  }
}

extension Manifest {
  /// The files whose lengths it gives: the segments, then the sidecars.
  package var files: [(name: String, byteCount: Int)] {
    layout.segments.map { ($0.fileName, $0.byteCount) }
      + sidecars.map { ($0.name, $0.byteCount) }
  }

  /// The faults of a directory with these names in it that its names alone show: files that belong
  /// to no pack.
  package func unexpectedFiles(among names: [String]) -> [PackFault] {
    let expected = Set([PackConstants.manifestName] + files.map(\.name))
    return names.filter {
      !expected.contains($0) && !PackFileNames.companions.contains($0)
        && !PackFileNames.ignored.contains($0)
    }.map { .unexpectedFile(name: $0) }
  }
}

/// A file of a pack, open, or what is wrong with it.
package enum PackFile {
  case sound(InputFile)
  case faulty(PackFault)

  /// Opens a file of a directory.
  ///
  /// - Parameters:
  ///   - name: the file's.
  ///   - directory: the pack's.
  ///   - byteCount: what the manifest says; nil where it says nothing.
  /// - Throws: `FileError` where the system is at fault and not the pack.
  package init(_ name: String, in directory: OpenDirectory, byteCount: Int?) throws(FileError) {
    do throws(FileError) {
      let file = try directory.file(name)
      let fault = byteCount.flatMap {
        PackFault(ofFile: name, byteCount: $0, found: file.byteCount)
      }
      self = fault.map { .faulty($0) } ?? .sound(file)
    } catch {
      guard error.isFaultOfObject || error.isNotFound else { throw error }
      self = .faulty(.unreadable(name: name, reason: error.description))
    }
  }
}
