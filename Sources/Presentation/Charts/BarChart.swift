/// Bars of values by category, side by side where there are several series.
///
/// Bars are vertical if the names of the categories fit below them, or if there are very many;
/// otherwise they lie, each name before its bars.
public struct BarChart: Sendable {
  /// A named value for each category.
  public struct Series: Sendable {
    /// What the bars of one colour are called.
    public var name: String
    /// Their values in the order of the categories; one that is nil or not finite has no bar.
    public var values: [Double?]

    /// Values in the order of the categories.
    public init(_ name: String, _ values: [Double?]) {
      self.name = name
      self.values = values
    }
  }

  let title, categoryTitle: String
  let categories: [String]
  let value: Axis
  let series: [Series]
  let width, height: Double

  /// A chart of bars from zero, or on a logarithmic axis from its lower end.
  ///
  /// - Parameters:
  ///   - title: The line above the chart.
  ///   - categories: What the bars are of, in order.
  ///   - categoryTitle: What the categories have in common; may be empty.
  ///   - value: What the bars' lengths are.
  ///   - series: The values, in the order of the legend.
  ///   - width: The width in points; up to 440, the text can be read on a phone.
  ///   - height: The height in points; bars that lie take as much as they need.
  public init(
    title: String, categories: [String], categoryTitle: String = "", value: Axis,
    series: [Series], width: Double = 440, height: Double = 280
  ) {
    self.title = title
    self.categories = categories
    self.categoryTitle = categoryTitle
    self.value = value
    self.series = series
    self.width = width
    self.height = height
  }

  /// The chart as a drawing.
  public var drawing: Drawing {
    var sheet = Sheet(title: title, summary: summary, width: width, height: height)
    if series.count > 1 || series.contains(where: { !$0.name.isEmpty }) {
      sheet.addLegend(series.enumerated().map { ($0.element.name, .area(.series($0.offset))) })
    }
    let slot =
      sheet.plotArea(ruler(values, tickLimit: 6), height: 1).width
      / Double(max(1, categories.count))
    let longest = categories.map { $0.room(size: Sheet.size) }.max() ?? 0
    // Round numbers stand for all of a count; any other name that is left out is missed.
    let named = Thinning.indices(of: categories, slot: slot, room: longest)
    if named.count == categories.count || categories.count > Self.mostLying
      || Thinning.counted(categories) != nil
    {
      drawUpright(on: &sheet)
    } else {
      drawLying(on: &sheet)
    }
    return sheet.drawing
  }

  /// The most categories that are drawn as bars that lie.
  private static let mostLying = 30

  /// The layout of the axis of values, with the foot of the bars.
  func ruler(_ values: [Double], tickLimit: Int) -> Ruler {
    Ruler(value, values + [foot], tickLimit: tickLimit)
  }

  /// The values of all bars.
  var values: [Double] {
    categories.indices.flatMap { bars(of: $0).map(\.value) }
  }

  /// The value at which bars begin: zero, or on a logarithmic axis less than the least.
  var foot: Double {
    value.scale == .linear ? 0 : (values.filter { $0 > 0 }.min() ?? 2) / 2
  }

  /// The values of a category, with the series' indices.
  func bars(of category: Int) -> [(series: Int, value: Double)] {
    series.indices.compactMap { index in
      let values = series[index].values
      guard category < values.count, let value = values[category], value.isFinite else {
        return nil
      }
      return (index, value)
    }
  }

  /// From where to where a bar reaches: its base and its end as parts of the axis.
  func reach(of value: Double, on ruler: Ruler) -> (base: Double, end: Double)? {
    let base = self.value.scale == .linear ? ruler.position(0) ?? 0 : 0
    // On a logarithmic axis, zero is a bar of no length.
    guard let end = ruler.position(value) else { return (base, base) }
    return (base, end)
  }

  func tooltip(_ series: Int, _ category: Int, _ value: Double) -> String {
    let name = self.series[series].name
    return (name.isEmpty ? "" : name + ", ") + categories[category] + ": "
      + TickText.value(value)
  }

  private var summary: String {
    let start = "Bars of \(value.title) for \(Numbers.count(categories.count, "value"))."
    let lines = series.map { line in
      let texts = zip(categories, line.values).prefix(40).map { category, value in
        "\(category) \(value.map(TickText.value) ?? "none")"
      }
      return (line.name.isEmpty ? "" : line.name + ": ") + texts.joined(separator: ", ") + "."
    }
    return ([start] + lines).joined(separator: " ")
  }
}
