/// Which of the names along an axis are written.
enum Thinning {
  /// The indices of the names that have room, in even distances.
  ///
  /// Of counting numbers, those are written that are round. Names are `slot` points apart, and a
  /// name is given at most `room` points.
  static func indices(of names: [String], slot: Double, room: Double) -> [Int] {
    let least = Int(((room + 5) / max(slot, 1e-3)).rounded(.up))
    guard least > 1 else { return Array(names.indices) }
    let step = round(least)
    let numbers = counted(names)
    let indices = names.indices.filter { (numbers?[$0] ?? $0).isMultiple(of: step) }
    // Fewer numbers than a step may hold no round one.
    return indices.isEmpty ? Array(names.indices.prefix(1)) : indices
  }

  /// The numbers of names that count up by one; nil of others.
  static func counted(_ names: [String]) -> [Int]? {
    let numbers = names.compactMap { Int($0) }
    let isCount = zip(numbers, numbers.dropFirst()).allSatisfy { $0 < .max && $1 == $0 + 1 }
    return isCount && numbers.count == names.count ? numbers : nil
  }

  /// The least of 1, 2, 5, 10, 20 … that is at least a number.
  private static func round(_ number: Int) -> Int {
    var power = 1
    while power * 10 < number { power *= 10 }
    return [1, 2, 5].map { $0 * power }.first { $0 >= number } ?? power * 10
  }
}
