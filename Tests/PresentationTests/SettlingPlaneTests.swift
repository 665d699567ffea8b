import Testing

@testable import Presentation

struct SettlingPlaneTests {
  /// A far start, and an end that goes to and fro about (10, 20).
  private let plane = SettlingPlane(
    of: [.init(310, 420), .init(10, 20), .init(10, 21), .init(11, 20), .init(10, 19)]
      + [.init(10.3, 20.4), .init(9.7, 19.6), .init(10, 20)])

  @Test func `the last quarter is the centre and decides the core`() {
    let ended = SettlingPlane(of: [.init(9, 9), .init(0, 0), .init(0, 0), .init(2, 0)])
    #expect(ended.center == .init(2, 0))
    let swinging = SettlingPlane(
      of: [.init(300, 400), .init(0, 0), .init(9, 9), .init(8, 1), .init(3, 3), .init(1, 1)]
        + [.init(-3, 0), .init(3, 0)])
    #expect(swinging.center == .init(0, 0))
    #expect(swinging.core == 5 && swinging.reach == 500)
  }

  @Test func `distances are linear in the core and ratios beyond, without a step between`() {
    let core = plane.core
    #expect(plane.radius(of: core / 2) == 0.5 && plane.radius(of: core) == 1)
    #expect((plane.radius(of: core * 1.000_001) - 1.000_001).magnitude < 1e-9)
    let factor = plane.radius(of: core * 20) - plane.radius(of: core * 2)
    #expect((plane.radius(of: core * 200) - plane.radius(of: core * 20) - factor).magnitude < 1e-9)
  }

  @Test func `directions are true`() throws {
    let (x, y) = (plane.center.x, plane.center.y)
    for (right, up) in [(3.0, 4.0), (-300, 400), (1e-9, 0), (0, -1e9)] {
      let place = try #require(plane.place(.init(x + right, y + up)))
      #expect((place.x * up - place.y * right).magnitude <= 1e-6 * (right * right + up * up))
      #expect(place.x * right + place.y * up > 0)
    }
    #expect(plane.place(plane.center) == .init(0, 0))
    #expect(plane.place(.init(.nan, 0)) == nil && plane.place(.init(1e200, 0)) == nil)
  }

  @Test func `the core and powers of ten beyond are marked`() {
    let path = [0.7, 0.2, 0.1, 0.05, -0.003, 0.003].map { Drawing.Point($0, 0) }
    let plane = SettlingPlane(of: path + [.init(-0.003, 0), .init(0.003, 0)])
    #expect(plane.core == 0.005)
    #expect(plane.marks(upTo: plane.radius(of: 1)) == [0.005, 0.01, 0.1, 1])
    #expect(plane.marks(upTo: 1) == [0.005])
  }

  @Test func `what is below the rounding of states is not spread out`() {
    let path = [.init(7, 0)] + (1...11).map { Drawing.Point($0 % 2 == 0 ? 1e-12 : -1e-12, 0) }
    #expect(SettlingPlane(of: path).core == 1e-5)
  }

  @Test func `a path of one place has a plane`() {
    let paths: [[Drawing.Point]] = [[], [.init(3, 4), .init(3, 4)], [.init(.nan, 0)]]
    for path in paths {
      let plane = SettlingPlane(of: path)
      #expect(plane.core == 1 && plane.isLinear)
    }
  }
}
