// Every arm64 processor has NEON, which the compiler uses by itself.
#include "levels.h"

#if defined(__aarch64__)
#define HALF_CONVERSION
#include "kernels.h"
const muninn_kernels muninn_neon = MUNINN_KERNELS;
#endif
