#include "levels.h"

#include <stdbool.h>

#if defined(__aarch64__)

const muninn_kernels *muninn_kernels_at(muninn_level level) {
  return level == MUNINN_NEON ? &muninn_neon : NULL;
}

#elif defined(__x86_64__)

const muninn_kernels *muninn_kernels_at(muninn_level level) {
  // What the compiler's run-time library finds includes whether the system saves the registers.
  bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("f16c");
  bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  switch (level) {
  case MUNINN_BASELINE:
    return &muninn_baseline;
  case MUNINN_AVX2:
    return avx2 ? &muninn_avx2 : NULL;
  case MUNINN_AVXVNNI:
    return avx2 && __builtin_cpu_supports("avxvnni") ? &muninn_avxvnni : NULL;
  case MUNINN_AVX512:
    return avx512 ? &muninn_avx512 : NULL;
  case MUNINN_AVX512VNNI:
    return avx512 && __builtin_cpu_supports("avx512vnni") ? &muninn_avx512vnni : NULL;
  default:
    return NULL;
  }
}

#else

const muninn_kernels *muninn_kernels_at(muninn_level level) {
  return level == MUNINN_BASELINE ? &muninn_baseline : NULL;
}

#endif
