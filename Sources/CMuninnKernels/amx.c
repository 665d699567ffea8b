// The bodies again, for processors with AVX-512 VNNI that multiply tiles of bytes, as servers have it
// since Sapphire Rapids.
#include "levels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(                                                                      \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,amx-tile,amx-int8"))),    \
    apply_to = function)
#define HALF_CONVERSION
#define WIDE_REGISTERS
#define VNNI
#define AMX
#include "kernels.h"
#pragma clang attribute pop
const muninn_kernels muninn_amx = MUNINN_KERNELS;
#endif
