import Foundation
import Testing

@testable import Evaluation

struct MotionTests {
  private func motion(_ state: (Double) -> [Double]) -> Motion {
    Motion((0...64).map { state(Double($0)).map { Float($0) } })
  }

  @Test func `a state that nears a point converges`() {
    let spiral = motion { [10 + pow(0.7, $0) * cos($0), 5 + pow(0.7, $0) * sin($0), 1] }
    #expect(spiral.kind == .converging)
    #expect(spiral.finalStep < 1e-4)
    #expect(spiral.decay < 0.1)
    #expect(motion { _ in [1, 2, 3] }.kind == .converging)
  }

  @Test func `a state on a circle orbits, and the period is found`() throws {
    let circle = motion { [cos(2 * .pi * $0 / 7), sin(2 * .pi * $0 / 7), 2] }
    #expect(circle.kind == .orbiting)
    #expect(circle.period == 7)
    #expect(try #require(circle.recurrenceError) < 1e-5)
    #expect(circle.straightness < 0.2)
    #expect(abs(circle.decay - 1) < 1e-5)
  }

  @Test func `a state on a line drifts`() {
    let line = motion { [1 + 0.5 * $0, 2 - 0.1 * $0, 0.01 * sin($0)] }
    #expect(line.straightness > 0.99)
    #expect(line.kind == .drifting)
  }

  @Test func `zeros move nowhere`() {
    let still = motion { _ in [0, 0] }
    #expect(still.kind == .converging)
    #expect(still.steps.allSatisfy { $0 == 0 })
    #expect(still.period == nil)
  }
}

struct PrincipalComponentsTests {
  @Test func `the directions of most variance come first, with their shares`() {
    let root = Float(0.5).squareRoot()
    // 3 along (1, 1, 0), 1 along (0, 0, 1).
    let rows: [[Float]] = [
      [3 * root, 3 * root, 0], [-3 * root, -3 * root, 0], [0, 0, 1], [0, 0, -1],
    ]
    let components = PrincipalComponents(rows, count: 6)
    #expect(components.directions.count == 2)
    #expect(abs(components.explained[0] - 0.9) < 1e-6)
    #expect(abs(components.explained[1] - 0.1) < 1e-6)
    #expect(abs(components.directions[0][0] - 0.5.squareRoot()) < 1e-6)
    #expect(abs(components.directions[1][2] - 1) < 1e-6)
    #expect(zip(components.project([root, root, 2]), [1, 2]).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test func `constant states have no direction`() {
    #expect(PrincipalComponents([], count: 3).directions.isEmpty)
    #expect(PrincipalComponents([[0, 0], [0, 0]], count: 3).directions.isEmpty)
  }
}
