import Evaluation
import HuginnModel
import Integrity
import Kernels
import PackFormat
import Presentation
import StrictJSON
import Tensors

extension ReportPage {
  /// What the stages take.
  var sizes: HTML {
    let segments = manifest.layout.segments
    let rows = segments.map { segment in
      [
        segment.stage.rawValue, Numbers.bytes(segment.byteCount),
        Numbers.grouped(segment.parameterCount), Numbers.fixed(segment.bitsPerWeight, digits: 2),
        segment.matrixEncodings.map { "\($0)" }.joined(separator: ", "),
      ]
    }
    let chart = BarChart(
      title: "Size by stage", categories: segments.map(\.stage.rawValue),
      value: Axis("megabytes", including: 0...0),
      series: [.init("bytes", segments.map { Double($0.byteCount) / 1e6 })])
    return .section(
      "Size",
      "Bits per weight include the segment's header, scales and alignment. The core is read once "
        + "for every recurrence of every token, so an engine should keep it in memory.",
      [
        .row([
          .figure(chart.drawing),
          .table(
            "Stages", ["stage", "size|", "parameters|", "bits per weight|", "encodings"], rows),
        ])
      ])
  }

  /// What encoding did to each tensor.
  var errors: HTML {
    let tensors = zip(manifest.layout.tensors, manifest.tensors).filter {
      $0.0.tensor.kind == .matrix
    }
    var rows: [String] = []
    var columns: [String] = []
    var cells: [String: Double] = [:]
    for (layout, record) in tensors {
      let (row, column) = (layout.tensor.place, layout.tensor.kindName)
      if !rows.contains(row) { rows.append(row) }
      if !columns.contains(column) { columns.append(column) }
      cells["\(row)/\(column)"] = record.error?.signalToNoise
    }
    let map = HeatMap(
      title: "Signal-to-quantization-noise ratio", rows: ("layer", rows),
      columns: ("matrix", columns),
      values: rows.map { row in columns.map { cells["\(row)/\($0)"] } }, value: Axis("dB"))
    let table = tensors.map { layout, record -> [String] in
      let count = layout.tensor.shape.elementCount
      guard let error = record.error else {
        return [layout.tensor.name, "\(layout.encoding)", "exact", "", ""]
      }
      return [
        layout.tensor.name, "\(layout.encoding)",
        error.signalToNoise.map { Numbers.fixed($0, digits: 1) + " dB" } ?? "",
        Numbers.scientific((error.sumSquaredError / Double(max(1, count))).squareRoot()),
        Numbers.scientific(error.maxAbs),
      ]
    }
    return .section(
      "Error by tensor",
      "The power of the weights divided by that of their rounding error; each bit adds 6 dB. A cell "
        + "is empty if there is no such matrix, or if it is stored exactly. Vectors are always exact.",
      [
        .row([
          .figure(map.drawing),
          "<details open=\"\"><summary>All matrices in numbers</summary>\n",
          .table("Matrices", ["tensor", "encoding", "SQNR|", "RMSE|", "largest error|"], table),
          "</details>\n",
        ])
      ])
  }

  /// Where it comes from.
  var provenance: HTML {
    var rows = manifest.sourceFiles.map { Self.row("shard", $0) }
    if let index = manifest.sourceIndex { rows.append(Self.row("index", index)) }
    rows += manifest.sidecars.map { Self.row("sidecar", $0) }
    var content: [HTML] = [
      "<p>Digest <code>\(manifest.digest.description)</code></p>\n",
      "<p>Identity <code>\(manifest.identity.description)</code></p>\n",
      "<p>Written by \(manifest.tool.name) \(manifest.tool.version).</p>\n",
      .table("Source files and sidecars", ["role", "name", "size|", "SHA-256"], rows),
      Self.json("Recipe", manifest.recipe.json),
    ]
    if let evaluation { content.append(Self.json("Evaluated inputs", evaluation.inputs)) }
    return .section(
      "Provenance",
      "The digest covers the manifest, and through it every byte of the pack. Compare it with the "
        + "published one.", content)
  }

  private static func row(_ role: String, _ file: Manifest.File) -> [String] {
    [role, file.name, Numbers.bytes(file.byteCount), file.sha256.description]
  }

  private static func json(_ title: String, _ value: JSONValue) -> HTML {
    let text = String(decoding: value.canonicalBytes, as: UTF8.self)
    return "<h3>\(title)</h3><pre>\(text)</pre>\n"
  }
}

extension ModelTensor {
  /// The row of a matrix in the map.
  fileprivate var place: String {
    if let layer { return "\(stage.rawValue) \(layer)" }
    return stage == .embedding ? stage.rawValue : kindName
  }
}
