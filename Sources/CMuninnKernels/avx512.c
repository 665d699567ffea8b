// The bodies again, for processors with AVX-512 as servers have had it since Skylake.
#include "levels.h"

#if defined(__x86_64__)
#pragma clang attribute push(                                                                      \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl"))), apply_to = function)
#define HALF_CONVERSION
#define WIDE_REGISTERS
#include "kernels.h"
#pragma clang attribute pop
const muninn_kernels muninn_avx512 = MUNINN_KERNELS;
#endif
