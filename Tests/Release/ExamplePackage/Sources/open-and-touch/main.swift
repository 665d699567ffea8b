import PackFormat

// Measures what an engine waits for: opening a pack and touching its first weight. Prints seconds.

func run(_ path: String) throws {
  let clock = ContinuousClock()
  let start = clock.now
  let pack = try Pack(path: path)
  let adapter = try pack.segment(.core).tensor("transformer.adapter.weight")
  let codes = try pack.segment(.core).view(.codes, of: adapter, as: Int8.self)
  let first = codes[0]
  let elapsed = clock.now - start
  print("\(elapsed / .seconds(1))")
  precondition(first >= -127, "the code is read")
}

guard CommandLine.arguments.count == 2 else {
  print("usage: open-and-touch PACK")
  throw PackError.noManifest(path: "")
}
try run(CommandLine.arguments[1])
