// The paths of a level that this processor may lack, with its instructions modelled: compiled once for
// each, with the level's macros and the name of its table as KERNELS.
#include "intrinsics.h"
#include "kernels.h"

extern const muninn_kernels KERNELS;
const muninn_kernels KERNELS = MUNINN_KERNELS;
