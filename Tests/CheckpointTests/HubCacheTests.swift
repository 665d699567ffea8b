import Foundation
import HuginnModel
import TestSupport
import Testing

@testable import Checkpoint

struct HubCacheTests {
  private let cache: MadeUpCache
  private let first = "bb6621b65e90b6a4b9b29ef88dc83866d450470c"
  private let second = "0c8afa0a1f1b4b0e9d37a3ea05a5c9a27d5f0f11"

  init() throws {
    cache = try MadeUpCache()
  }

  private func addBoth() throws {
    try cache.add(first, try SmallCheckpoint().write())
    try cache.add(second, try SmallCheckpoint(isSharded: true).write())
  }

  private func location() throws -> CheckpointLocation {
    try CheckpointLocation(path: cache.path)
  }

  // MARK: - Which snapshot

  @Test(arguments: ["", "\n", "\r\n", " \n"])
  func `the snapshot that refs main names is the checkpoint`(end: String) throws {
    try addBoth()
    for revision in [first, second] {
      try cache.setMain(Array((revision + end).utf8))
      let location = try location()
      #expect(location.directory == cache.snapshot(revision))
      #expect(
        location.weights
          == (revision == second
            ? .sharded(index: "model.safetensors.index.json") : .single(name: "model.safetensors")))
      #expect(location.revisions == [])
      #expect(location.isDirectory)
      let checkpoint = try Checkpoint(path: cache.path)
      #expect(checkpoint.findings == [])
      #expect(checkpoint.tensors.count == checkpoint.config?.tensors.count)
    }
  }

  @Test func `slashes at the end of its path mean nothing`() throws {
    try cache.add(first, try SmallCheckpoint().write())
    #expect(try CheckpointLocation(path: cache.path + "//") == location())
  }

  @Test func `the only snapshot needs no reference`() throws {
    try cache.add(first, try SmallCheckpoint().write())
    #expect(try location().directory == cache.snapshot(first))
    // A reference to what was not downloaded, or was removed, changes nothing.
    try cache.setMain(Array(second.utf8))
    #expect(try location().directory == cache.snapshot(first))
    #expect(try Checkpoint(path: cache.path).findings == [])
  }

  @Test func `a stray file among the snapshots is not a revision`() throws {
    try cache.add(first, try SmallCheckpoint().write())
    try Data().write(to: URL(fileURLWithPath: cache.path + "/snapshots/.DS_Store"))
    #expect(try location().directory == cache.snapshot(first))
  }

  @Test func `the user chooses between several snapshots, and each revision is named`() throws {
    try addBoth()
    let location = try location()
    #expect(location.directory == cache.path)
    #expect(location.weights == .none)
    #expect(location.revisions == [second, first])
    #expect(!location.isEmpty)
    let checkpoint = try Checkpoint(path: cache.path)
    #expect(
      checkpoint.diagnostics.first
        == Diagnostic(
          .checkpointEmpty, subject: cache.path, expected: "refs/main, or one snapshot",
          found: "snapshots \(second), \(first)",
          hint: "name one of the folders under snapshots"))
    #expect(checkpoint.diagnostics.count == 1)
    #expect(checkpoint.tensors.isEmpty)
  }

  @Test func `a snapshot may be named itself, or a file in it`() throws {
    try addBoth()
    try cache.setMain(Array(second.utf8))
    let snapshot = cache.snapshot(first)
    for path in [snapshot, snapshot + "/", snapshot + "/model.safetensors"] {
      let location = try CheckpointLocation(path: path)
      #expect(location.directory == snapshot)
      #expect(location.weights == .single(name: "model.safetensors"))
      #expect(try Checkpoint(path: path).findings == [])
    }
  }

  @Test func `a directory with only some of a cache's folders is not a cache`() throws {
    let directory = try SmallCheckpoint().write()
    try FileManager.default.createDirectory(
      atPath: directory("snapshots"), withIntermediateDirectories: false)
    #expect(try CheckpointLocation(path: directory.path).directory == directory.path)
    #expect(try Checkpoint(path: directory.path).findings == [])
  }

  @Test func `the models in a cache are offered if the cache itself is given`() throws {
    // A folder of blobs beside the repositories is the store that they share.
    let names = [
      ".locks", "CACHEDIR.TAG", "blobs", "datasets--org--text", "models--a--b", "models--c",
      "version.txt",
    ]
    #expect(HubCache.models(among: names) == ["models--a--b", "models--c"])
    #expect(try HubCache(cache.directory.path, names: names) == nil)
  }

  // MARK: - Hostile references

  static let hostile: [String: [UInt8]] = [
    "nothing": [], "dots": Array("..".utf8), "up": Array("../..".utf8),
    "out": Array("../../outside".utf8), "root": Array("/".utf8), "inside": Array("a/b".utf8),
    "a line feed first": Array("\nbb6621b65e90b6a4b9b29ef88dc83866d450470c".utf8),
    "a NUL first": [0] + Array("bb6621b65e90b6a4b9b29ef88dc83866d450470c".utf8),
    "no UTF-8": [0xFF, 0xFE], "huge": [UInt8](repeating: UInt8(ascii: "b"), count: 1 << 20),
    "an option": Array("-rf".utf8),
  ]

  @Test(arguments: hostile.keys.sorted())
  func `a reference that is not a plain name names nothing`(kind: String) throws {
    try addBoth()
    let outside = try SmallCheckpoint().write()
    try cache.directory.copy(outside.path, as: "outside")
    try cache.setMain(try #require(Self.hostile[kind]))
    let location = try location()
    #expect(location.directory == cache.path)
    #expect(location.revisions == [second, first])
    #expect(try Checkpoint(path: cache.path).shards.isEmpty)
  }

  @Test func `what follows a reference's first line is not read`() throws {
    try addBoth()
    try cache.setMain(Array("\(first)\n../../outside\n".utf8))
    #expect(try location().directory == cache.snapshot(first))
  }

  @Test func `a reference that is a folder names nothing`() throws {
    try addBoth()
    try FileManager.default.createDirectory(
      atPath: cache.path + "/refs/main", withIntermediateDirectories: false)
    #expect(try location().revisions == [second, first])
  }

  // MARK: - Broken downloads

  @Test func `a link whose blob is not there is a missing shard`() throws {
    let source = try SmallCheckpoint(isSharded: true)
    let total = source.tensorByteCount
    try cache.add(first, try source.write(totalSize: "\(total)"))
    let name = SmallCheckpoint.shardNames[1]
    let link = try cache.link(name, in: first)
    try cache.removeBlob(of: name, in: first)
    let lost = try #require(source.shards[name]).reduce(0) { $0 + $1.bytes.count }
    #expect(
      try Checkpoint(path: cache.path).diagnostics == [
        Diagnostic(
          .shardMissing, subject: name, expected: "19 tensors",
          found: "a link to \(link), which does not exist",
          hint: "the checkpoint is not fully downloaded: download this shard; "
            + "\(lost) bytes of tensors are missing in all")
      ])
  }

  @Test func `a blob that is still downloading is reported with the shard that waits for it`()
    throws
  {
    try cache.add(first, try SmallCheckpoint(isSharded: true).write())
    let name = SmallCheckpoint.shardNames[2]
    let link = try cache.link(name, in: first)
    try cache.removeBlob(of: name, in: first)
    try FileManager.default.removeItem(atPath: cache.snapshot(first) + "/\(name)")
    let blob = link + ".incomplete"
    try cache.directory.write(
      "models--org--huginn/snapshots/\(first)/\(blob)", [UInt8](repeating: 1, count: 77))
    let diagnostics = try Checkpoint(path: cache.path).diagnostics
    #expect(
      diagnostics == [
        Diagnostic(
          .downloadUnfinished, subject: blob, found: "77 bytes so far",
          hint: "start the download again"),
        Diagnostic(
          .shardMissing, subject: name, expected: "10 tensors", found: "no file",
          hint: "the checkpoint is not fully downloaded: download this shard"),
      ])
  }

  @Test func `an index or a config that dangles is reported as such`() throws {
    try cache.add(first, try SmallCheckpoint(isSharded: true).write())
    try cache.removeBlob(of: "model.safetensors.index.json", in: first)
    try cache.removeBlob(of: "config.json", in: first)
    #expect(
      try Checkpoint(path: cache.path).findings == [
        "index-malformed model.safetensors.index.json", "config-missing config.json",
      ])
  }

  @Test func `a cache with nothing but an unfinished blob is reported as such`() throws {
    try cache.directory.write("models--org--huginn/blobs/ab12.incomplete", [1, 2, 3])
    let checkpoint = try Checkpoint(path: cache.path)
    #expect(
      checkpoint.findings == [
        "checkpoint-empty \(cache.path)", "download-unfinished blobs/ab12.incomplete",
      ])
    #expect(checkpoint.diagnostics.last?.found == "3 bytes so far")
  }
}
