// The bodies again, for processors with AVX2.
#include "levels.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,f16c"))), apply_to = function)
#define HALF_CONVERSION
#include "kernels.h"
#pragma clang attribute pop
const muninn_kernels muninn_avx2 = MUNINN_KERNELS;
#endif
