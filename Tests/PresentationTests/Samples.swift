import Presentation
import Testing

/// A chart by a name that a failing test can show.
struct Sample: CustomTestStringConvertible, Sendable {
  let name: String
  let drawing: Drawing

  var testDescription: String { name }

  init(_ name: String, _ drawing: Drawing) {
    self.name = name
    self.drawing = drawing
  }
}

/// Charts as the project draws them.
extension Sample {
  static let usual = [
    damage, perplexity, sizes, ablation, exits, agreement, distances, trajectory,
  ]

  private static func curve(_ scale: Double, _ rest: Double) -> [(x: Double, y: Double?)] {
    [1.0, 2, 4, 8, 16, 32, 64].map { ($0, scale / $0 + rest) }
  }

  private static let damage = Sample(
    "damage by recurrence",
    LineChart(
      title: "Damage by recurrence", x: Axis("recurrences r", scale: .log2),
      y: Axis("KL divergence from the reference (nats)", scale: .log10),
      series: [
        .init("int8:row", curve(0.04, 0.003)), .init("int8:32", curve(0.01, 0.0006)),
        .init("bf16", curve(0.0006, 0.00002)), .init("f16", curve(0.00006, 0.00002)),
      ]
    ).drawing)

  private static let perplexity = Sample(
    "perplexity",
    LineChart(
      title: "Perplexity by recurrence, on the held-out text of the evaluation",
      x: Axis("recurrences r", scale: .log2), y: Axis("perplexity"),
      series: [
        .init("reference in float32", curve(40, 11.2)),
        .init("core int8:32, the rest bf16", curve(41, 11.4)),
        .init("everything int8:row", curve(50, 12.9)),
      ]
    ).drawing)

  private static let sizes = Sample(
    "size by stage",
    BarChart(
      title: "Size by stage", categories: ["embedding", "prelude", "adapter", "core", "coda"],
      value: Axis("GB"),
      series: [
        .init("bf16", [0.69, 0.76, 0.11, 1.5, 0.76]),
        .init("int8:32", [0.36, 0.4, 0.06, 0.8, 0.4]),
      ]
    ).drawing)

  private static let ablation = Sample(
    "ablation",
    BarChart(
      title: "Ablation: one stage quantized at a time",
      categories: ["all stages int8:row", "core int8:row, rest bf16", "embedding int8:row"],
      value: Axis("KL divergence (nats)", scale: .log10),
      series: [.init("r = 4", [0.012, 0.004, 0.00021]), .init("r = 32", [0.02, 0.011, 0])]
    ).drawing)

  private static let exits = Sample(
    "exits",
    BarChart(
      title: "Recurrences until exit", categories: (1...64).map(String.init),
      categoryTitle: "recurrences", value: Axis("tokens"),
      series: [
        .init("", (1...64).map { step -> Double? in 400 / (1 + (Double(step) - 18).magnitude) })
      ]
    ).drawing)

  private static let agreement = Sample(
    "agreement",
    HeatMap(
      title: "Agreement of the next token", rows: ("recipe", ["bf16", "int8:32", "int8:row"]),
      columns: ("recurrences", ["1", "4", "16", "32"]),
      values: [[100, 99.9, 100, 100], [96, 97.5, nil, 99], [84.7, 90, 95.1, 97]],
      value: Axis("agreement (%)")
    ).drawing)

  private static let distances = Sample(
    "distances",
    HeatMap(
      title: "Distance from the limit", rows: ("token", (0..<20).map { "token \($0)" }),
      columns: ("recurrence", (1...40).map(String.init)),
      values: (0..<20).map { row in
        (1...40).map { column -> Double? in 1 / Double(column * column + row) }
      },
      value: Axis("‖s − s*‖", scale: .log10)
    ).drawing)

  private static let trajectory: Sample = {
    var (x, y) = (80.0, 0.0)
    let path = (0..<33).map { step -> (recurrence: Int, x: Double, y: Double) in
      (x, y) = (0.8 * x - 0.35 * y, 0.35 * x + 0.8 * y)
      return (step, x, 0.7 * y)
    }
    return Sample(
      "trajectory",
      TrajectoryPlot(
        title: "The token “3” on its way", captions: ["Position 12 of the bundled prompt."],
        xTitle: "principal component 1 (62 %)", yTitle: "principal component 2 (21 %)",
        paths: [
          .init("reference", path),
          .init("int8:row", path.map { ($0.recurrence, $0.x * 1.05 + 2, $0.y - 3) }),
        ]
      ).drawing)
  }()
}
