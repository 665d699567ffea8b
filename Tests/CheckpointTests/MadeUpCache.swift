import FileAccess
import Foundation
import Integrity
import TestSupport

/// A folder `models--ORG--NAME` as the hub's cache has it, in a directory of its own, to be damaged.
struct MadeUpCache {
  let directory: TemporaryDirectory
  /// The folder.
  let path: String

  /// A cache without a snapshot.
  init() throws {
    directory = try TemporaryDirectory()
    path = directory("models--org--huginn")
    for name in ["blobs", "refs", "snapshots"] {
      try FileManager.default.createDirectory(
        atPath: "\(path)/\(name)", withIntermediateDirectories: true)
    }
  }

  /// Adds a snapshot of files, those in folders too, each a link to a blob that is named by its
  /// digest: SHA-256 for weights, git's name for small files.
  @discardableResult
  func add(_ revision: String, _ source: TemporaryDirectory) throws -> String {
    let snapshot = snapshot(revision)
    try FileManager.default.createDirectory(
      atPath: snapshot, withIntermediateDirectories: false)
    for name in try FileManager.default.subpathsOfDirectory(atPath: source.path) {
      guard try FileStatus(ofPath: source(name)).kind == .regular else {
        try FileManager.default.createDirectory(
          atPath: "\(snapshot)/\(name)", withIntermediateDirectories: true)
        continue
      }
      let file = try InputFile(path: source(name))
      guard let digests = try ContentDigest.both(of: file, advance: { _ in true }) else { continue }
      let blob = name.hasSuffix(".safetensors") ? "\(digests.sha256)" : digests.gitBlob
      try directory.write("models--org--huginn/blobs/\(blob)", try source.bytes(name))
      let up = String(repeating: "../", count: 2 + name.count { $0 == "/" })
      try FileManager.default.createSymbolicLink(
        atPath: "\(snapshot)/\(name)", withDestinationPath: "\(up)blobs/\(blob)")
    }
    return snapshot
  }

  /// The folder of a revision.
  func snapshot(_ revision: String) -> String { "\(path)/snapshots/\(revision)" }

  /// Writes `refs/main`.
  func setMain(_ bytes: [UInt8]) throws {
    try directory.write("models--org--huginn/refs/main", bytes)
  }

  /// The link's text of a file of a snapshot.
  func link(_ name: String, in revision: String) throws -> String {
    try linkTarget("\(snapshot(revision))/\(name)")
  }

  /// Removes the blob of a file of a snapshot and leaves the link.
  func removeBlob(of name: String, in revision: String) throws {
    let target = try link(name, in: revision)
    let folder = Path.parent(of: "\(snapshot(revision))/\(name)")
    try FileManager.default.removeItem(atPath: "\(folder)/\(target)")
  }

  /// Moves the blob of a file into the store that all repositories of a cache share, as
  /// huggingface_hub 2.4 does after a transfer by Xet; there its name is Xet's own hash.
  func share(_ name: String, in revision: String) throws {
    let blob = try link(name, in: revision).split(separator: "/").last.map { String($0) } ?? ""
    let hash = String(blob.reversed())
    try directory.makeFolder("blobs/\(hash.prefix(2))")
    try directory.write("blobs/.huggingface-shared-blobs", "1\n")
    try directory.write(
      "blobs/\(hash.prefix(2))/\(hash).refs", "models--org--huginn/blobs/\(blob)\n")
    try FileManager.default.moveItem(
      atPath: "\(path)/blobs/\(blob)", toPath: directory("blobs/\(hash.prefix(2))/\(hash)"))
    try directory.link(
      "models--org--huginn/blobs/\(blob)", to: "../../blobs/\(hash.prefix(2))/\(hash)")
  }
}
