/// The largest magnitude of a run, which also tells whether there is a NaN or an infinity.
#ifndef MUNINN_LARGEST_MAGNITUDE_H
#define MUNINN_LARGEST_MAGNITUDE_H

#include "vectors.h"

INLINE uint32_t largest_of(const void *source, muninn_dtype dtype, size_t count) {
  // Magnitudes order like their bits.
  u32v largest = 0;
  size_t index = 0;
  for (; index + LANES <= count; index += LANES) {
    largest =
        __builtin_elementwise_max(largest, magnitudes(load(at(source, dtype, index), dtype)));
  }
  if (index < count) {
    rest last = rest_of(at(source, dtype, index), dtype, count - index);
    largest = __builtin_elementwise_max(largest, magnitudes(load(&last, dtype)));
  }
  return __builtin_reduce_max(largest);
}

static uint32_t largest_magnitude(const void *source, muninn_dtype dtype, size_t count) {
#define CALL(dtype) largest_of(source, dtype, count)
  FOR_DTYPE(dtype, CALL)
#undef CALL
}

#endif
