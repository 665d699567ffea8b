// What every processor of an architecture without further levels has.
#include "levels.h"

#if !defined(__aarch64__)
#include "kernels.h"
const muninn_kernels muninn_baseline = MUNINN_KERNELS;
#endif
