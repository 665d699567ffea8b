import FileAccess
import Integrity
import Tensors

/// A digest that something beside a checkpoint claims for one of its files.
struct ClaimedDigest: Equatable {
  /// The source of the claim.
  let source: String
  /// The file, below the checkpoint's directory.
  let file: RelativePath
  /// The claimed digest.
  let digest: ContentDigest
}

/// Gathers the digests that lie beside a checkpoint: in lists, in the names of a hub cache's blobs,
/// in the metadata of a local download.
struct ChecksumSource {
  /// What a download keeps of each file, in the checkpoint's directory.
  static let metadataFolder = ".cache/huggingface/download"
  /// The folders that do not belong to what was published.
  static let bookkeeping: Set<String> = [".cache", ".git"]

  private let directory: String
  private var refused: Set<CheckpointRemark> = []
  private(set) var claims: [ClaimedDigest] = []
  /// Lists that are none, and lines of lists that are none.
  private(set) var malformed: [CheckpointRemark] = []
  /// Lists, metadata and folders that are there and cannot be read, and files that are outside.
  private(set) var unreadable: [CheckpointRemark] = []
  /// What else there is to say of lists.
  private(set) var remarks: [CheckpointRemark] = []

  /// Gathers what is claimed.
  ///
  /// - Parameters:
  ///   - directory: of the checkpoint.
  ///   - names: in the directory itself, among which lists may be.
  ///   - files: below the directory, among which links to blobs may be.
  init(_ directory: String, names: [String], files: [RelativePath]) {
    self.directory = directory
    for name in names where Self.isList(name) { readList(name) }
    for file in files {
      for digest in LinkChain(Path.join(directory, file.text)).digests {
        claims.append(ClaimedDigest(source: "blob name", file: file, digest: digest))
      }
    }
    readMetadata()
  }

  // MARK: - Lists

  /// Whether a file of this name is taken for a list of SHA-256 digests.
  static func isList(_ name: String) -> Bool {
    let name = name.lowercased()
    return ["sha256sums", "sha256sum", "sha256sums.txt", "sha256sum.txt", "checksums.txt"]
      .contains(name) || listEndings.contains { name.hasSuffix($0) }
  }

  /// Whether a file of this name is a signature, which needs no cover.
  static func isSignature(_ name: String) -> Bool {
    let name = name.lowercased()
    return [".sig", ".asc", ".minisig", ".sigstore", ".sigstore.json"].contains {
      name.hasSuffix($0)
    } || (name.hasSuffix(".gpg") && isList(String(name.dropLast(4))))
  }

  private static let listEndings = [".sha256", ".sha256sum", ".sha256sums"]

  private mutating func readList(_ name: String) {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try InputFile.contents(
        of: Path.join(directory, name), limit: ChecksumList.byteLimit)
    } catch {
      unreadable.append(CheckpointRemark(file: name, reason: error.description))
      return
    }
    let own = Self.listEndings.first { name.lowercased().hasSuffix($0) }
      .map { String(name.dropLast($0.count)) }.flatMap { $0.isEmpty ? nil : $0 }
    do throws(ChecksumListError) {
      take(try ForeignChecksumList(bytes, ofFile: own), own: own, name)
    } catch {
      malformed.append(CheckpointRemark(file: name, reason: error.description))
    }
  }

  private mutating func take(_ list: ForeignChecksumList, own: String?, _ name: String) {
    for entry in list.entries {
      // `sha256sum < FILE > FILE.sha256` writes "-".
      let listed = entry.name == "-" ? own ?? entry.name : entry.name
      if let file = RelativePath(listed) {
        claims.append(ClaimedDigest(source: name, file: file, digest: .sha256(entry.digest)))
      } else {
        let remark = CheckpointRemark.outside(listed, namedBy: name)
        if refused.insert(remark).inserted { unreadable.append(remark) }
      }
    }
    if !list.malformedLines.isEmpty {
      malformed.append(
        CheckpointRemark(file: name, reason: Self.malformed(list.malformedLines)))
    }
    if !list.otherDigests.isEmpty {
      let kinds = list.otherDigests.prefix(8).joined(separator: ", ")
      remarks.append(
        CheckpointRemark(
          file: name, reason: "it has digests of another kind, which are not checked: \(kinds)"))
    }
  }

  private static func malformed(_ lines: [Int]) -> String {
    let numbers = lines.map { "\($0)" }.abbreviated(to: 8)
    return lines.count == 1
      ? "line \(numbers) is not a digest and a file name; its file is not covered"
      : "lines \(numbers) are not digests and file names; their files are not covered"
  }

  // MARK: - Metadata

  /// A local download keeps the etag of each file: the second line of `FILE.metadata`.
  private mutating func readMetadata() {
    let folder = Path.join(directory, Self.metadataFolder)
    guard (try? FileStatus(ofPath: folder))?.kind == .directory else { return }
    let walk = FileWalk(folder)
    unreadable += walk.unreadable.map {
      CheckpointRemark(file: Path.join(Self.metadataFolder, $0.file), reason: $0.reason)
    }
    for name in walk.names where name.text.hasSuffix(".metadata") {
      do throws(FileError) {
        let bytes = try InputFile.contents(of: Path.join(folder, name.text), limit: 4096)
        guard let file = RelativePath(String(name.text.dropLast(".metadata".count))),
          let digest = Self.etag(String(decoding: bytes, as: UTF8.self))
        else { continue }
        claims.append(ClaimedDigest(source: "download metadata", file: file, digest: digest))
      } catch {
        unreadable.append(
          CheckpointRemark(
            file: Path.join(Self.metadataFolder, name.text), reason: error.description))
      }
    }
  }

  /// The digest that an etag is; nil for another etag, as a server of other content may have.
  private static func etag(_ text: String) -> ContentDigest? {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    guard lines.count >= 2 else { return nil }
    return ContentDigest(hexadecimal: lines[1].filter { $0 != "\"" && $0 != " " })
  }
}
