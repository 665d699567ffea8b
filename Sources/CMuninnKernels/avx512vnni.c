// The bodies again, for processors with AVX-512 that add products of 16-bit pairs in one instruction,
// as servers have it since Cascade Lake and Zen 4.
#include "levels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(                                                                      \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))), apply_to = function)
#define HALF_CONVERSION
#define WIDE_REGISTERS
#define VNNI
#include "kernels.h"
#pragma clang attribute pop
const muninn_kernels muninn_avx512vnni = MUNINN_KERNELS;
#endif
