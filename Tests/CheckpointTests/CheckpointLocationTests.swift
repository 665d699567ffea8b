import Checkpoint
import FileAccess
import Foundation
import TestSupport
import Testing

struct CheckpointLocationTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    for name in ["model.safetensors", "config.json", "a.safetensors"] {
      try directory.write(name, [UInt8]())
    }
  }

  private func writeIndex() throws {
    try directory.write("model.safetensors.index.json", "{}")
  }

  @Test func `a directory has its one file`() throws {
    let location = try CheckpointLocation(path: directory.path)
    #expect(location.weights == .single(name: "model.safetensors"))
    #expect(location.directory == directory.path)
    #expect(location.isDirectory)
    #expect(location.fileNames == ["a.safetensors", "config.json", "model.safetensors"])
    #expect(location.path(of: "config.json") == directory("config.json"))
  }

  @Test func `one file wins over an index, as loaders have it`() throws {
    try writeIndex()
    let location = try CheckpointLocation(path: directory.path)
    #expect(location.weights == .single(name: "model.safetensors"))
    #expect(location.indexBeside == "model.safetensors.index.json")
    try FileManager.default.removeItem(atPath: directory("model.safetensors"))
    #expect(
      try CheckpointLocation(path: directory.path).weights
        == .sharded(index: "model.safetensors.index.json"))
  }

  @Test func `slashes at the end mean nothing`() throws {
    let location = try CheckpointLocation(path: directory.path + "//")
    #expect(try location == CheckpointLocation(path: directory.path))
  }

  @Test func `a directory without either has no weights`() throws {
    try FileManager.default.removeItem(atPath: directory("model.safetensors"))
    #expect(try CheckpointLocation(path: directory.path).weights == .none)
  }

  @Test func `a file is a checkpoint of its own, even beside an index`() throws {
    try writeIndex()
    let location = try CheckpointLocation(path: directory("a.safetensors"))
    #expect(location.weights == .single(name: "a.safetensors"))
    #expect(location.directory == directory.path)
    #expect(!location.isDirectory)
  }

  @Test func `the path of the index means its checkpoint`() throws {
    try writeIndex()
    let location = try CheckpointLocation(path: directory("model.safetensors.index.json"))
    #expect(location.weights == .sharded(index: "model.safetensors.index.json"))
    #expect(!location.isDirectory)
  }

  @Test func `a link to a directory is one`() throws {
    let link = directory("link")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: ".")
    let location = try CheckpointLocation(path: link)
    #expect(location.isDirectory)
    #expect(location.directory == link)
  }

  @Test func `a missing path is an error of the file system`() throws {
    #expect(throws: FileError.notFound(path: directory("none"))) {
      try CheckpointLocation(path: directory("none"))
    }
    try FileManager.default.createSymbolicLink(
      atPath: directory("dangling"), withDestinationPath: "none")
    #expect(throws: FileError.danglingLink(path: directory("dangling"), target: "none")) {
      try CheckpointLocation(path: directory("dangling"))
    }
  }
}
