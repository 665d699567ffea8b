// The bodies again, for processors that multiply small matrices of bytes in one instruction, as arm64
// has it since Armv8.6.
#include "levels.h"

#if defined(__aarch64__)
#include <arm_neon.h>
#pragma clang attribute push(__attribute__((target("dotprod,i8mm"))), apply_to = function)
#define HALF_CONVERSION
#define DOT_PRODUCTS
#define MATRIX_PRODUCTS
#include "kernels.h"
#pragma clang attribute pop
const muninn_kernels muninn_i8mm = MUNINN_KERNELS;
#endif
