import Archive
import Conversion
import Evaluation
import Export
import FileAccess
import GGUF
import HuginnModel
import Inference
import Models
import PackFormat
import Report
import Safetensors
import Signing
import TestSupport
import Testing

@testable import muninn

/// What `--json` calls the errors of all modules: one cause has one code, however deep it lies.
struct ErrorCodeTests {
  private static let cause = FileError.exists(path: "pack")

  /// The errors that have a case for a file's.
  private static let layers: [any LayeredError.Type] = [
    ArchiveError.self, BundleError.self, ConversionError.self, EvaluationFileError.self,
    EvaluationInputError.self, ExportError.self, GGUFError.self, LogitsError.self,
    GGUFFault.self, HeaderFault.self, InferenceError.self, KeyError.self, ModelError.self,
    PackError.self, ReadingError.self, SafetensorsError.self, SigningError.self,
    TraceDirectoryError.self,
  ]

  /// An error of each case that stands for one of them, with a file's beneath.
  private static let nested: [any LayeredError] = [
    ArchiveError.pack(.file(cause)),
    ConversionError.model(.file(cause)), ConversionError.pack(.file(cause)),
    EvaluationInputError.model(.file(cause)),
    ExportError.gguf(.file(cause)), ExportError.model(.pack(.file(cause))),
    ExportError.pack(.file(cause)), ExportError.shard(.file(cause)),
    InferenceError.model(.file(cause)),
    LogitsError.model(.file(cause)), LogitsError.safetensors(.file(cause)),
    ModelError.pack(.file(cause)),
    SigningError.key(.file(cause)),
  ]

  /// The cases of all error enums in the sources, as `Type.case`, with what one has within.
  private func payloads() throws -> [String: String] {
    var payloads: [String: String] = [:]
    for text in try ProjectFiles.texts(under: "Sources", ending: ".swift").values {
      var type: Substring?
      for line in text.split(separator: "\n") {
        if let match = line.prefixMatch(
          of: #/(?:public |package )?enum (\w+)(?:<.*>)?: \w*Error\b/#)
        {
          type = match.1
        } else if line == "}" {
          type = nil
        } else if let type, let match = line.wholeMatch(of: #/  case (\w+)\((\w+)\)/#) {
          payloads["\(type).\(match.1)"] = String(match.2)
        }
      }
    }
    return payloads
  }

  @Test func `no error enum that has a file's error is left out`() throws {
    let found = try payloads().filter { $0.value == "FileError" }
    let layers = Set(Self.layers.map { String("\($0)".prefix { $0 != "<" }) + ".file" })
    #expect(found.keys.sorted() == layers.sorted())
  }

  @Test func `no case that stands for another layer's error is left out`() throws {
    let names = Set(Self.layers.map { "\($0)" } + ["GGUFError", "SafetensorsError"])
    let found = try payloads().filter { names.contains($0.value) }
    let nested = try Self.nested.map { error in
      let name = try #require(Mirror(reflecting: error).children.first?.label)
      return "\(type(of: error)).\(name)"
    }
    #expect(found.keys.sorted() == nested.sorted())
  }

  @Test func `a file's error has the code file, whatever layer throws it`() {
    let errors = Self.layers.map { $0.file(Self.cause) as any Error } + Self.nested
    for error in errors + [Self.cause] {
      let failure = Failure(error)
      #expect(failure.code == "file", "\(type(of: error))")
      #expect(failure.message?.hasPrefix("\(Self.cause)") == true)
      #expect(failure.exitStatus == 1)
    }
  }

  @Test func `a stop that was asked for is an interruption, whatever layer throws it`() {
    let types = Self.layers.compactMap { $0 as? any CancellableError.Type }
    #expect(types.count == 7)
    let errors: [any Error] = types.map { $0.cancelled } + [InferenceError.model(.cancelled)]
    for error in errors {
      #expect(Failure(error).code == "interrupted", "\(type(of: error))")
    }
  }

  @Test func `a refused model brings its errors along, whatever layer throws it`() {
    let findings = [
      Diagnostic(.configMissing, subject: "config.json", hint: ""),
      Diagnostic(.headEqual, subject: "lm_head.weight", hint: ""),
    ]
    let refused = ModelError.refused(path: "checkpoint", findings)
    let errors: [any Error] = [
      refused, ConversionError.model(refused), ExportError.model(refused),
      InferenceError.model(refused),
    ]
    for error in errors {
      let failure = Failure(error)
      #expect(failure.code == "refused", "\(type(of: error))")
      #expect(failure.findings == [findings[0]])
    }
  }

  @Test func `what breaks a rule is refused`() {
    let errors: [any Error] = [
      PackError.noManifest(path: "pack"), ModelError.noWeights(path: "checkpoint"),
      ArchiveError.notAnArchive(path: "pack.zst"), InferenceError.emptyPrompt,
      ExportError.pack(.noManifest(path: "pack")), KeyError.notPEM(path: "key"),
      GGUFError.malformed(path: "model.gguf", fault: .magic),
    ]
    for error in errors { #expect(Failure(error).code == "refused", "\(error)") }
  }
}
