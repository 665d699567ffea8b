import CFuzz
import FuzzTargets
import Foundation

// libFuzzer's arguments, after the name of a target; `seeds DIRECTORY` in their place writes what
// the fuzzer starts from.
var arguments = CommandLine.arguments
guard arguments.count > 1, let target = FuzzTarget(rawValue: arguments.remove(at: 1)) else {
  print("usage: fuzz TARGET seeds DIRECTORY | fuzz TARGET [libFuzzer's arguments]")
  exit(64)
}
if arguments.count == 3, arguments[1] == "seeds" {
  for (index, seed) in try FuzzSeeds.inputs(of: target).enumerated() {
    try Data(seed).write(to: URL(fileURLWithPath: "\(arguments[2])/seed-\(index)"))
  }
  exit(0)
}
let subject = try FuzzSubject(target)
nonisolated(unsafe) let run: (UnsafePointer<UInt8>?, Int) -> Void = { bytes, count in
  do {
    try subject.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
  } catch {
    fatalError("the target could not be set up: \(error)")
  }
}
var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
exit(muninn_fuzz(Int32(pointers.count), &pointers) { run($0, $1) })
