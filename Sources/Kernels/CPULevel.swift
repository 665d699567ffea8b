import CMuninnKernels

/// What vector instructions the kernels may use.
public enum CPULevel: String, CaseIterable, Sendable {
  /// What every processor of the architecture has.
  case baseline
  /// x86-64 with AVX2 and F16C.
  case avx2
  /// x86-64 with AVX2, F16C and AVX-VNNI.
  case avxvnni
  /// x86-64 with AVX-512 F, BW, DQ and VL.
  case avx512
  /// The same with AVX-512 VNNI.
  case avx512vnni
  /// The same with AMX tiles of bytes, where the system lets the process use them.
  case amx
  /// arm64.
  case neon
  /// arm64 with products of four bytes.
  case dotprod
  /// The same with products of matrices of bytes.
  case i8mm

  /// The levels that this processor has, the best one last.
  public static var available: [CPULevel] {
    allCases.filter { KernelSet($0) != nil }
  }

  var code: muninn_level {
    switch self {
    case .baseline: MUNINN_BASELINE
    case .avx2: MUNINN_AVX2
    case .avxvnni: MUNINN_AVXVNNI
    case .avx512: MUNINN_AVX512
    case .avx512vnni: MUNINN_AVX512VNNI
    case .amx: MUNINN_AMX
    case .neon: MUNINN_NEON
    case .dotprod: MUNINN_DOTPROD
    case .i8mm: MUNINN_I8MM
    }
  }
}
