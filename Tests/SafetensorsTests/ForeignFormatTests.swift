import FileAccess
import Safetensors
import TestSupport
import Testing

struct ForeignFormatTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func fault(of bytes: [UInt8]) throws -> HeaderFault? {
    let path = try directory.write("model.safetensors", bytes)
    do {
      _ = try SafetensorsFile(path: path)
    } catch .malformed(_, let fault) {
      return fault
    } catch {
      throw error
    }
    return nil
  }

  @Test(
    arguments: zip(
      ForeignFormat.allCases,
      [
        "this is a git-lfs pointer, not the file it points to; "
          + "fetch the content with 'git lfs pull' or download it from the hub",
        "this is a web page, probably an error or login page saved by the download; "
          + "download the file again",
        "this is a zip archive, probably a PyTorch pickle checkpoint; "
          + "convert it to safetensors where you trust it, or get the safetensors release",
        "this is a GGUF file, not safetensors; convert from the released safetensors checkpoint",
      ]))
  func `another format is named, with what to do about it`(
    format: ForeignFormat, sentence: String
  ) {
    #expect(format.description == sentence)
  }

  @Test(arguments: ["<!DOCTYPE html>", "<!doctype HTML>\n", "<html>", "<HTML lang=\"en\">"])
  func `a web page is known by its first tag, in either case`(text: String) throws {
    #expect(try fault(of: Array(text.utf8)) == .foreign(.webPage))
  }

  @Test func `four bytes of magic suffice, in a file too short for a length`() throws {
    #expect(try fault(of: Array("GGUF".utf8)) == .foreign(.gguf))
    #expect(try fault(of: [0x50, 0x4B, 3, 4]) == .foreign(.zipArchive))
  }

  @Test func `other content is refused for its own fault`() throws {
    #expect(try fault(of: Array("GGU".utf8)) == .noLength(byteCount: 3))
    #expect(try fault(of: [0x80, 0x02, 0x8A, 0x0A]) == .noLength(byteCount: 4))
  }

  @Test func `a file is judged by its header before its first bytes are taken for another's`()
    throws
  {
    // A header of 0x04034B50 bytes, whose length reads as the magic of a zip archive.
    let count = 0x0403_4B50
    let header = "{" + String(repeating: " ", count: count - 2) + "}"
    #expect(try fault(of: SafetensorsBuilder.file(header: header)) == nil)
  }
}
