import CMuninnKernels

/// What vector instructions the kernels may use.
public enum CPULevel: String, CaseIterable, Sendable {
  /// What every processor of the architecture has.
  case baseline
  /// x86-64 with AVX2 and F16C.
  case avx2
  /// x86-64 with AVX-512 F, BW, DQ and VL.
  case avx512
  /// arm64.
  case neon

  /// The levels that this processor has, the best one last.
  public static var available: [CPULevel] {
    allCases.filter { KernelSet($0) != nil }
  }

  var code: muninn_level {
    switch self {
    case .baseline: MUNINN_BASELINE
    case .avx2: MUNINN_AVX2
    case .avx512: MUNINN_AVX512
    case .neon: MUNINN_NEON
    }
  }
}
