import Foundation
import FuzzTargets

/// The reader that libFuzzer feeds, on one thread; libFuzzer has the program's `main`.
nonisolated(unsafe) private var subject: FuzzSubject?

/// Chooses the reader by `MUNINN_FUZZ_TARGET`.
///
/// With `MUNINN_FUZZ_SEEDS`, writes what the fuzzer starts from into that directory instead, and
/// ends.
@_cdecl("muninn_fuzz_start")
public func start() {
  let environment = ProcessInfo.processInfo.environment
  guard let target = environment["MUNINN_FUZZ_TARGET"].flatMap(FuzzTarget.init) else {
    print("MUNINN_FUZZ_TARGET is one of \(FuzzTarget.allCases.map(\.rawValue))")
    exit(64)
  }
  do {
    subject = try FuzzSubject(target)
    guard let directory = environment["MUNINN_FUZZ_SEEDS"] else { return }
    for (index, seed) in try FuzzSeeds.inputs(of: target).enumerated() {
      try Data(seed).write(to: URL(fileURLWithPath: "\(directory)/seed-\(index)"))
    }
    exit(0)
  } catch {
    fatalError("the target could not be set up: \(error)")
  }
}

/// Reads one input.
@_cdecl("muninn_fuzz_read")
public func read(_ bytes: UnsafePointer<UInt8>?, _ count: Int) {
  do {
    try subject?.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
  } catch {
    fatalError("the input could not be put into place: \(error)")
  }
}
