// The bodies again, for processors with AVX2 that add products of 16-bit pairs in one instruction.
#include "levels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2,f16c,avxvnni"))), apply_to = function)
#define HALF_CONVERSION
#define VNNI_256
#include "kernels.h"
#pragma clang attribute pop
const muninn_kernels muninn_avxvnni = MUNINN_KERNELS;
#endif
