import Evaluation
import Foundation
#if canImport(FoundationXML)
import FoundationXML
#endif
import HuginnModel
import Integrity
import PackFormat
import StrictJSON
import TestSupport
import Testing

@testable import Report

struct ReportPageTests {
  private let manifest: Manifest

  init() throws {
    manifest = try Pack.readManifest(ofPack: Fixtures.path("expected/huginn-nano-int8.muninn"))
  }

  private func record() throws -> EvaluationRecord {
    let depth = """
      {"steps": 2, "reference": {"nll": 1, "perplexity": 2.7}, "pack": {"nll": 1.5, \
      "perplexity": 4.4}, "kl": {"mean": 0.25, "p99": 0.5, "max": 2}, "top1_agreement": 0.9, \
      "top5_agreement": 0.8, "latent_error": 0.125, "trajectory_cosine": 0.75}
      """
    let latent = """
      {"recurrence": 1, "latent_error": 0.1, "trajectory_cosine": 0.9, "reference_movement": 0.5}
      """
    let tally = #"{"distribution": [1, 3], "mean_steps": 1.75, "nll": 1, "perplexity": 2.7}"#
    let text = """
      {"evaluation": 1, "complete": true, "inputs": {"text": "<b>"}, "predictions": 1234, \
      "by_recurrence": [\(depth)], "latents": [\(latent)], "ablation": {"by": "stage", \
      "predictions": 10, "parts": [{"part": "core<&>", "parameters": 5, \
      "by_recurrence": [\(depth)], "latents": [\(latent)]}]}, "exit_shift": {"criterion": "kl:0.001", \
      "same_steps": 3, "reference": \(tally), "pack": \(tally)}, "questions": [{"steps": 2, \
      "count": 4, "reference": {"right": 3}, "pack": {"right": 2}, "same_answers": 3, "gained": 0, \
      "lost": 1}]}
      """
    return try EvaluationRecord(parsing: Array(text.utf8))
  }

  private func headings(_ page: String) -> [Substring] {
    page.split(separator: "<h2>").dropFirst().compactMap { $0.split(separator: "</h2>").first }
  }

  @Test func `a pack alone has its sizes, its errors and where it comes from`() {
    let page = ReportPage(name: "nano", manifest: manifest).html
    #expect(headings(page) == ["Size", "Error by tensor", "Provenance"])
    #expect(page.contains(manifest.digest.description))
    for tensor in manifest.layout.tensors where tensor.tensor.kind == .matrix {
      #expect(page.contains(tensor.tensor.name))
    }
    #expect(page == ReportPage(name: "nano", manifest: manifest).html)
  }

  @Test func `each part of an evaluation has a section`() throws {
    let page = ReportPage(name: "nano", manifest: manifest, evaluation: try record()).html
    #expect(
      headings(page) == [
        "Size", "Error by tensor", "Damage by recurrence", "Where the damage comes from",
        "Adaptive exit", "Answers", "Provenance",
      ])
    #expect(page.contains("1,234 predictions"))
    #expect(page.contains("75.00 %"))
    #expect(page.contains("core&lt;&amp;&gt;"))
    #expect(!page.contains("core<&>"))
    #expect(page.contains("&lt;b&gt;"))
  }

  @Test func `a name from anywhere is text`() throws {
    let page = ReportPage(name: "<script>'\"&\u{1}", manifest: manifest).html
    #expect(page.contains("<h1>&lt;script&gt;&#39;&quot;&amp;\u{FFFD}</h1>"))
    #expect(!page.contains("<script"))
    // Text that runs the other way would hide what follows it.
    let turned = ReportPage(name: "a\u{202E}b\u{2067}c", manifest: manifest).html
    #expect(turned.contains("<h1>a\u{FFFD}b\u{FFFD}c</h1>"))
  }

  @Test func `nothing is asked of anyone, and the markup is well formed`() throws {
    let page = ReportPage(name: "nano", manifest: manifest, evaluation: try record()).html
    for request in ["http:", "https:", "src=", "href", "url(", "@import", "<script", "<link"] {
      // A namespace is a name, which nobody opens.
      let opened = page.replacing(#"xmlns="http://www.w3.org/2000/svg""#, with: "")
      #expect(!opened.contains(request), "\(request)")
    }
    // What HTML leaves open is closed for a strict parser of XML.
    let body = page.split(separator: "<body>")[1].split(separator: "</body>")[0]
    let parser = XMLParser(data: Data("<body>\(body)</body>".utf8))
    #expect(parser.parse(), "\(String(describing: parser.parserError)), line \(parser.lineNumber)")
  }
}
