import FileAccess
import Foundation
import TestSupport
import Testing

@testable import FuzzTargets

/// Inputs that once broke a reader, and the ones that the fuzzer starts from.
struct RegressionTests {
  @Test(arguments: FuzzTarget.allCases)
  func `inputs that once broke a reader are read or refused`(target: FuzzTarget) throws {
    let subject = try FuzzSubject(target)
    for name in Self.files("fixtures/regressions/\(target)") {
      try subject.run(try Fixtures.bytes("regressions/\(target)/\(name)"))
    }
  }

  @Test(arguments: FuzzTarget.allCases)
  func `every target has a seed and a dictionary`(target: FuzzTarget) throws {
    let dictionary = "\(Fixtures.root)/Tests/Stress/Fuzz/dictionaries/\(target).dict"
    #expect(FileManager.default.fileExists(atPath: dictionary))
    let seeds = try FuzzSeeds.inputs(of: target)
    #expect(!seeds.isEmpty)
    let subject = try FuzzSubject(target)
    for seed in seeds { try subject.run(seed) }
  }

  @Test func `a fixture of a regression names its target`() {
    let targets = Set(FuzzTarget.allCases.map(\.rawValue))
    #expect(targets.isSuperset(of: Self.files("fixtures/regressions")))
  }

  private static func files(_ directory: String) -> [String] {
    let path = "\(Fixtures.root)/\(directory)"
    return ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }
}
