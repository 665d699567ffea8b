import CMuninnMath

/// A plane about the place where a path settles.
///
/// Directions from there are true. Distances are linear up to a radius, the core, and logarithmic
/// beyond: so a path that comes nearer by a factor at every step has even steps, whose first does
/// not dwarf the rest, and an orbit about its end, which lies in the core, has its true shape.
struct SettlingPlane: Sendable {
  /// The mean of the last quarter of the path.
  let center: Drawing.Point
  /// The distance up to which distances are linear: the last quarter lies within it.
  let core: Double
  /// The largest distance.
  let reach: Double

  /// The most by which the core is smaller than the largest distance: what is nearer to the end is
  /// the rounding of the states.
  private static let depth = 1e6

  /// The plane of a path, with others that are drawn on it.
  init(of path: [Drawing.Point], with others: [Drawing.Point] = []) {
    let tail = path.filter(Self.isSane).suffix(max(1, path.count / 4))
    let count = Double(max(1, tail.count))
    let center = Drawing.Point(
      tail.reduce(0) { $0 + $1.x } / count, tail.reduce(0) { $0 + $1.y } / count)
    func distances(_ points: some Sequence<Drawing.Point>) -> [Double] {
      points.filter(Self.isSane).map { Self.distance($0, center) }.filter { $0 > 1e-150 }
    }
    let all = distances(path) + distances(others)
    let reach = all.max() ?? 0
    // A path of which the end is one point is drawn down to what is nearest to it.
    let settled = distances(tail).max() ?? all.min() ?? 1
    self.center = center
    self.reach = reach
    core = Self.roundedUp(max(settled, reach / Self.depth))
  }

  /// Whether a point has a place.
  private static func isSane(_ point: Drawing.Point) -> Bool {
    point.x.magnitude < 1e150 && point.y.magnitude < 1e150
  }

  private static func distance(_ point: Drawing.Point, _ other: Drawing.Point) -> Double {
    let (x, y) = (point.x - other.x, point.y - other.y)
    return (x * x + y * y).squareRoot()
  }

  /// Whether all points are in the core.
  var isLinear: Bool { reach <= core }

  /// How far from the centre a distance is drawn, in radii of the core.
  func radius(of distance: Double) -> Double {
    distance <= core ? distance / core : 1 + log(distance / core)
  }

  /// Where a point is drawn, from the centre in radii of the core, y upwards; nil of one that has
  /// no place.
  func place(_ point: Drawing.Point) -> Drawing.Point? {
    guard Self.isSane(point) else { return nil }
    let distance = Self.distance(point, center)
    guard distance > 0 else { return .init(0, 0) }
    let scale = radius(of: distance) / distance
    return .init((point.x - center.x) * scale, (point.y - center.y) * scale)
  }

  /// The distances that are marked up to one: the core, and powers of ten beyond.
  func marks(upTo radius: Double) -> [Double] {
    let first = Int(log10(core).rounded(.down)) + 1
    let powers = (first...first + 40).lazy.map { Self.power($0) }
    return [core] + powers.filter { $0 > core * 1.5 }.prefix { self.radius(of: $0) <= radius }
  }

  /// The least of 1, 2, 5, 10 times a power of ten that is at least a value.
  private static func roundedUp(_ value: Double) -> Double {
    let power = Int(log10(value).rounded(.down))
    let least = value * (1 - 1e-9)
    return [1.0, 2, 5].map { $0 * Self.power(power) }.first { $0 >= least } ?? Self.power(power + 1)
  }

  /// A power of ten, exact where it or its reciprocal is.
  private static func power(_ exponent: Int) -> Double {
    exponent < 0 ? 1 / pow(10, Double(-exponent)) : pow(10, Double(exponent))
  }
}
