import Presentation

/// Charts of what no one means to draw.
extension Sample {
  static let degenerate = lines + bars + maps + paths + others

  private static let long = String(repeating: "a name that goes on and on ", count: 20)

  private static let lines: [Sample] = {
    let values: [(String, [Double?])] = [
      ("nothing", []), ("one point", [3]), ("zero", [0, 0]), ("equals", [7, 7, 7]),
      ("gaps", [nil, .nan, 1, .infinity, 2]), ("negatives", [-1, -2]),
      ("the largest", [1e308, -1e308, 1e308]),
      ("the smallest", [.leastNonzeroMagnitude, 1e-306, 0]),
      ("everything", [.leastNonzeroMagnitude, 1e308]),
      ("neighbours", [1, 1.0.nextUp, 1.0.nextUp.nextUp]),
      ("close", [99.99991, 99.99993, 99.99997]), ("powers", [1e-200, 1, 1e200]),
    ]
    return [Axis.Scale.linear, .log2, .log10].flatMap { scale in
      values.map { name, y in
        let points = y.enumerated().map { (x: Double($0.offset), y: $0.element) }
        return Sample(
          "line of \(name), \(scale)",
          LineChart(
            title: name, x: Axis("x", scale: scale), y: Axis("y", scale: scale),
            series: [.init("a", points)]
          ).drawing)
      }
    }
  }()

  private static let bars: [Sample] = {
    let counts = [("none", 0, "c"), ("one", 1, "c"), ("many", 500, "c")]
    let others = [("few long", 4, long), ("many long", 500, long), ("some", 25, "stage ")]
    return (counts + others).map { name, count, category in
      Sample(
        "bars: \(name)",
        BarChart(
          title: name, categories: (0..<count).map { category + String($0) }, value: Axis("v"),
          series: [.init("", (0..<count).map { Double($0 % 7 - 2) })]
        ).drawing)
    }
  }()

  private static let maps: [Sample] = {
    let sizes: [(String, Int, Int, Double?)] = [
      ("empty", 0, 0, 1), ("no rows", 0, 4, 1), ("one cell", 1, 1, 0.5), ("no values", 3, 3, nil),
      ("not positive", 2, 2, -1), ("not finite", 2, 2, .nan), ("tall", 150, 2, 1e-9),
      ("wide", 2, 300, 1e300),
    ]
    return sizes.map { name, rows, columns, value in
      Sample(
        "map: \(name)",
        HeatMap(
          title: name, rows: ("r", (0..<rows).map(String.init)),
          columns: ("c", (0..<columns).map(String.init)),
          values: Array(repeating: Array(repeating: value, count: columns), count: rows),
          value: Axis("v", scale: .log10)
        ).drawing)
    }
  }()

  private static let paths: [Sample] = {
    let points: [(String, [(recurrence: Int, x: Double, y: Double)])] = [
      ("nothing", []), ("one point", [(0, 3, 4)]), ("no place", [(0, .nan, .infinity)]),
      ("upright", [(0, 1, 1), (1, 1, 2), (2, .nan, 1), (3, 1, 9)]),
      ("huge", [(.min, -1e308, 1e308), (.max, 1e308, 1e149)]),
      ("crowded", (0..<200).map { ($0, Double($0 % 3), Double($0 % 5)) }),
    ]
    return points.map { name, points in
      Sample(
        "path: \(name)",
        TrajectoryPlot(
          title: name, xTitle: "x", yTitle: "y", paths: [.init("a", points), .init("b", points)]
        ).drawing)
    }
  }()

  private static let others = [
    Sample(
      "long names",
      LineChart(
        title: long, x: Axis(long), y: Axis(long),
        series: (0..<30).map { .init("\($0) \(long)", [(0, 1), (1, Double($0))]) }
      ).drawing),
    Sample(
      "values that are missing",
      BarChart(
        title: "", categories: ["a", "b", "c"], value: Axis("", scale: .log10),
        series: [.init("one", [1]), .init("two", [.nan, nil, 0, 7, 8])]
      ).drawing),
    Sample(
      "no size",
      LineChart(
        title: "t", x: Axis("x"), y: Axis("y"), series: [.init("a", [(1, 2), (2, 3)])],
        width: .nan, height: -5
      ).drawing),
  ]
}
