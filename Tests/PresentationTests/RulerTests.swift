import Testing

@testable import Presentation

struct RulerTests {
  private func ruler(
    _ values: [Double], _ scale: Axis.Scale = .linear, limit: Int = 6, isRounded: Bool = true
  ) -> Ruler {
    Ruler(Axis("", scale: scale), values, tickLimit: limit, isRounded: isRounded)
  }

  private static let linear: [(values: [Double], labels: [String])] = [
    ([0.0, 1.3], ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0", "1.2", "1.4"]),
    ([0, 412], ["0", "100", "200", "300", "400", "500"]), ([3, 5], ["3", "4", "5"]),
    ([-2, 3.5], ["−2", "−1", "0", "1", "2", "3", "4"]),
    ([7], ["3", "4", "5", "6", "7", "8", "9", "10", "11"]),
    ([0], ["0", "1"]), ([], ["0", "1"]), ([.nan, .infinity], ["0", "1"]),
    ([0.00012, 0.00058], ["0.0001", "0.0002", "0.0003", "0.0004", "0.0005", "0.0006"]),
    (
      [99.99991, 99.99997],
      ["99.99991", "99.99992", "99.99993", "99.99994", "99.99995", "99.99996", "99.99997"]
    ),
    ([0, 25_000], ["0", "5,000", "10,000", "15,000", "20,000", "25,000"]),
    ([0, 3e9], ["0", "5·10⁸", "10⁹", "1.5·10⁹", "2·10⁹", "2.5·10⁹", "3·10⁹"]),
    ([-4e-9, 0], ["−4·10⁻⁹", "−3·10⁻⁹", "−2·10⁻⁹", "−10⁻⁹", "0"]),
  ]

  @Test(arguments: linear)
  func `linear ticks are multiples of 1, 2 or 5`(values: [Double], labels: [String]) {
    #expect(ruler(values).labels == labels)
  }

  private static let logarithmic: [(scale: Axis.Scale, values: [Double], labels: [String])] = [
    (.log2, [1.0, 64], ["1", "2", "4", "8", "16", "32", "64"]),
    (.log2, [1, 1_048_576], ["1", "2⁴", "2⁸", "2¹²", "2¹⁶", "2²⁰"]),
    (.log2, [1, 2.5], ["1", "1.5", "2", "2.5"]), (.log2, [8], ["4", "8", "16"]),
    (.log2, [], ["1", "2"]), (.log2, [0.25, 2], ["0.25", "0.5", "1", "2"]),
    (.log10, [0.02, 30], ["0.1", "1", "10"]), (.log10, [3e-5, 0.04], ["10⁻⁴", "10⁻³", "10⁻²"]),
    (.log10, [2, 30], ["2", "5", "10", "20", "50"]), (.log10, [0.0], ["1", "2", "5", "10"]),
    (.log10, [3, 8], ["3", "4", "5", "6", "7", "8"]),
    (.log10, [1, 9], ["2", "4", "6", "8", "10"]),
    (.log10, [-1, .nan, 1e-200, 1e200], ["10⁻¹³⁴", "10⁻⁶⁷", "1", "10⁶⁷", "10¹³⁴"]),
  ]

  @Test(arguments: logarithmic)
  func `logarithmic ticks are powers, or lie between them`(
    scale: Axis.Scale, values: [Double], labels: [String]
  ) {
    #expect(ruler(values, scale).labels == labels)
  }

  @Test(arguments: [Axis.Scale.linear, .log2, .log10])
  func `ticks rise, lie within the ends, and are few; all values have a place`(scale: Axis.Scale) {
    let ends = [
      -1e289, -7, -1e-300, 0, .leastNonzeroMagnitude, 1e-280, 0.1, 0.3, 1, 1.0.nextUp, 99.999, 100,
      12345.678, 1e17, 1e289, 1e308, .infinity,
    ]
    for low in ends {
      for high in ends {
        for limit in [-3, 0, 1, 6, 30] {
          for isRounded in [true, false] {
            let ruler = ruler([low, high], scale, limit: limit, isRounded: isRounded)
            let context = "\(low), \(high), \(limit), \(isRounded)"
            #expect(ruler.lower < ruler.upper, "\(context)")
            #expect(ruler.ticks.count <= 3 * max(limit, 2) + 3, "\(context)")
            #expect(zip(ruler.ticks, ruler.ticks.dropFirst()).allSatisfy { $0 < $1 }, "\(context)")
            #expect(ruler.labels.count == ruler.ticks.count, "\(context)")
            let places = ruler.ticks.compactMap(ruler.position)
            #expect(places.count == ruler.ticks.count, "\(context)")
            #expect(places.allSatisfy { $0 >= -1e-6 && $0 <= 1 + 1e-6 }, "\(context)")
            for value in [low, high] where value.magnitude < 1e290 && value.magnitude > 1e-290 {
              guard let place = ruler.position(value) else {
                #expect(scale != .linear && value < 0, "\(context)")
                continue
              }
              #expect(place >= -1e-6 && place <= 1 + 1e-6, "\(context)")
            }
          }
        }
      }
    }
  }

  @Test func `positions are even in differences, or in ratios`() {
    let linear = ruler([0, 10])
    #expect([0, 2.5, 10].map(linear.position) == [0, 0.25, 1])
    let powers = ruler([1, 16], .log2)
    #expect([1, 2, 4, 16].map(powers.position) == [0, 0.25, 0.5, 1])
    #expect([0, -1, .nan, .infinity].map(powers.position) == [nil, nil, nil, nil])
    #expect(linear.position(.nan) == nil)
  }

  @Test func `an axis shows what it is told to include`() {
    let axis = Axis("", including: 0...1)
    #expect(Ruler(axis, [0.4, 0.6]).lower == 0)
    #expect(Ruler(axis, [0.4, 1.7]).upper == 2)
    #expect(Ruler(Axis("", scale: .log10, including: 0...1), [0.5]).lower > 0)
    #expect(Ruler(Axis("", including: -(.infinity) ... .infinity), [2, 4]).upper == 4)
  }

  private static let texts: [(value: Double, text: String)] = [
    (0.0, "0"), (1, "1"), (0.5, "0.5"), (12.3456, "12.3"), (99.96, "100"), (1234.5, "1,235"),
    (-0.0123456, "−0.0123"), (0.000123456, "1.23·10⁻⁴"), (999_999.7, "10⁶"), (1e-300, "10⁻³⁰⁰"),
    (-1.5e200, "−1.5·10²⁰⁰"), (.nan, "not a number"), (.infinity, "∞"), (-.infinity, "−∞"),
    (9.996, "10"), (0.99951, "1"), (5e8, "5·10⁸"), (1e308, "10³⁰⁸"),
  ]

  @Test(arguments: texts)
  func `values have three significant digits`(value: Double, text: String) {
    #expect(TickText.value(value) == text)
  }
}
