import FileAccess
import Kernels
import Models
import Parallelism
import Tensors

/// Which values a tensor has, however often and in whatever order: two sums over mixed bits, equal for
/// the same values and, but for one chance in 2¹²⁸, for no others.
struct ValueCensus: Equatable {
  private var sums: (UInt64, UInt64) = (0, 0)

  static func == (a: ValueCensus, b: ValueCensus) -> Bool { a.sums == b.sums }

  /// Reads a tensor's values, as binary32; both zeros are one value.
  ///
  /// - Throws: ``ConversionError``.
  init(_ tensor: StoredTensor, _ kernels: KernelSet, _ monitor: Monitor) throws(ConversionError) {
    var reader = TensorReader(tensor, kernels: kernels)
    var values: [Float] = []
    for tile in tensor.shape.tiles() {
      if monitor.isCancelled { throw .cancelled }
      try ConversionError.wrapping(reader.read(tile, into: &values))
      for value in values {
        let bits = UInt64(value == 0 ? 0 : value.bitPattern)
        sums.0 &+= Self.mixed(bits)
        sums.1 &+= Self.mixed(bits ^ 0x9E37_79B9_0000_0000)
      }
    }
  }

  /// The finalizer of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
  /// generators", OOPSLA 2014).
  private static func mixed(_ bits: UInt64) -> UInt64 {
    var z = bits &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
