import Foundation
import TestSupport
import Testing

@testable import GGUF

/// The table of types, against what ggml and the gguf package have.
struct GGUFTensorTypeTests {
  private struct Source: Decodable {
    let version: String
    let types: [Row]
    let values: [[Number]]?
  }

  /// Number, name, elements and bytes of a block.
  private struct Row: Decodable, Equatable {
    let code: UInt32
    let name: String
    let elementCount: Int
    let byteCount: Int

    init(from decoder: any Decoder) throws {
      var fields = try decoder.unkeyedContainer()
      code = try fields.decode(UInt32.self)
      name = try fields.decode(String.self)
      elementCount = try fields.decode(Int.self)
      byteCount = try fields.decode(Int.self)
    }
  }

  /// A number, or a name.
  private struct Number: Decodable {
    let value: UInt32?

    init(from decoder: any Decoder) throws {
      value = try? decoder.singleValueContainer().decode(UInt32.self)
    }
  }

  private func source(_ name: String) throws -> Source {
    let data = Data(try Fixtures.bytes("vectors/ggml_types.json"))
    return try #require(try JSONDecoder().decode([String: Source].self, from: data)[name])
  }

  @Test func `each type of ggml has its number, name and block, and there are no others`() throws {
    let ggml = try source("ggml")
    #expect(ggml.version.hasPrefix("0.25."))
    for row in ggml.types where row.byteCount > 0 {
      let type = GGUFTensorType(code: row.code)
      #expect(type.description == row.name && type.code == row.code)
      #expect(type.block?.elementCount == row.elementCount, "\(row.name)")
      #expect(type.block?.byteCount == row.byteCount, "\(row.name)")
    }
    let known = ggml.types.filter { $0.byteCount > 0 }.map(\.code)
    #expect(GGUFTensorType.known.keys.sorted() == known)
  }

  @Test func `what ggml has removed is named, and its size is not known`() throws {
    let removed = try source("ggml").types.filter { $0.byteCount == 0 }
    for row in removed {
      let type = GGUFTensorType(code: row.code)
      #expect(type.description == "type \(row.code) (\(row.name)), removed")
      #expect(type.block == nil)
      #expect(try type.byteCount(ofElements: 256) == nil)
    }
    #expect(GGUFTensorType.removed.keys.sorted() == removed.map(\.code))
  }

  @Test func `a number that is neither is a type of which only the number is known`() throws {
    for code in [43, 97, 1000, UInt32.max] {
      let type = GGUFTensorType(code: code)
      #expect(type.description == "type \(code), unknown")
      #expect(type.code == code && type.block == nil)
    }
  }

  @Test func `the package has the same types, except for a size that it has wrong`() throws {
    for row in try source("gguf").types {
      let type = GGUFTensorType(code: row.code)
      #expect(type.description == row.name)
      #expect(type.block?.elementCount == row.elementCount)
      // 0.19.0 counts two scales of binary32, where ggml has two of binary16; no file has such blocks.
      #expect(type.block?.byteCount == (row.name == "Q8_1" ? 36 : row.byteCount), "\(row.name)")
    }
  }

  @Test func `the kinds of values are the package's`() throws {
    let codes = try #require(try source("gguf").values).compactMap { $0.first?.value }
    #expect(codes.count == 13)
    for code in codes { #expect(GGUFValueKind(rawValue: code) != nil) }
    #expect(GGUFValueKind(rawValue: 13) == nil)
  }

  @Test func `rows are counted in blocks`() throws {
    #expect(try GGUFTensorType(code: 12).byteCount(ofElements: 512) == 288)
    #expect(throws: (any Error).self) {
      try GGUFTensorType(code: 28).byteCount(ofElements: .max)
    }
  }
}
