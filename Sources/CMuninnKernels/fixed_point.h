/// Vectors in fixed point: an element is high · 2¹⁵ + low in units of its vector, |high| ≤ 2¹⁴ and
/// -2¹⁴ ≤ low < 2¹⁴.
///
/// An element takes four bytes: both parts in 16 bits, or each as two limbs of 8 bits, 2⁸ · upper +
/// lower, for instructions that multiply bytes. The lower limb is −128…127, so the upper one is
/// −64…64. Over a block of 256 columns, products with a limb are at most 2²² in sum, so that 2⁸ · upper
/// + lower is the very sum that the part would have given.
///
/// Vectors lie in panels of 1, 4 or 16. For every few columns, a panel has the parts one by one, each
/// of all its vectors: `panel[column / width][part][vector][column % width]`. The width is such that a
/// register, or a row of a tile, holds the same columns of all vectors.
#ifndef MUNINN_FIXED_POINT_H
#define MUNINN_FIXED_POINT_H

#include "multiply.h"

typedef int16_t i16x32 __attribute__((ext_vector_type(32)));
typedef int32_t i32x16 __attribute__((ext_vector_type(16)));
typedef int32_t i32x32 __attribute__((ext_vector_type(32)));

/// The columns that a panel is filled up to a multiple of.
#define STEP 32

/// The columns of a vector that are beside each other in a panel of limbs; 0 if it has 16-bit parts.
#if defined(MATRIX_PRODUCTS)
#define LIMB_WIDTH(size) ((size) == 1 ? STEP : 8)
#elif defined(DOT_PRODUCTS)
#define LIMB_WIDTH(size) ((size) == 1 ? STEP : 4)
#elif defined(AMX)
#define LIMB_WIDTH(size) ((size) == 16 ? 4 : 0)
#else
#define LIMB_WIDTH(size) 0
#endif

/// The most vectors that are beside each other: larger panels are several of this size in a row.
#ifdef DOT_PRODUCTS
#define WIDEST_PANEL 4
#else
#define WIDEST_PANEL 16
#endif

/// The bytes of some columns of a panel of `size` vectors.
INLINE size_t panel_bytes(size_t columns, size_t size) { return columns * size * 4; }

/// The bytes of a panel, whose last step is filled up.
INLINE size_t panel_length(size_t columns, size_t size) {
  return panel_bytes((columns + STEP - 1) / STEP * STEP, size);
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

/// Whether a vector has the even columns of a step before the odd ones, as nibbles of codes are taken
/// apart in 16 bits.
#define IS_SPLIT(size, bits) ((size) == 1 && (bits) == 4 && LIMB_WIDTH(1) == 0)

/// The even columns, then the odd ones.
INLINE i32v split(i32v values) {
  return __builtin_shufflevector(values, values, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28,
                                 30, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
}

/// Deals one part of a step of a vector out, `width` columns at a time.
INLINE void place_part(char *step, size_t size, size_t width, size_t parts, size_t part,
                       size_t vector, const void *columns) {
  size_t bytes = width * 4 / parts;
  for (size_t index = 0; index < STEP / width; index++) {
    char *place = step + ((index * parts + part) * size + vector) * bytes;
    __builtin_memcpy(place, (const char *)columns + index * bytes, bytes);
  }
}

/// 32 columns of one vector of a panel.
INLINE void place_columns(char *step, size_t size, size_t vector, i32v values) {
  i32v high = (values + (1 << 14)) >> 15, low = values - (high << 15);
  if (LIMB_WIDTH(size) == 0) {
    i16x32 parts[2] = {__builtin_convertvector(high, i16x32), __builtin_convertvector(low, i16x32)};
    for (size_t part = 0; part < 2; part++) {
      place_part(step, size, STEP / size, 2, part, vector, &parts[part]);
    }
  } else {
    i32v upper_high = (high + (1 << 7)) >> 8, upper_low = (low + (1 << 7)) >> 8;
    i8v limbs[4] = {
        __builtin_convertvector(upper_high, i8v),
        __builtin_convertvector(high - (upper_high << 8), i8v),
        __builtin_convertvector(upper_low, i8v),
        __builtin_convertvector(low - (upper_low << 8), i8v),
    };
    for (size_t limb = 0; limb < 4; limb++) {
      place_part(step, size, LIMB_WIDTH(size), 4, limb, vector, &limbs[limb]);
    }
  }
}

/// A panel of `size` vectors, for codes of so many bits, of which `count` are there and the others
/// zeros; its columns are padded with zeros to a multiple of 32.
INLINE void fix_panel_of(size_t size, size_t bits, const float *x, size_t columns, size_t count, char *panel,
                         float *units) {
  float factors[16];
  for (size_t vector = 0; vector < size; vector++) {
    int shift = vector < count ? shift_of(x + vector * columns, columns) : 0;
    bool is_finite = shift != INT32_MAX;
    factors[vector] = is_finite ? power_of_two(shift) : 0;
    units[vector] = is_finite ? power_of_two(-shift) : __builtin_nanf("");
  }
  for (size_t column = 0; column < columns; column += STEP) {
    for (size_t vector = 0; vector < size; vector++) {
      i32v values = 0;
      if (vector < count && factors[vector] != 0) {
        const float *from = x + vector * columns;
        values = whole_numbers(columns_from(from, column, columns) * factors[vector]);
      }
      if (IS_SPLIT(size, bits)) values = split(values);
      place_columns(panel + panel_bytes(column, size), size, vector, values);
    }
  }
}

static void fix_panel(size_t size, size_t bits, const float *x, size_t columns, size_t count,
                      void *panel, float *units) {
  switch (size) {
  case 1:
    return bits == 4 ? fix_panel_of(1, 4, x, columns, count, panel, units)
                     : fix_panel_of(1, 8, x, columns, count, panel, units);
  case 4:
    return fix_panel_of(4, 8, x, columns, count, panel, units);
  case 16:
    for (size_t first = 0; first < 16; first += WIDEST_PANEL) {
      fix_panel_of(WIDEST_PANEL, 8, x + first * columns, columns, count > first ? count - first : 0,
                   (char *)panel + panel_length(columns, first), units + first);
    }
  }
}

#endif
