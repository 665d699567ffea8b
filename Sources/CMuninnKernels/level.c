// Which levels this processor has, and the system lets a program use.
#if defined(__linux__)
#define _DEFAULT_SOURCE
#endif
#include "levels.h"

#include <stdbool.h>

#if defined(__aarch64__)

#if defined(__APPLE__)
#include <sys/sysctl.h>

static bool has(const char *feature) {
  int value = 0;
  size_t size = sizeof value;
  return sysctlbyname(feature, &value, &size, NULL, 0) == 0 && value != 0;
}

static bool has_dot_products(void) { return has("hw.optional.arm.FEAT_DotProd"); }

static bool has_matrix_products(void) { return has("hw.optional.arm.FEAT_I8MM"); }

#else

// As in sys/auxv.h and asm/hwcap.h, which a compiler for another machine may lack.
unsigned long getauxval(unsigned long type);

static bool has_dot_products(void) { return getauxval(16) >> 20 & 1; }

static bool has_matrix_products(void) { return getauxval(26) >> 13 & 1; }

#endif

const muninn_kernels *muninn_kernels_at(muninn_level level) {
  switch (level) {
  case MUNINN_NEON:
    return &muninn_neon;
  case MUNINN_DOTPROD:
    return has_dot_products() ? &muninn_dotprod : NULL;
  case MUNINN_I8MM:
    return has_dot_products() && has_matrix_products() ? &muninn_i8mm : NULL;
  default:
    return NULL;
  }
}

#elif defined(__x86_64__)

#include <cpuid.h>

#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>

/// Asks for the registers of tiles, which the system gives a process only when it asks.
static bool may_use_tiles(void) {
  enum { ARCH_REQ_XCOMP_PERM = 0x1023, XFEATURE_XTILEDATA = 18 };
  return syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0;
}
#else
static bool may_use_tiles(void) { return false; }
#endif

/// AMX with products of bytes; the run-time library is not asked, as not every version looks at what the
/// system saves.
static bool has_tiles(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE)) return false;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(d & bit_AMXTILE) || !(d & bit_AMXINT8)) return false;
  unsigned saved, rest;
  __asm__("xgetbv" : "=a"(saved), "=d"(rest) : "c"(0));
  // The configuration of tiles, and their data.
  return (saved >> 17 & 3) == 3 && may_use_tiles();
}

const muninn_kernels *muninn_kernels_at(muninn_level level) {
  // What the compiler's run-time library finds includes whether the system saves the registers.
  bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("f16c");
  bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  bool avx512vnni = avx512 && __builtin_cpu_supports("avx512vnni");
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
    return avx512vnni ? &muninn_avx512vnni : NULL;
  case MUNINN_AMX:
    return avx512vnni && has_tiles() ? &muninn_amx : NULL;
  default:
    return NULL;
  }
}

#else

const muninn_kernels *muninn_kernels_at(muninn_level level) {
  return level == MUNINN_BASELINE ? &muninn_baseline : NULL;
}

#endif
