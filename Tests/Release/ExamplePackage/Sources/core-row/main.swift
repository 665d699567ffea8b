import PackFormat

// Maps a pack, pins the recurrent core, and multiplies one row of the adapter by a vector of ones,
// straight from the codes as they lie in the file.

/// The dot product of a row of 8-bit codes, under its scales, with `vector`.
///
/// - Parameters:
///   - codes: `[columns]`.
///   - scales: `[columns / groupSize]`, binary16 bits.
///   - vector: `[columns]`.
/// - Returns: the product, in binary32.
func dot(_ codes: Span<Int8>, scales: Span<UInt16>, _ vector: [Float]) -> Float {
  let groupSize = codes.count / scales.count
  var sum: Float = 0
  for group in 0..<scales.count {
    var partial: Float = 0
    for column in group * groupSize..<(group + 1) * groupSize {
      partial += Float(codes[column]) * vector[column]
    }
    sum += Float(Float16(bitPattern: scales[group])) * partial
  }
  return sum
}

func run(_ path: String) throws {
  let pack = try Pack(path: path)
  let config = pack.manifest.config
  print("n_embd \(config.embeddingSize), \(config.coreLayerCount) core layers")

  // The core is read at every recurrence: keep it in memory, if the process may.
  try pack.adviseWillNeed(.core)
  do {
    try pack.pin(.core)
    print("the core is pinned")
  } catch {
    print("\(error)")
  }

  // A segment and its views cannot outlive the pack; the compiler sees to it.
  let core = pack.segment(.core)
  let adapter = try core.tensor("transformer.adapter.weight")
  let codes = try core.view(.codes, of: adapter, as: Int8.self)
  let scales = try core.view(.scales, of: adapter, as: UInt16.self)
  let columns = adapter.tensor.shape.columns
  let groups = scales.count / adapter.tensor.shape.rows
  let row = 0
  let product = dot(
    codes.extracting(row * columns..<(row + 1) * columns),
    scales: scales.extracting(row * groups..<(row + 1) * groups),
    [Float](repeating: 1, count: columns))
  print("row \(row) of the adapter sums to \(product)")
}

guard CommandLine.arguments.count == 2 else {
  print("usage: core-row PACK")
  throw PackError.noManifest(path: "")
}
try run(CommandLine.arguments[1])
