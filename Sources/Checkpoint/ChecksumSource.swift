import FileAccess
import HuginnModel
import Integrity

/// A digest that something beside a checkpoint claims for one of its files.
struct ClaimedDigest: Equatable {
  /// What claims it.
  let source: String
  /// The file, in the checkpoint's directory.
  let file: String
  /// What it claims.
  let digest: ContentDigest
}

/// Gathers the digests that lie beside a checkpoint.
struct ChecksumSource {
  private let location: CheckpointLocation
  private(set) var claims: [ClaimedDigest] = []
  /// Lists that could not be read, with the reason.
  private(set) var malformed: [(name: String, reason: String)] = []

  init(_ location: CheckpointLocation) {
    self.location = location
    for name in location.fileNames {
      if name == ChecksumList.fileName || name.hasSuffix(".sha256") {
        readList(name)
      }
      readBlobName(name)
      readMetadata(name)
    }
  }

  /// `SHA256SUMS`, or `FILE.sha256`.
  private mutating func readList(_ name: String) {
    let path = location.path(of: name)
    let own = name.hasSuffix(".sha256") ? String(name.dropLast(7)) : nil
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try InputFile.contents(of: path, limit: ChecksumList.byteLimit)
    } catch {
      malformed.append((name, error.description))
      return
    }
    do throws(ChecksumListError) {
      for entry in try ChecksumList.parse(String(decoding: bytes, as: UTF8.self), ofFile: own) {
        // `sha256sum < FILE > FILE.sha256` writes "-", and `sha256sum ./*` the other.
        let file =
          entry.name == "-"
          ? own ?? entry.name
          : entry.name.hasPrefix("./") ? String(entry.name.dropFirst(2)) : entry.name
        claims.append(ClaimedDigest(source: name, file: file, digest: .sha256(entry.digest)))
      }
    } catch {
      malformed.append((name, error.description))
    }
  }

  /// In a hub cache, a file is a link to a blob that is named by its digest.
  private mutating func readBlobName(_ name: String) {
    guard let target = try? linkTarget(location.path(of: name)),
      Path.name(of: Path.parent(of: target)) == "blobs",
      let digest = ContentDigest(hexadecimal: Path.name(of: target))
    else { return }
    claims.append(ClaimedDigest(source: "blob name", file: name, digest: digest))
  }

  /// A local download keeps the etag of each file: the second line of its metadata.
  private mutating func readMetadata(_ name: String) {
    let file = ".cache/huggingface/download/\(name).metadata"
    let bytes: [UInt8]
    do throws(FileError) {
      guard let found = try InputFile.contents(ifPresent: location.path(of: file), limit: 4096)
      else { return }
      bytes = found
    } catch {
      malformed.append((file, error.description))
      return
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    guard lines.count >= 2 else { return }
    let etag = lines[1].filter { $0 != "\"" && $0 != " " }
    guard let digest = ContentDigest(hexadecimal: etag) else { return }
    claims.append(ClaimedDigest(source: "download metadata", file: name, digest: digest))
  }
}
