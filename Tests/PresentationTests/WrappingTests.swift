import Testing

@testable import Presentation

struct WrappingTests {
  @Test func `a longer text, and larger or bold type, take more room`() {
    let room = "nnn".room(size: 12)
    #expect(room > 3 * 4 && room < 3 * 12)
    #expect("nnnn".room(size: 12) > room)
    #expect((("nnn".room(size: 24)) - 2 * room).magnitude < 1e-9)
    #expect("nnn".room(size: 12, isBold: true) > room)
    #expect("iii".room(size: 12) < room && "mmm".room(size: 12) > room)
    #expect("日本語".room(size: 12) > room)
  }

  @Test func `text is cut to its width, and marked where it is cut`() {
    #expect("short".cut(to: 100, size: 12) == "short")
    let cut = "a name that goes on".cut(to: 60, size: 12)
    #expect(cut.hasPrefix("a na") && cut.hasSuffix("…") && !cut.contains(" …"))
    #expect(cut.room(size: 12) <= 60)
    #expect("word".cut(to: 1, size: 12) == "")
    #expect("a\u{1B}[31mb".cut(to: 200, size: 12) == "a\\u{1b}[31mb")
  }

  @Test func `words fill lines, of which the last is cut`() {
    let text = "the state spirals into a fixed point"
    let lines = text.wrapped(to: 100, size: 12, limit: 9)
    #expect(lines.count > 1 && lines.joined(separator: " ") == text)
    #expect(lines.allSatisfy { $0.room(size: 12) <= 100 })
    let two = text.wrapped(to: 100, size: 12, limit: 2)
    #expect(two.count == 2 && two[0] == lines[0] && two[1].hasSuffix("…"))
    #expect("".wrapped(to: 100, size: 12, limit: 2) == [])
    #expect("unbreakableunbreakable".wrapped(to: 60, size: 12, limit: 2).count == 1)
  }

  private static let thinned: [(names: [String], slot: Double, indices: [Int])] = [
    (["a", "b", "c", "d"], 40, [0, 1, 2, 3]), (["a", "b", "c", "d"], 16, [0, 2]),
    (["8", "9", "10", "11", "12"], 16, [0, 2, 4]), (["9", "10", "11", "12"], 16, [1, 3]),
    (["9", "10", "11", "12"], 2, [0]), (["1", "2", "3"], 0, [0]), ([], 5, []),
  ]

  @Test(arguments: thinned)
  func `names have room in even distances, counting numbers at round ones`(
    names: [String], slot: Double, indices: [Int]
  ) {
    #expect(Thinning.indices(of: names, slot: slot, room: 20) == indices)
  }
}
