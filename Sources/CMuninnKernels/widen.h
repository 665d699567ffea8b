/// Values in binary32.
#ifndef MUNINN_WIDEN_H
#define MUNINN_WIDEN_H

#include "vectors.h"

INLINE void widen_from(const void *source, muninn_dtype dtype, size_t count, void *values) {
  size_t index = 0;
  for (; index + LANES <= count; index += LANES) {
    store_f32(load(at(source, dtype, index), dtype), (char *)values + index * sizeof(float));
  }
  if (index < count) {
    rest last = rest_of(at(source, dtype, index), dtype, count - index);
    f32v wide = load(&last, dtype);
    __builtin_memcpy((char *)values + index * sizeof(float), &wide, (count - index) * sizeof(float));
  }
}

static void widen(const void *source, muninn_dtype dtype, size_t count, void *values) {
#define CALL(dtype) widen_from(source, dtype, count, values)
  FOR_DTYPE(dtype, CALL)
#undef CALL
}

#endif
