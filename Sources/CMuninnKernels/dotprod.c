// The bodies again, for processors that add products of four bytes in one instruction, as arm64 has it
// since Armv8.4.
#include "levels.h"

#if defined(__aarch64__)
#include <arm_neon.h>
#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)
#define HALF_CONVERSION
#define DOT_PRODUCTS
#include "kernels.h"
#pragma clang attribute pop
const muninn_kernels muninn_dotprod = MUNINN_KERNELS;
#endif
