/// The tables of the levels that this architecture has.
#ifndef MUNINN_LEVELS_H
#define MUNINN_LEVELS_H

#include "CMuninnKernels.h"

extern const muninn_kernels muninn_baseline, muninn_avx2, muninn_avxvnni, muninn_avx512,
    muninn_avx512vnni, muninn_amx, muninn_neon, muninn_dotprod, muninn_i8mm;

#endif
