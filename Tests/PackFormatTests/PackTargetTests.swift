import FileAccess
import Foundation
import PackFormat
import TestSupport
import Testing

/// Where a pack may be written, and what it may replace.
struct PackTargetTests {
  private let directory: TemporaryDirectory
  private let pack: String

  init() throws {
    directory = try TemporaryDirectory()
    pack = try directory.copy(
      Fixtures.path("expected/huginn-nano-int8.muninn"), as: "pack.muninn")
  }

  /// The error of checking a path; nil where it lies in no pack.
  private func refusal(_ target: String, restoring name: String? = nil) -> PackError? {
    do throws(PackError) {
      try PackWriter.checkNotInsidePack(target, restoring: name)
      return nil
    } catch {
      return error
    }
  }

  /// Without the links that a temporary directory may lie behind.
  private var resolved: String { get throws { try resolvedPath(pack) } }

  private func makeFolder(_ path: String) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  @Test func `nothing is written into a pack, at any depth, or through a link`() throws {
    try makeFolder("\(pack)/.git/objects")
    try FileManager.default.createSymbolicLink(
      atPath: directory("link"), withDestinationPath: "pack.muninn/.git")
    for target in [
      "\(pack)/x", "\(pack)/x/", "\(pack)/core.seg", "\(pack)/.git/x", "\(pack)/.git/objects/x",
      "\(pack)/.git/../x", directory("link/x"), directory("link/objects/x"),
    ] {
      #expect(refusal(target) == .insidePack(path: target, pack: try resolved), "\(target)")
      #expect(throws: PackError.insidePack(path: Path.trimmed(target), pack: try resolved)) {
        try PackWriter.checkTarget(target, byteCount: 0, replacing: .pack)
      }
    }
    #expect(
      refusal("\(pack)/x")?.description
        == "'\(pack)/x' lies in the pack '\(try resolved)', which may hold only its own files; "
        + "choose a path outside it")
  }

  @Test func `any file may be written beside a pack, in its place, or where no pack is near`()
    throws
  {
    try makeFolder(directory("web"))
    try directory.write("web/manifest.json", #"{"name":"a web page","start_url":"/"}"#)
    try makeFolder(directory("page"))
    try directory.copy("\(pack)/manifest.json", as: "page/manifest.json")
    try makeFolder(directory("restored"))
    try directory.copy("\(pack)/core.seg", as: "restored/core.seg")
    // A link into the pack is itself replaced, not what it leads to.
    try FileManager.default.createSymbolicLink(
      atPath: directory("link"), withDestinationPath: "pack.muninn/core.seg")
    for target in [
      pack, pack + "/", directory("x"), directory("web/x"), directory("page/x"),
      directory("restored/x"), directory("link"), "/x", "x",
      // Who writes there says best why it cannot.
      directory("nonexistent/x"), "\(pack)/nonexistent/x", "\(pack)/core.seg/x",
    ] {
      #expect(refusal(target) == nil, "\(target)")
    }
  }

  @Test func `a file of a pack goes back into one under its own name, and no deeper`() throws {
    #expect(refusal("\(pack)/core.seg", restoring: "core.seg") == nil)
    try FileManager.default.removeItem(atPath: "\(pack)/core.seg")
    #expect(refusal("\(pack)/core.seg", restoring: "core.seg") == nil)
    try makeFolder("\(pack)/.git")
    for target in ["\(pack)/core", "\(pack)/coda.seg", "\(pack)/.git/core.seg"] {
      #expect(
        refusal(target, restoring: "core.seg")
          == .insidePack(path: target, pack: try resolved))
    }
  }

  @Test func `a pack is replaced with its own files, but not with anybody else's`() throws {
    func check(_ target: String) throws {
      try PackWriter.checkTarget(target, byteCount: 0, replacing: .pack)
    }
    try makeFolder(directory("empty"))
    for name in ["pack.muninn", "empty"] {
      try directory.write("\(name)/.DS_Store", "x")
      try check(directory(name))
      for ignored in PackFileNames.ignored where ignored != ".DS_Store" {
        let path = directory("\(name)/\(ignored)")
        let refusal = PackError.file(
          .notReplaced(
            path: directory(name),
            found: "holds '\(ignored)', "
              + (name == "empty" ? "but no manifest.json" : "which is not part of a pack")))
        // A clone of a submodule has a file of that name.
        try directory.write("\(name)/\(ignored)", "x")
        #expect(throws: refusal) { try check(directory(name)) }
        try FileManager.default.removeItem(atPath: path)
        try makeFolder(path)
        #expect(throws: refusal) { try check(directory(name)) }
        try FileManager.default.removeItem(atPath: path)
      }
    }
  }

  /// Why a pack is not replaced; nil where it is.
  private func objection(
    _ path: String, _ replacement: PackReplacement = .pack
  ) -> PackError? {
    do throws(PackError) {
      try PackWriter.checkTarget(path, byteCount: 0, replacing: replacement)
      return nil
    } catch {
      return error
    }
  }

  @Test func `a pack is replaced with exactly the files that its manifest lists`() throws {
    #expect(objection(pack, .nothing) == .file(.exists(path: pack)))
    #expect(objection(pack) == nil)
    try directory.write("pack.muninn/SHA256SUMS", "whatever")
    #expect(objection(pack) == nil)
    // Under a sidecar's name, and not listed: a licence that somebody added.
    for name in ["LICENSE", "LICENSE.md", "NOTICE", "chat_template.jinja", "tokenizer-old.json"] {
      try directory.write("pack.muninn/\(name)", "x")
      #expect(
        objection(pack)
          == .file(.notReplaced(path: pack, found: "holds '\(name)', which is not part of a pack")),
        "\(name)")
      #expect(objection(pack, .packAndCompanions) == objection(pack))
      try FileManager.default.removeItem(atPath: "\(pack)/\(name)")
    }
    // A link to a file, which itself goes, and a folder, which does not.
    try FileManager.default.removeItem(atPath: "\(pack)/core.seg")
    #expect(objection(pack) == nil)
    try FileManager.default.createSymbolicLink(
      atPath: "\(pack)/core.seg", withDestinationPath: "../blob")
    #expect(objection(pack) == nil)
    try FileManager.default.removeItem(atPath: "\(pack)/core.seg")
    try makeFolder("\(pack)/core.seg")
    #expect(
      objection(pack)
        == .file(.notReplaced(path: pack, found: "holds 'core.seg', which is not part of a pack")))
  }

  @Test(arguments: ["README.md", "model.sig"])
  func `files that somebody wrote or signed are removed with a pack only on request`(name: String)
    throws
  {
    try directory.write("pack.muninn/\(name)", "x")
    let refusal = PackError.companionKept(path: pack, name: name)
    #expect(objection(pack) == refusal)
    #expect(
      refusal.description
        == "'\(pack)' holds '\(name)', which would be removed with the old pack")
    #expect(objection(pack, .packAndCompanions) == nil)
  }

  @Test func `a directory whose manifest is not a pack's is not replaced`() throws {
    let manifest = "\(pack)/manifest.json"
    let bytes = try directory.bytes("pack.muninn/manifest.json")
    for broken in [Array(bytes.dropLast()), Array(#"{"format":"muninn-pack"}"#.utf8), []] {
      try directory.write("pack.muninn/manifest.json", broken)
      guard case .file(.notReplaced(pack, let found))? = objection(pack, .packAndCompanions) else {
        Issue.record("it is replaced")
        continue
      }
      #expect(found.hasPrefix("has an invalid manifest.json: "), "\(found)")
    }
    try FileManager.default.removeItem(atPath: manifest)
    #expect(
      objection(pack)
        == .file(.notReplaced(path: pack, found: "holds 'coda.seg', but no manifest.json")))
    try makeFolder(manifest)
    guard case .file(.notReplaced)? = objection(pack) else {
      Issue.record("it is replaced")
      return
    }
  }
}
