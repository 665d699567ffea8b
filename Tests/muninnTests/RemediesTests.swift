import Evaluation
import Export
import FileAccess
import HuginnModel
import Inference
import Models
import PackFormat
import Signing
import TestSupport
import Testing

@testable import muninn

/// Verbs and options are the command's: libraries do not know them, and the command adds them.
struct RemediesTests {
  /// Text that is no remedy: what stands in every archive, and the variables of a style sheet.
  private static let others = [
    "'muninn unarchive' restores the file", "--chart-",
  ]

  @Test func `no library names a verb or an option`() throws {
    for (path, text) in try ProjectFiles.texts(under: "Sources", ending: ".swift")
    where !path.hasPrefix("muninn/") {
      for line in text.split(separator: "\n") where !line.contains("///") {
        guard line.contains(#/"[^"]*(--[a-z]|'muninn )/#) else { continue }
        #expect(Self.others.contains { line.contains($0) }, "\(path): \(line)")
      }
    }
  }

  private static let fault = PackFault.unexpectedFile(name: "x")
  private static let remedies: [(any Error, String)] = [
    (FileError.exists(path: "a"), "choose another name, or replace it with --force"),
    (SigningError.file(.exists(path: "a")), "replace it with --force"),
    (FileError.notReplaced(path: "a", found: "is not a picture"), "choose another name"),
    (PackError.faulty(path: "a", fault), "'muninn verify' lists every fault"),
    (PackError.companionKept(path: "a", name: "b"), "move it elsewhere, or add --drop-companions"),
    (ModelError.refused(path: "a", []), "'muninn validate' explains each"),
    (
      ModelError.form(path: "a", .checkpoint, wanted: "a pack"),
      "'muninn convert' makes a pack of it"
    ),
    (
      ExportError.noCodes(scheme: "w8a8", convertTo: "int8:row"),
      "convert the checkpoint with --weights int8:row and export that"
    ),
    (InferenceError.noTokenizer, "give token ids with --tokens"),
    (PartialEvaluationError.misfit, "start over with --force"),
    (EvaluationRecordError.incomplete, "'muninn eval' resumes it"),
  ]

  @Test func `an error is followed by what to do, however deep it lies`() {
    for (error, remedy) in Self.remedies {
      #expect(Remedies.sentence(for: error) == "\(error); \(remedy)")
    }
    let deep = InferenceError.model(.pack(.faulty(path: "a", Self.fault)))
    #expect(
      Remedies.sentence(for: deep).hasSuffix("'muninn verify' lists every fault"))
    #expect(Remedies.sentence(for: FileError.notFound(path: "a")) == "'a' does not exist")
  }

  @Test func `the hint of a finding ends with the option that serves it`() {
    func hint(_ code: DiagnosticCode, _ subject: String) -> String {
      Remedies.hint(of: Diagnostic(code, subject: subject, hint: "a hint"))
    }
    #expect(hint(.fileIgnored, "model.fp16.safetensors") == "a hint; --variant fp16 reads it")
    #expect(hint(.fileIgnored, "extra.safetensors") == "a hint")
    #expect(hint(.variantUndecided, "checkpoint") == "a hint; --variant chooses one")
    #expect(
      hint(.headDifferent, "lm_head.weight") == "a hint; convert --ignore-stored-head drops it")
  }
}
