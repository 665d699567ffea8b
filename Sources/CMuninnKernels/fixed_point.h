/// Vectors in fixed point: an element is high · 2¹⁵ + low in units of its vector, |high| ≤ 2¹⁴ and
/// -2¹⁴ ≤ low < 2¹⁴.
///
/// Vectors lie in panels of 1, 4 or 16. A panel is a row of steps of 32 elements' high parts and then
/// their low parts: 32 columns of one vector, 8 of each of four, 2 of each of sixteen. So a register
/// holds the same columns of all vectors of a panel, always in pairs.
#ifndef MUNINN_FIXED_POINT_H
#define MUNINN_FIXED_POINT_H

#include "multiply.h"

typedef int16_t i16x32 __attribute__((ext_vector_type(32)));
typedef int32_t i32x16 __attribute__((ext_vector_type(16)));
typedef int32_t i32x32 __attribute__((ext_vector_type(32)));

/// The elements of a step.
#define STEP 32

/// The elements of a panel of `size` vectors, whose last step is filled up.
INLINE size_t panel_length(size_t columns, size_t size) {
  return (columns + STEP - 1) / STEP * STEP * 2 * size;
}

/// The power of two that brings the largest magnitude to at least 2²⁸ and below 2²⁹; INT32_MAX where
/// an element is not finite. Both it and its reciprocal are normal numbers.
INLINE int shift_of(const float *x, size_t columns) {
  uint32_t largest = largest_magnitude(x, MUNINN_F32, columns);
  if (largest >= 0x7F800000) return INT32_MAX;
  if (largest == 0) return 0;
  // A subnormal number has a smaller exponent still, which the limit covers.
  int shift = 28 - ((int)(largest >> 23) - 127);
  return shift < 126 ? shift : 126;
}

INLINE float power_of_two(int exponent) { return float_of((uint32_t)(exponent + 127) << 23); }

/// Values as whole numbers, rounded to nearest, ties to even.
INLINE i32v whole_numbers(f32v values) {
  // From 2²³ on every binary32 is whole; below, adding 2²³ with the value's sign rounds.
  f32v magic = __builtin_elementwise_copysign((f32v)0x1p23f, values);
  f32v rounded = (values + magic) - magic;
  values = __builtin_elementwise_abs(values) < 0x1p23f ? rounded : values;
  return __builtin_convertvector(values, i32v);
}

/// The columns from one on, at most 32, and zeros.
INLINE f32v columns_from(const float *x, size_t column, size_t columns) {
  f32v values = 0;
  if (column + STEP <= columns) {
    __builtin_memcpy(&values, x + column, sizeof values);
  } else {
    __builtin_memcpy(&values, x + column, (columns - column) * sizeof(float));
  }
  return values;
}

/// A panel of `size` vectors of which `count` are there and the others zeros; its columns are padded
/// with zeros to a multiple of 32.
INLINE void fix_panel_of(size_t size, const float *x, size_t columns, size_t count, int16_t *panel,
                         float *units) {
  float factors[16];
  for (size_t vector = 0; vector < size; vector++) {
    int shift = vector < count ? shift_of(x + vector * columns, columns) : 0;
    bool is_finite = shift != INT32_MAX;
    factors[vector] = is_finite ? power_of_two(shift) : 0;
    units[vector] = is_finite ? power_of_two(-shift) : __builtin_nanf("");
  }
  // 32 columns of each vector at a time, dealt out to `size` steps.
  size_t width = STEP / size;
  for (size_t column = 0; column < columns; column += STEP) {
    int16_t *steps = panel + column * 2 * size;
    for (size_t vector = 0; vector < size; vector++) {
      i32v values = 0;
      if (vector < count && factors[vector] != 0) {
        const float *from = x + vector * columns;
        values = whole_numbers(columns_from(from, column, columns) * factors[vector]);
      }
      i32v upper = (values + (1 << 14)) >> 15;
      i16x32 high = __builtin_convertvector(upper, i16x32);
      i16x32 low = __builtin_convertvector(values - (upper << 15), i16x32);
      for (size_t step = 0; step < size; step++) {
        int16_t *place = steps + step * 2 * STEP + vector * width;
        __builtin_memcpy(place, (int16_t *)&high + step * width, width * sizeof(int16_t));
        __builtin_memcpy(place + STEP, (int16_t *)&low + step * width, width * sizeof(int16_t));
      }
    }
  }
}

static void fix_panel(size_t size, const float *x, size_t columns, size_t count, int16_t *panel,
                      float *units) {
  switch (size) {
  case 1:
    return fix_panel_of(1, x, columns, count, panel, units);
  case 4:
    return fix_panel_of(4, x, columns, count, panel, units);
  case 16:
    return fix_panel_of(16, x, columns, count, panel, units);
  }
}

#endif
