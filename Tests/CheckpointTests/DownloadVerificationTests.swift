import Checkpoint
import FileAccess
import Foundation
import Integrity
import TestSupport
import Testing

/// What huggingface_hub 2.4 leaves: a cache of blobs and links, or a folder with metadata.
struct DownloadVerificationTests {
  /// A checkpoint as a repository has it, with a file whose name begins with a dot and folders.
  private let repository: TemporaryDirectory
  private let names = [
    ".gitattributes", "README.md", "config.json", "model.safetensors", "onnx/deep/a.safetensors",
    "onnx/config.json", "with a space.txt",
  ].sorted()

  init() throws {
    repository = try SmallCheckpoint().write()
    try repository.makeFolder("onnx/deep")
    try repository.write(".gitattributes", "*.safetensors filter=lfs\n")
    try repository.write("README.md", "# Huginn\n")
    try repository.write("onnx/config.json", "{}")
    try repository.write("onnx/deep/a.safetensors", "no shard")
    try repository.write("with a space.txt", "")
  }

  private func verification(_ path: String) throws -> CheckpointVerification {
    try CheckpointVerification(path: path)
  }

  // MARK: - A cache

  private func cache() throws -> MadeUpCache {
    let cache = try MadeUpCache()
    try cache.add("rev", repository)
    try cache.setMain(Array("rev".utf8))
    // What else the package writes; none of it is the checkpoint's.
    try cache.directory.write("CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n")
    for folder in [".no_exist/rev", "trees"] {
      try cache.directory.makeFolder("models--org--huginn/\(folder)")
    }
    try cache.directory.write("models--org--huginn/.no_exist/rev/adapter_config.json", "")
    try cache.directory.write("models--org--huginn/trees/rev.json", "{\"format_version\": 1}")
    return cache
  }

  @Test func `every file of a cache is checked by its blob's name`() throws {
    let cache = try cache()
    for path in [cache.path, cache.snapshot("rev"), cache.snapshot("rev") + "/"] {
      let verification = try verification(path)
      #expect(verification.checks == names.map { "\($0): blob name holds" })
      #expect(verification.isProven)
      #expect(verification.remarks == [])
    }
  }

  @Test func `the names of blobs are git's, or SHA-256 of weights`() throws {
    let cache = try MadeUpCache()
    let checkpoint = try SmallCheckpoint().write()
    try checkpoint.write("generation_config.json", "{}")
    try cache.add("rev", checkpoint)
    let verification = try verification(cache.path)
    let names = try ["config.json", "model.safetensors"].map {
      Path.name(of: try cache.link($0, in: "rev"))
    }
    #expect(names.map(\.utf8.count) == [40, 64])
    #expect(
      verification.files.flatMap(\.checks).map(\.expected.description)
        == [names[0], "9e26dfeeb6e641a33dae4961196235bdb965b21b", names[1]])
  }

  @Test func `through the store that repositories share, the first link has the digest`() throws {
    let cache = try cache()
    for name in ["model.safetensors", "onnx/deep/a.safetensors"] {
      try cache.share(name, in: "rev")
    }
    let verification = try verification(cache.path)
    #expect(verification.checks == names.map { "\($0): blob name holds" })
    #expect(verification.isProven)
    #expect(verification.remarks == [])
  }

  @Test func `links may be absolute, and lead to a cache from elsewhere`() throws {
    let cache = try cache()
    let directory = try TemporaryDirectory()
    for name in ["config.json", "model.safetensors"] {
      try directory.link(name, to: "\(cache.snapshot("rev"))/\(name)")
    }
    let blob = Path.name(of: try cache.link("README.md", in: "rev"))
    try directory.link("README.md", to: "\(cache.path)/blobs/\(blob)")
    let verification = try verification(directory.path)
    #expect(
      verification.checks
        == ["README.md", "config.json", "model.safetensors"].map { "\($0): blob name holds" })
    #expect(verification.remarks == [])
  }

  @Test func `without links, blob names are unknown`() throws {
    let cache = try MadeUpCache()
    try cache.directory.copy(repository.path, as: "models--org--huginn/snapshots/rev")
    let verification = try verification(cache.path)
    #expect(verification.isIntact)
    #expect(verification.checks == [])
    #expect(verification.uncovered == names.filter { !$0.contains("/") })
  }

  @Test func `a blob of another kind of name claims nothing`() throws {
    let cache = try cache()
    for blob in ["d41d8cd98f00b204e9800998ecf8427e-2", "abc", String(repeating: "A", count: 64)] {
      try cache.directory.write("models--org--huginn/blobs/\(blob)", "x")
      try cache.directory.link(
        "models--org--huginn/snapshots/rev/\(blob).bin", to: "../../blobs/\(blob)")
    }
    let verification = try verification(cache.path)
    #expect(verification.uncovered.count == 3)
    #expect(verification.isIntact)
    #expect(verification.remarks == [])
  }

  @Test(arguments: ["config.json", ".gitattributes", "onnx/deep/a.safetensors"])
  func `a blob that is not what its name says differs`(name: String) throws {
    let cache = try cache()
    let blob = Path.name(of: try cache.link(name, in: "rev"))
    // Blanks are legal at the end of a config.
    let bytes = try repository.bytes(name) + [UInt8(ascii: " ")]
    try cache.directory.write("models--org--huginn/blobs/\(blob)", bytes)
    let verification = try verification(cache.path)
    #expect(verification.answers == ["\(name) differs"])
    #expect(!verification.isIntact)
  }

  @Test(arguments: ["README.md", "onnx/config.json"])
  func `a link without its blob is not here`(name: String) throws {
    let cache = try cache()
    try cache.removeBlob(of: name, in: "rev")
    let verification = try verification(cache.path)
    #expect(verification.answers == ["\(name) is not here"])
    #expect(!verification.isIntact)
  }

  // MARK: - A folder

  /// Writes what a download to a folder keeps of a file.
  private func note(_ name: String, etag: String) throws {
    let folder = Path.parent(of: ".cache/huggingface/download/\(name)")
    try repository.makeFolder(folder)
    try repository.write(
      ".cache/huggingface/download/\(name).metadata",
      "bb6621b65e90b6a4b9b29ef88dc83866d450470c\n\(etag)\n1761900000.5\n")
    try repository.write(".cache/huggingface/download/\(name).lock", "")
  }

  private func noteAll(quote: String = "") throws {
    let cache = try MadeUpCache()
    try cache.add("rev", repository)
    for name in names {
      try note(name, etag: quote + Path.name(of: try cache.link(name, in: "rev")) + quote)
    }
    try repository.write(".cache/huggingface/CACHEDIR.TAG", "Signature: 8a47\n")
    try repository.write(".cache/huggingface/.gitignore", "*")
  }

  @Test(arguments: ["", "\""])
  func `every file of a folder is checked by its etag, quoted or not`(quote: String) throws {
    try noteAll(quote: quote)
    let verification = try verification(repository.path)
    #expect(verification.checks == names.map { "\($0): download metadata holds" })
    #expect(verification.isProven)
    #expect(verification.remarks == [])
  }

  @Test(arguments: [".gitattributes", "onnx/config.json", "model.safetensors"])
  func `a file that differs from its etag, or is gone, is reported`(name: String) throws {
    try noteAll()
    let zeros = String(repeating: "0", count: name.hasSuffix(".safetensors") ? 64 : 40)
    try note(name, etag: zeros)
    #expect(try verification(repository.path).answers == ["\(name) differs"])
    if name != "model.safetensors" {
      try FileManager.default.removeItem(atPath: repository(name))
      let verification = try verification(repository.path)
      #expect(verification.answers == ["\(name) is not here"])
      #expect(!verification.isIntact)
    }
  }

  @Test(arguments: ["", "rev", "rev\n", "rev\nnone\n", "rev\n\"d41d8cd9-2\"\n1\n"])
  func `metadata without a digest claims nothing`(text: String) throws {
    try noteAll()
    try repository.write(".cache/huggingface/download/README.md.metadata", text)
    let verification = try verification(repository.path)
    #expect(verification.answers == ["README.md is not covered"])
    #expect(verification.isIntact)
  }

  @Test func `unreadable metadata is reported, and is not damage`() throws {
    try noteAll()
    let folder = ".cache/huggingface/download"
    for name in ["README.md", "onnx/config.json"] {
      try FileManager.default.removeItem(atPath: repository("\(folder)/\(name).metadata"))
    }
    try repository.write(
      "\(folder)/README.md.metadata", [UInt8](repeating: UInt8(ascii: "0"), count: 5000))
    try repository.link("\(folder)/onnx/config.json.metadata", to: "/dev/null")
    let verification = try verification(repository.path)
    #expect(
      verification.answers == [
        "README.md is not covered", "\(folder)/README.md.metadata cannot be read",
        "\(folder)/onnx/config.json.metadata cannot be read",
      ])
    #expect(verification.isIntact && !verification.isProven)
  }

  @Test func `git's own files are not part of a clone`() throws {
    try noteAll()
    try repository.makeFolder(".git/objects")
    try repository.write(".git/config", "[core]\n")
    try repository.write(".git/objects/SHA256SUMS", "nonsense\n")
    #expect(try verification(repository.path).isProven)
  }
}
