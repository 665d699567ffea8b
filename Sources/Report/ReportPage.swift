public import Evaluation
public import FileAccess
import HuginnModel
public import PackFormat
import Presentation
import Tensors

/// A page about a pack: its contents, its rounding errors, and their effect on the model.
///
/// It is self-contained: no scripts, no fonts, no requests. The same inputs give the same bytes.
public struct ReportPage: Sendable {
  let name: String
  let manifest: Manifest
  let evaluation: EvaluationRecord?
  let trace: LatentTrace?

  /// A page.
  ///
  /// - Parameters:
  ///   - name: the name of the pack.
  ///   - manifest: the manifest of the pack.
  ///   - evaluation: the effect on the model, if it was measured.
  ///   - trace: the latent trajectories, if they were traced.
  public init(
    name: String, manifest: Manifest, evaluation: EvaluationRecord? = nil,
    trace: LatentTrace? = nil
  ) {
    self.name = name
    self.manifest = manifest
    self.evaluation = evaluation
    self.trace = trace
  }

  /// The beginning of every page, by which a page is recognized.
  private static let opening: HTML = """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="generator" content="muninn report">

    """

  /// Writes the page as a file.
  ///
  /// - Parameters:
  ///   - target: where it is written; it appears complete or not at all.
  ///   - replacing: whether a page that is there is replaced.
  /// - Returns: its bytes.
  /// - Throws: `FileError`.
  public func write(to target: String, replacing: Bool) throws(FileError) -> Int {
    let bytes = Array(html.utf8)
    try PartialFile.write(bytes, to: target, replacing: replacing, kind: Self.kind)
    return bytes.count
  }

  /// A page that was written before.
  private static let kind = OutputKind("a report about a pack") { file throws(FileError) in
    let bytes = Array(opening.text.utf8)
    return try file.read(at: 0, count: min(file.byteCount, bytes.count)) == bytes
  }

  /// The page in HTML.
  public var html: String {
    let page: HTML = """
      \(Self.opening)<meta name="viewport" content="width=device-width, initial-scale=1">
      <meta http-equiv="Content-Security-Policy" \
      content="default-src 'none'; style-src 'unsafe-inline'">
      <title>\(name)</title>
      <style>\(HTML(markup: Drawing.styleSheet() + Self.style))</style>
      </head>
      <body>
      <main>
      <h1>\(name)</h1>
      <p class="lead">\(summary)</p>
      \(HTML(sections))</main>
      </body>
      </html>

      """
    return page.text
  }

  private var sections: [HTML] {
    [sizes, errors] + evaluationSections + (trace.map { [trajectories($0)] } ?? []) + [provenance]
  }

  private var summary: String {
    let layout = manifest.layout
    var text =
      "\(Numbers.bytes(layout.byteCount)) for \(Numbers.grouped(layout.parameterCount)) parameters, "
      + "\(Numbers.fixed(layout.bitsPerWeight, digits: 2)) bits per weight."
    if let last = evaluation?.damage?.byRecurrence.last {
      text +=
        " After \(Numbers.count(last.steps, "recurrence")), its predictions diverge from the "
        + "reference's by \(Numbers.scientific(last.meanDivergence)) nats on average, and its most "
        + "probable token is the same in \(Numbers.percent(last.top1Agreement)) of them."
    }
    return text
  }

  /// Over the charts' variables, which have a light and a dark form.
  ///
  /// Charts are about as wide as they are drawn, at most one and a half times that, and stand
  /// beside each other and beside their table where the window has room for both.
  private static let style = """

    *{box-sizing:border-box}
    body{margin:0;background:var(--chart-background);color:var(--chart-text);\
    font:16px/1.5 system-ui,sans-serif}
    main{max-width:112rem;margin:0 auto;padding:1.5rem clamp(1rem,2.5vw,2rem) 4rem}
    h1{font-size:1.6rem;line-height:1.2;margin:0 0 .5rem;overflow-wrap:anywhere}
    h2{font-size:1.2rem;margin:2.5rem 0 .25rem}
    p{margin:.25rem 0 1rem;max-width:44rem}
    .lead{font-size:1.05rem}
    section>p{color:var(--chart-muted)}
    .row{display:flex;flex-wrap:wrap;align-items:flex-start;gap:1rem 2.5rem}
    .gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,22rem),1fr));\
    gap:1.5rem 2.5rem;margin:0 0 1rem}
    figure{margin:0;flex:1 1 22rem;min-width:0;max-width:41.25rem}
    .wide{flex:0 1 auto;min-width:0;max-width:100%;overflow-x:auto;margin:0 0 1rem}
    details{flex:0 1 auto;min-width:0;max-width:100%}
    details .wide{max-height:28rem;overflow-y:auto}
    @media print{details .wide{max-height:none}}
    table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums}
    caption{text-align:left;font-weight:600;padding:.25rem 0}
    th,td{padding:.25rem .75rem .25rem 0;text-align:left;white-space:nowrap;\
    border-bottom:1px solid var(--chart-grid)}
    th{font-weight:500}
    .number{text-align:right}
    svg{display:block;width:100%;height:auto}
    summary{cursor:pointer;padding:.25rem 0}
    code,pre{font:.8125rem/1.5 ui-monospace,monospace;overflow-wrap:anywhere}
    pre{white-space:pre-wrap;margin:0 0 1rem}

    """
}
