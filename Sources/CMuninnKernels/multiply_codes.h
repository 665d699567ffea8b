/// The product of rows of 8-bit codes with a few vectors in fixed point: whole numbers, exact, until
/// a scale is due.
///
/// An element of a vector is high · 2¹⁵ + low in units of its vector, of at most 2²⁹. Products with
/// codes are summed in 32 bits over blocks of at most 512 columns: 512 · 128 · 2¹⁴ = 2³⁰. Four blocks
/// at a time become binary32, one lane each.
#ifndef MUNINN_MULTIPLY_CODES_H
#define MUNINN_MULTIPLY_CODES_H

#include "multiply.h"

#include <stdbool.h>

typedef int8_t i8x16 __attribute__((ext_vector_type(16)));
typedef int16_t i16x16 __attribute__((ext_vector_type(16)));
typedef int32_t i32x16 __attribute__((ext_vector_type(16)));
typedef int32_t i32x8 __attribute__((ext_vector_type(8)));
typedef int32_t i32x4 __attribute__((ext_vector_type(4)));
typedef float f32x4 __attribute__((ext_vector_type(4)));

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

/// The sum of each of four vectors: transposed and added in halves, which are folded last.
INLINE i32x4 sums_of_four(const i32x8 *v) {
  i32x8 ab = __builtin_shufflevector(v[0], v[1], 0, 8, 1, 9, 4, 12, 5, 13) +
             __builtin_shufflevector(v[0], v[1], 2, 10, 3, 11, 6, 14, 7, 15);
  i32x8 cd = __builtin_shufflevector(v[2], v[3], 0, 8, 1, 9, 4, 12, 5, 13) +
             __builtin_shufflevector(v[2], v[3], 2, 10, 3, 11, 6, 14, 7, 15);
  i32x8 abcd = __builtin_shufflevector(ab, cd, 0, 1, 8, 9, 4, 5, 12, 13) +
               __builtin_shufflevector(ab, cd, 2, 3, 10, 11, 6, 7, 14, 15);
  return abcd.lo + abcd.hi;
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

/// A block of a row with some vectors: eight lanes for each.
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

/// high · 2¹⁵ + low of four sums.
INLINE f32x4 joined(const i32x8 *highs, const i32x8 *lows) {
  return __builtin_convertvector(sums_of_four(highs), f32x4) * 0x1p15f +
         __builtin_convertvector(sums_of_four(lows), f32x4);
}

/// Up to four blocks of a row with one vector, a lane each.
INLINE f32x4 multiply_blocks(row row, size_t first, size_t count, const int16_t *high,
                             const int16_t *low, float unit) {
  i32x8 highs[4] = {0}, lows[4] = {0};
  f32x4 scales = 0;
  for (size_t lane = 0; lane < count; lane++) {
    block block = block_at(row, first + lane);
    multiply_block(row.codes, block, high, low, 0, 1, highs + lane, lows + lane);
    scales[lane] = scale_of(row, block);
  }
  return joined(highs, lows) * unit * scales;
}

/// One row with one vector: four blocks at a time.
INLINE float multiply_codes_one(row row, const int16_t *high, const int16_t *low, float unit) {
  f32x4 sums = 0;
  size_t first = 0;
  for (; first + 4 <= row.blocks; first += 4) sums += multiply_blocks(row, first, 4, high, low, unit);
  if (first < row.blocks) {
    sums += multiply_blocks(row, first, row.blocks - first, high, low, unit);
  }
  return (sums.x + sums.z) + (sums.y + sums.w);
}

/// Up to four blocks of a row with four vectors, a lane of the sums each.
INLINE void add_blocks(row row, size_t first, size_t count, const int16_t *high, const int16_t *low,
                       size_t stride, f32x4 units, f32x4 *sums) {
  for (size_t lane = 0; lane < count; lane++) {
    block block = block_at(row, first + lane);
    i32x8 highs[4], lows[4];
    multiply_block(row.codes, block, high, low, stride, 4, highs, lows);
    sums[lane] += joined(highs, lows) * units * scale_of(row, block);
  }
}

/// One row with four vectors: four blocks at a time, too.
INLINE f32x4 multiply_codes_four(row row, const int16_t *high, const int16_t *low, size_t stride,
                                 f32x4 units) {
  f32x4 sums[4] = {0};
  size_t first = 0;
  for (; first + 4 <= row.blocks; first += 4) {
    add_blocks(row, first, 4, high, low, stride, units, sums);
  }
  if (first < row.blocks) {
    add_blocks(row, first, row.blocks - first, high, low, stride, units, sums);
  }
  return (sums[0] + sums[2]) + (sums[1] + sums[3]);
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
    for (; token + TOKENS <= tokens; token += TOKENS) {
      f32x4 four;
      __builtin_memcpy(&four, units + token, sizeof four);
      for (size_t index = first; index < end; index++) {
        one.codes = codes + index * columns;
        one.scales = (const char *)scales + index * scale_bytes;
        f32x4 products = multiply_codes_four(one, high + token * stride, low + token * stride,
                                             stride, four);
        __builtin_memcpy(y + index * tokens + token, &products, sizeof products);
      }
    }
    for (; token < tokens; token++) {
      for (size_t index = first; index < end; index++) {
        one.codes = codes + index * columns;
        one.scales = (const char *)scales + index * scale_bytes;
        y[index * tokens + token] =
            multiply_codes_one(one, high + token * stride, low + token * stride, units[token]);
      }
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
