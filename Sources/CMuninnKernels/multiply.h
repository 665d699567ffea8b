/// The product of rows of stored values with a few vectors: each row is read once for all of them.
#ifndef MUNINN_MULTIPLY_H
#define MUNINN_MULTIPLY_H

#include "vectors.h"

/// Sixteen lanes, lane = column mod 16; multiply and add separately, lanes combined in halves.
typedef float f32x16 __attribute__((ext_vector_type(16)));
typedef float f32x8 __attribute__((ext_vector_type(8)));
typedef uint32_t u32x16 __attribute__((ext_vector_type(16)));
typedef uint16_t u16x16 __attribute__((ext_vector_type(16)));

#define TOKENS 4
#define ROWS 8

INLINE f32x16 widen_sixteen(u16x16 bits, muninn_dtype dtype) {
  u32x16 wide = __builtin_convertvector(bits, u32x16);
  if (dtype == MUNINN_BF16) return __builtin_bit_cast(f32x16, wide << 16);
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

INLINE f32x16 load_sixteen(const void *weights, muninn_dtype dtype) {
  if (dtype == MUNINN_F32) {
    f32x16 values;
    __builtin_memcpy(&values, weights, sizeof values);
    return values;
  }
  u16x16 bits;
  __builtin_memcpy(&bits, weights, sizeof bits);
  return widen_sixteen(bits, dtype);
}

INLINE float sum_of_eight(f32x8 lanes) {
  typedef float f32x4 __attribute__((ext_vector_type(4)));
  f32x4 four = lanes.lo + lanes.hi;
  return (four.x + four.z) + (four.y + four.w);
}

/// One row with up to four vectors.
INLINE void multiply_row(muninn_dtype dtype, const void *row, size_t columns, const float *x,
                         size_t tokens, float *y) {
  f32x16 sums[TOKENS];
  for (size_t token = 0; token < tokens; token++) sums[token] = 0;
  size_t column = 0;
  for (; column + 16 <= columns; column += 16) {
    f32x16 weights = load_sixteen(at(row, dtype, column), dtype);
    for (size_t token = 0; token < tokens; token++) {
      f32x16 values;
      __builtin_memcpy(&values, x + token * columns + column, sizeof values);
      sums[token] += weights * values;
    }
  }
  if (column < columns) {
    rest last = rest_of(at(row, dtype, column), dtype, columns - column);
    f32x16 weights = load_sixteen(last.bytes, dtype);
    for (size_t token = 0; token < tokens; token++) {
      f32x16 values = 0;
      __builtin_memcpy(&values, x + token * columns + column, (columns - column) * sizeof(float));
      sums[token] += weights * values;
    }
  }
  for (size_t token = 0; token < tokens; token++) {
    y[token] = sum_of_eight(sums[token].lo + sums[token].hi);
  }
}

INLINE void multiply_rows(muninn_dtype dtype, const void *weights, size_t rows, size_t columns,
                          const float *x, size_t tokens, float *y) {
  // A tile of rows with four tokens at a time: the rows stay in the cache for all tokens, the
  // tokens' vectors for all rows of the tile.
  for (size_t first = 0; first < rows; first += ROWS) {
    size_t end = first + ROWS < rows ? first + ROWS : rows;
    size_t token = 0;
    for (; token + TOKENS <= tokens; token += TOKENS) {
      for (size_t row = first; row < end; row++) {
        multiply_row(dtype, at(weights, dtype, row * columns), columns, x + token * columns, TOKENS,
                     y + row * tokens + token);
      }
    }
    for (; token < tokens; token++) {
      for (size_t row = first; row < end; row++) {
        multiply_row(dtype, at(weights, dtype, row * columns), columns, x + token * columns, 1,
                     y + row * tokens + token);
      }
    }
  }
}

static void multiply(muninn_dtype dtype, const void *weights, size_t rows, size_t columns,
                     const float *x, size_t tokens, float *y) {
#define CALL(dtype) multiply_rows(dtype, weights, rows, columns, x, tokens, y)
  FOR_DTYPE(dtype, CALL)
#undef CALL
}

#endif
