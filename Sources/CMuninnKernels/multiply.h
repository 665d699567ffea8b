/// The product of stored rows with a few vectors: each row is read once for all of them.
#ifndef MUNINN_MULTIPLY_H
#define MUNINN_MULTIPLY_H

#include "vectors.h"

/// Sixteen lanes, lane = column mod 16; multiply and add separately, lanes combined in halves.
typedef float f32x16 __attribute__((ext_vector_type(16)));
typedef uint32_t u32x16 __attribute__((ext_vector_type(16)));
typedef uint16_t u16x16 __attribute__((ext_vector_type(16)));
typedef int8_t i8x16 __attribute__((ext_vector_type(16)));

#define TOKENS 4
#define ROWS 8

INLINE f32x16 widen_sixteen(u16x16 bits, muninn_scheme scheme) {
  u32x16 wide = __builtin_convertvector(bits, u32x16);
  if (scheme == MUNINN_SCHEME_BF16) return __builtin_bit_cast(f32x16, wide << 16);
#ifdef HALF_CONVERSION
  typedef _Float16 f16x16 __attribute__((ext_vector_type(16)));
  return __builtin_convertvector(__builtin_bit_cast(f16x16, bits), f32x16);
#else
  u32x16 magnitude = (wide & 0x7FFF) << 13;
  f32x16 scaled = __builtin_bit_cast(f32x16, magnitude) * 0x1p112f;
  u32x16 value = __builtin_bit_cast(u32x16, scaled);
  value = magnitude >= 0x0F800000 ? (magnitude | 0x7F800000) : value;
  return __builtin_bit_cast(f32x16, value | (wide & 0x8000) << 16);
#endif
}

INLINE size_t width_of(muninn_scheme scheme) {
  return scheme == MUNINN_SCHEME_F32 ? 4 : scheme <= MUNINN_SCHEME_BF16 ? 2 : 1;
}

/// Sixteen weights under a scale, which only 8-bit codes have.
INLINE f32x16 decode_sixteen(const char *weights, muninn_scheme scheme, float scale) {
  if (scheme == MUNINN_SCHEME_F32) {
    f32x16 values;
    __builtin_memcpy(&values, weights, sizeof values);
    return values;
  }
  if (scheme <= MUNINN_SCHEME_BF16) {
    u16x16 bits;
    __builtin_memcpy(&bits, weights, sizeof bits);
    return widen_sixteen(bits, scheme);
  }
  i8x16 codes;
  __builtin_memcpy(&codes, weights, sizeof codes);
  return __builtin_convertvector(codes, f32x16) * scale;
}

INLINE float sum_of(f32x16 lanes) {
  typedef float f32x8 __attribute__((ext_vector_type(8)));
  typedef float f32x4 __attribute__((ext_vector_type(4)));
  f32x8 eight = lanes.lo + lanes.hi;
  f32x4 four = eight.lo + eight.hi;
  return (four.x + four.z) + (four.y + four.w);
}

INLINE float scale_at(const void *scales, muninn_scheme scheme, size_t index) {
  if (scheme == MUNINN_SCHEME_INT8_ROW) {
    float scale;
    __builtin_memcpy(&scale, (const char *)scales + index * sizeof scale, sizeof scale);
    return scale;
  }
  uint16_t bits;
  __builtin_memcpy(&bits, (const char *)scales + index * sizeof bits, sizeof bits);
  uint32_t magnitude = (uint32_t)(bits & 0x7FFF) << 13;
  uint32_t value = magnitude >= 0x0F800000 ? magnitude | 0x7F800000
                                           : bits_of(float_of(magnitude) * 0x1p112f);
  return float_of(value | (uint32_t)(bits & 0x8000) << 16);
}

/// One row with up to four vectors.
INLINE void multiply_row(muninn_scheme scheme, const char *row, const void *scales,
                         size_t first_scale, size_t columns, size_t group_size, const float *x,
                         size_t tokens, float *y) {
  f32x16 sums[TOKENS];
  for (size_t token = 0; token < tokens; token++) sums[token] = 0;
  size_t width = width_of(scheme);
  size_t run = scheme == MUNINN_SCHEME_INT8_GROUPS ? group_size : columns;
  for (size_t start = 0, group = 0; start < columns; start += run, group++) {
    float scale =
        scheme >= MUNINN_SCHEME_INT8_ROW ? scale_at(scales, scheme, first_scale + group) : 1;
    size_t end = start + run, column = start;
    for (; column + 16 <= end; column += 16) {
      f32x16 weights = decode_sixteen(row + column * width, scheme, scale);
      for (size_t token = 0; token < tokens; token++) {
        f32x16 values;
        __builtin_memcpy(&values, x + token * columns + column, sizeof values);
        sums[token] += weights * values;
      }
    }
    if (column < end) {
      char last[16 * sizeof(float)] = {0};
      __builtin_memcpy(last, row + column * width, (end - column) * width);
      f32x16 weights = decode_sixteen(last, scheme, scale);
      for (size_t token = 0; token < tokens; token++) {
        f32x16 values = 0;
        __builtin_memcpy(&values, x + token * columns + column, (end - column) * sizeof(float));
        sums[token] += weights * values;
      }
    }
  }
  for (size_t token = 0; token < tokens; token++) y[token] = sum_of(sums[token]);
}

INLINE void multiply_rows(muninn_scheme scheme, const void *weights, const void *scales,
                          size_t rows, size_t columns, size_t group_size, const float *x,
                          size_t tokens, float *y) {
  size_t row_bytes = columns * width_of(scheme);
  size_t row_scales = scheme == MUNINN_SCHEME_INT8_GROUPS ? columns / group_size : 1;
  // A tile of rows with four tokens at a time: the rows stay in the cache for all tokens, the
  // tokens' vectors for all rows of the tile.
  for (size_t first = 0; first < rows; first += ROWS) {
    size_t end = first + ROWS < rows ? first + ROWS : rows;
    size_t token = 0;
    for (; token + TOKENS <= tokens; token += TOKENS) {
      for (size_t row = first; row < end; row++) {
        multiply_row(scheme, (const char *)weights + row * row_bytes, scales, row * row_scales,
                     columns, group_size, x + token * columns, TOKENS, y + row * tokens + token);
      }
    }
    for (; token < tokens; token++) {
      for (size_t row = first; row < end; row++) {
        multiply_row(scheme, (const char *)weights + row * row_bytes, scales, row * row_scales,
                     columns, group_size, x + token * columns, 1, y + row * tokens + token);
      }
    }
  }
}

static void multiply(muninn_scheme scheme, const void *weights, const void *scales, size_t rows,
                     size_t columns, size_t group_size, const float *x, size_t tokens, float *y) {
  switch (scheme) {
#define CASE(scheme)                                                                               \
  case scheme:                                                                                     \
    return multiply_rows(scheme, weights, scales, rows, columns, group_size, x, tokens, y);
    CASE(MUNINN_SCHEME_F32)
    CASE(MUNINN_SCHEME_F16)
    CASE(MUNINN_SCHEME_BF16)
    CASE(MUNINN_SCHEME_INT8_ROW)
    CASE(MUNINN_SCHEME_INT8_GROUPS)
#undef CASE
  }
}

#endif
