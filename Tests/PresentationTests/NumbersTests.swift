import Presentation
import Testing

struct NumbersTests {
  @Test(arguments: [
    (0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567"), (100_000, "100,000"),
  ])
  func `digits are in groups of three`(value: Int, text: String) {
    #expect(Numbers.grouped(value) == text)
  }

  @Test(arguments: [
    (0, "0 B"), (999, "999 B"), (1000, "1.00 kB"), (9994, "9.99 kB"), (9996, "10.0 kB"),
    (99_960, "100 kB"), (999_499, "999 kB"), (999_500, "1.00 MB"), (3_788_547_840, "3.79 GB"),
    (15_645_600_384, "15.6 GB"), (12_000_000_000_000_000, "12000 TB"),
  ])
  func `bytes have three significant digits`(count: Int, text: String) {
    #expect(Numbers.bytes(count) == text)
  }

  @Test(arguments: [
    (1.005, 1, "1.0"), (0.05, 1, "0.1"), (-0.04, 1, "0.0"), (-1.26, 1, "-1.3"), (12.0, 0, "12"),
    (0.001, 3, "0.001"),
  ])
  func `decimals are fixed`(value: Double, digits: Int, text: String) {
    #expect(Numbers.fixed(value, digits: digits) == text)
  }

  @Test(arguments: [(0.0, "0:00"), (59.4, "0:59"), (61, "1:01"), (3723, "1:02:03")])
  func `seconds are minutes and hours`(seconds: Double, text: String) {
    #expect(Numbers.duration(seconds: seconds) == text)
  }

  @Test func `one thing is singular`() {
    #expect(Numbers.count(1, "tensor") == "1 tensor")
    #expect(Numbers.count(0, "fault") == "0 faults")
    #expect(Numbers.count(1234, "file") == "1,234 files")
  }

  @Test func `decibels are ten times the decimal logarithm`() {
    #expect(decibels(1000) == 30)
  }
}
