import CMuninnMath
public import Tensors

/// The rotary table `freqs_cis`, computed row by row.
///
/// inverse frequency = binary32(1 / binary32(base^(2i/head_dim) in binary64)); angle =
/// binary32(position) × it, in binary32; cosine and sine of that angle in binary64, rounded to
/// binary32 (`formats/huginn-layout.md`).
public struct RotaryTable: Sendable {
  private let inverseFrequencies: [Float]  // [head_dim / 2]

  /// The table of a model.
  public init(_ config: HuginnConfig) {
    inverseFrequencies = (0..<config.headSize / 2).map { pair in
      1 / Float(pow(config.ropeBase, Double(2 * pair) / Double(config.headSize)))
    }
  }

  /// The values of one row: (cos, sin) for each pair.
  public var columns: Int { 2 * inverseFrequencies.count }

  /// The row of one position, `[head_dim / 2, (cos, sin)]`.
  public func row(at position: Int) -> [Float] {
    inverseFrequencies.flatMap { frequency in
      let angle = Double(Float(position) * frequency)
      return [Float(cos(angle)), Float(sin(angle))]
    }
  }

  /// How far a stored table may be from this one: rounding of the dtype that it was saved in.
  public static func tolerance(storedIn dtype: DType) -> Float {
    dtype == .bf16 ? 5e-3 : 1e-3
  }
}
