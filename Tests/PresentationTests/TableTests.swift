import Presentation
import Testing

struct TableTests {
  @Test func `columns are as wide as their widest cell, without trailing spaces`() {
    var table = Table([("name", .left), ("bytes", .right), ("", .left)])
    table.add(["a", "1,000", ""])
    table.add(["longer", "1", "x"])
    #expect(
      table.text == """
        name    bytes
        a       1,000
        longer      1  x

        """)
  }
}

struct ProgressLineTests {
  @Test func `a line has percent, bytes, rate and time left`() {
    let line = ProgressLine(label: "converting", total: 2_000_000_000)
    #expect(
      line.text(done: 500_000_000, seconds: 2)
        == "converting  25 %  500 MB of 2.00 GB  250 MB/s  0:06 left")
  }

  @Test func `nothing done and nothing to do divide by no zero`() {
    #expect(
      ProgressLine(label: "x", total: 0).text(done: 0, seconds: 0)
        == "x  100 %  0 B of 0 B  0 B/s  0:00 left")
    #expect(
      ProgressLine(label: "x", total: 10).text(done: 20, seconds: 1)
        == "x  100 %  20 B of 10 B  20 B/s  0:00 left")
  }
}
