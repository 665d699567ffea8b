import FileAccess
import Kernels
import Tensors
import Testing

struct ValueScanTests {
  /// The rule, element by element.
  private struct Expected: Equatable {
    var nonFinite: [Int] = []
    var beyondF16: [Int] = []
    var zeroRows: [Int] = []
    var largest: Float = 0

    init(_ rows: [[Float]]) {
      var element = 0
      for (row, values) in rows.enumerated() {
        if values.allSatisfy({ $0 == 0 }) { zeroRows.append(row) }
        for value in values {
          if value.isNaN || value.isInfinite {
            nonFinite.append(element)
          } else {
            largest = max(largest, abs(value))
            if abs(value) >= 65520 { beyondF16.append(element) }
          }
          element += 1
        }
      }
    }
  }

  private func scan(_ rows: [[Float]]) -> ValueScan {
    var scan = ValueScan()
    for row in rows { scan.add(row.span.rawBytes, of: .f32) }
    return scan
  }

  private func check(
    _ rows: [[Float]], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let (found, expected) = (scan(rows), Expected(rows))
    #expect(found.nonFinite.count == expected.nonFinite.count, sourceLocation: sourceLocation)
    #expect(found.nonFinite.first == expected.nonFinite.first, sourceLocation: sourceLocation)
    #expect(found.beyondF16.count == expected.beyondF16.count, sourceLocation: sourceLocation)
    #expect(found.beyondF16.first == expected.beyondF16.first, sourceLocation: sourceLocation)
    #expect(found.zeroRows.count == expected.zeroRows.count, sourceLocation: sourceLocation)
    #expect(found.zeroRows.first == expected.zeroRows.first, sourceLocation: sourceLocation)
    #expect(found.largest == expected.largest, sourceLocation: sourceLocation)
  }

  @Test func `nothing scanned has no finding, and is not all zero`() {
    #expect(scan([]) == ValueScan())
    #expect(!ValueScan().isAllZero)
    #expect(ValueScan().largest == 0)
  }

  @Test(arguments: edgeCounts.filter { $0 > 0 })
  func `rows of values of any magnitude follow the rule`(count: Int) {
    check((0..<9).map { anyFiniteValues(count, seed: UInt64($0)) })
  }

  @Test(arguments: edgeCounts.filter { $0 > 0 })
  func `an intruder is found at every index, counted over all rows`(count: Int) {
    let intruders: [Float] = [
      .nan, -.nan, .signalingNaN, .infinity, -.infinity, 65520, -65520, .greatestFiniteMagnitude,
    ]
    for index in 0..<count {
      var rows = [[Float]](repeating: [Float](repeating: 1, count: count), count: 3)
      rows[1][index] = intruders[index % intruders.count]
      rows[2][count - 1 - index] = intruders[(index + 1) % intruders.count]
      check(rows)
    }
  }

  @Test func `a value is beyond binary16 from where it rounds to infinity`() {
    let below = Float(65520).nextDown
    #expect(scan([[below, -below]]).beyondF16 == ValueScan().beyondF16)
    #expect(scan([[below, -below]]).largest == below)
    let scan = scan([[1], [below], [-65520], [1e30]])
    #expect(scan.beyondF16.count == 2)
    #expect(scan.beyondF16.first == 2)
    #expect(scan.largest == 1e30)
  }

  @Test func `what is not finite is neither beyond binary16 nor the largest`() {
    let scan = scan([[3, .infinity, -.nan, -4]])
    #expect(scan.nonFinite.count == 2)
    #expect(scan.nonFinite.first == 1)
    #expect(scan.beyondF16.count == 0)
    #expect(scan.largest == 4)
    #expect(scan.zeroRows.count == 0)
  }

  @Test func `zeros of either sign make a zero row, the least subnormal does not`() {
    let least = Float.leastNonzeroMagnitude
    let scan = scan([[0, -least], [0, -0.0], [least, 0], [0, 0]])
    #expect(scan.zeroRows.count == 2)
    #expect(scan.zeroRows.first == 1)
    #expect(!scan.isAllZero)
    #expect(scan.largest == least)
  }

  @Test func `only zero rows and nothing else is all zero`() {
    #expect(scan([[0, 0], [-0.0, 0]]).isAllZero)
    #expect(!scan([[0, 0], [0, .nan]]).isAllZero)
    #expect(!scan([[0, 1], [0, 0]]).isAllZero)
  }

  @Test func `scans of parts add up to the scan of the whole`() {
    let rows: [[Float]] = [[1, 2], [0, 0], [.nan, 1e5], [0, 0], [7, -65520], [3, .infinity]]
    let whole = scan(rows)
    for cut in 0...rows.count {
      var sum = scan(Array(rows[..<cut]))
      sum.add(scan(Array(rows[cut...])))
      #expect(sum == whole)
    }
  }
}
