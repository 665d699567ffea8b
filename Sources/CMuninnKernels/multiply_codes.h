/// The product of rows of 8-bit codes with a few vectors in fixed point: whole numbers, exact, until
/// a scale is due.
///
/// An element of a vector is high · 2¹⁵ + low in units of its vector, of at most 2²⁹. Products with
/// codes are summed in eight lanes of 32 bits, lane = (column mod 16) / 2, over blocks of at most 512
/// columns: 64 · 128 · 2¹⁴ = 2²⁷. Then they become binary32 and take their scale.
#ifndef MUNINN_MULTIPLY_CODES_H
#define MUNINN_MULTIPLY_CODES_H

#include "multiply.h"

#include <stdbool.h>

typedef int8_t i8x16 __attribute__((ext_vector_type(16)));
typedef int16_t i16x16 __attribute__((ext_vector_type(16)));
typedef int32_t i32x16 __attribute__((ext_vector_type(16)));
typedef int32_t i32x8 __attribute__((ext_vector_type(8)));

/// Sums of two neighbouring products each: one instruction on x86-64.
INLINE i32x8 pair_products(i16x16 a, i16x16 b) {
  i32x16 products = __builtin_convertvector(a, i32x16) * __builtin_convertvector(b, i32x16);
  return products.even + products.odd;
}

INLINE i16x16 sixteen(const int16_t *plane) {
  i16x16 values;
  __builtin_memcpy(&values, plane, sizeof values);
  return values;
}

/// A row of codes: a run of columns has one scale, binary32 of a row and binary16 of a group.
typedef struct {
  const int8_t *codes;
  const void *scales;
  bool groups;
  size_t run, blocks_in_run, blocks;
} row;

/// Where a block lies in its row.
typedef struct {
  size_t group, start, width;
} block;

INLINE block block_at(row row, size_t index) {
  size_t group = index / row.blocks_in_run;
  size_t offset = index % row.blocks_in_run * MUNINN_BLOCK_COLUMNS, left = row.run - offset;
  size_t width = left < MUNINN_BLOCK_COLUMNS ? left : MUNINN_BLOCK_COLUMNS;
  return (block){group, group * row.run + offset, width};
}

INLINE float scale_of(row row, block block) {
  if (!row.groups) {
    float scale;
    __builtin_memcpy(&scale, row.scales, sizeof scale);
    return scale;
  }
  uint16_t bits;
  __builtin_memcpy(&bits, (const char *)row.scales + block.group * sizeof bits, sizeof bits);
#ifdef HALF_CONVERSION
  return __builtin_bit_cast(_Float16, bits);
#else
  uint32_t magnitude = (uint32_t)(bits & 0x7FFF) << 13;
  uint32_t value = magnitude >= 0x0F800000 ? magnitude | 0x7F800000
                                           : bits_of(float_of(magnitude) * 0x1p112f);
  return float_of(value | (uint32_t)(bits & 0x8000) << 16);
#endif
}

/// Adds the products of sixteen columns, or of the last ones followed by zeros.
INLINE void add_products(const int8_t *codes, size_t count, const int16_t *high,
                         const int16_t *low, size_t stride, size_t vectors, i32x8 *highs,
                         i32x8 *lows) {
  i8x16 narrow = 0;
  __builtin_memcpy(&narrow, codes, count);
  i16x16 wide = __builtin_convertvector(narrow, i16x16);
  for (size_t vector = 0; vector < vectors; vector++) {
    highs[vector] += pair_products(wide, sixteen(high + vector * stride));
    lows[vector] += pair_products(wide, sixteen(low + vector * stride));
  }
}

/// A block of a row with some vectors.
INLINE void multiply_block(const int8_t *codes, block block, const int16_t *high,
                           const int16_t *low, size_t stride, size_t vectors, i32x8 *highs,
                           i32x8 *lows) {
  for (size_t vector = 0; vector < vectors; vector++) highs[vector] = lows[vector] = 0;
  size_t column = block.start, end = column + block.width;
#pragma clang loop unroll_count(2)
  for (; column + 16 <= end; column += 16) {
    add_products(codes + column, 16, high + column, low + column, stride, vectors, highs, lows);
  }
  if (column < end) {
    add_products(codes + column, end - column, high + column, low + column, stride, vectors, highs,
                 lows);
  }
}

/// One row with up to four vectors.
INLINE void multiply_codes_row(row row, const int16_t *high, const int16_t *low, size_t stride,
                               const float *units, size_t vectors, float *y) {
  f32x8 sums[TOKENS];
  for (size_t vector = 0; vector < vectors; vector++) sums[vector] = 0;
  for (size_t index = 0; index < row.blocks; index++) {
    block block = block_at(row, index);
    i32x8 highs[TOKENS], lows[TOKENS];
    multiply_block(row.codes, block, high, low, stride, vectors, highs, lows);
    float scale = scale_of(row, block);
    for (size_t vector = 0; vector < vectors; vector++) {
      f32x8 products = __builtin_convertvector(highs[vector], f32x8) * 0x1p15f +
                       __builtin_convertvector(lows[vector], f32x8);
      sums[vector] += products * scale;
    }
  }
  for (size_t vector = 0; vector < vectors; vector++) {
    y[vector] = sum_of_eight(sums[vector]) * units[vector];
  }
}

INLINE void multiply_codes_rows(bool groups, const int8_t *codes, const void *scales, size_t rows,
                                size_t columns, size_t run, const int16_t *high,
                                const int16_t *low, size_t stride, const float *units,
                                size_t tokens, float *y) {
  row one = {.groups = groups, .run = run};
  one.blocks_in_run = (run + MUNINN_BLOCK_COLUMNS - 1) / MUNINN_BLOCK_COLUMNS;
  one.blocks = run == 0 ? 0 : columns / run * one.blocks_in_run;
  size_t scale_bytes = groups ? columns / run * sizeof(uint16_t) : sizeof(float);
  // As the product of values: rows stay in the cache for all vectors of a tile.
  for (size_t first = 0; first < rows; first += ROWS) {
    size_t end = first + ROWS < rows ? first + ROWS : rows, token = 0;
    while (token < tokens) {
      size_t vectors = token + TOKENS <= tokens ? TOKENS : 1;
      for (size_t index = first; index < end; index++) {
        one.codes = codes + index * columns;
        one.scales = (const char *)scales + index * scale_bytes;
        const int16_t *highs = high + token * stride, *lows = low + token * stride;
        float *products = y + index * tokens + token;
        // Two calls, so that each is compiled for its number.
        if (vectors == TOKENS) {
          multiply_codes_row(one, highs, lows, stride, units + token, TOKENS, products);
        } else {
          multiply_codes_row(one, highs, lows, stride, units + token, 1, products);
        }
      }
      token += vectors;
    }
  }
}

static void multiply_codes(const int8_t *codes, const void *scales, size_t rows, size_t columns,
                           size_t group_size, const int16_t *high, const int16_t *low,
                           size_t stride, const float *units, size_t tokens, float *y) {
#define CALL(groups, run)                                                                          \
  multiply_codes_rows(groups, codes, scales, rows, columns, run, high, low, stride, units, tokens, y)
  if (group_size == 0) {
    CALL(false, columns);
  } else if (group_size == 32) {
    // The usual size: blocks of a known length are unrolled.
    CALL(true, 32);
  } else {
    CALL(true, group_size);
  }
#undef CALL
}

#endif
