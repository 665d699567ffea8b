/// The product of rows of 8-bit codes with one vector in fixed point: whole numbers, exact, until a
/// scale is due.
///
/// Codes times high parts and codes times low parts are summed in 32 bits over blocks of at most 256
/// columns (256 · 128 · 2¹⁴ = 2²⁹). A block's sums become binary32, high · 2¹⁵ + low, take their
/// scale, and are added in lane (block mod 8) of binary32; at the end of a row the lanes are combined
/// in halves, and the sum takes the vector's unit. So the result depends neither on an order within a
/// block nor on how many vectors are multiplied at a time.
#ifndef MUNINN_MULTIPLY_CODES_H
#define MUNINN_MULTIPLY_CODES_H

#include "fixed_point.h"

typedef int8_t i8x16 __attribute__((ext_vector_type(16)));
typedef int16_t i16x16 __attribute__((ext_vector_type(16)));
typedef int32_t i32x8 __attribute__((ext_vector_type(8)));
typedef uint16_t u16x8 __attribute__((ext_vector_type(8)));
typedef uint32_t u32x8 __attribute__((ext_vector_type(8)));

/// Rows of codes: a run of columns has one scale, binary32 of a row and binary16 of a group.
typedef struct {
  const int8_t *codes;
  const char *scales;
  size_t rows, columns, run;
  bool groups;
} code_rows;

INLINE size_t runs_of(code_rows matrix) { return matrix.run == 0 ? 0 : matrix.columns / matrix.run; }

INLINE f32x8 widen_eight_halves(u16x8 bits) {
#ifdef HALF_CONVERSION
  typedef _Float16 f16x8 __attribute__((ext_vector_type(8)));
  return __builtin_convertvector(__builtin_bit_cast(f16x8, bits), f32x8);
#else
  u32x8 wide = __builtin_convertvector(bits, u32x8), magnitude = (wide & 0x7FFF) << 13;
  u32x8 value = __builtin_bit_cast(u32x8, __builtin_bit_cast(f32x8, magnitude) * 0x1p112f);
  value = magnitude >= 0x0F800000 ? (magnitude | 0x7F800000) : value;
  return __builtin_bit_cast(f32x8, value | (wide & 0x8000) << 16);
#endif
}

/// The scale of one run of one row.
INLINE float scale_at(code_rows matrix, size_t row, size_t run) {
  if (matrix.groups) {
    u16x8 bits = 0;
    __builtin_memcpy(&bits, matrix.scales + 2 * (row * runs_of(matrix) + run), sizeof(uint16_t));
    return widen_eight_halves(bits)[0];
  }
  float scale;
  __builtin_memcpy(&scale, matrix.scales + 4 * row, sizeof scale);
  return scale;
}

/// The sums of either half of four vectors of eight: those of the first halves, then of the second.
INLINE i32x8 sums_of_halves(const i32x8 *lanes) {
  i32x8 two[2];
  for (int i = 0; i < 2; i++) {
    i32x8 a = lanes[2 * i], b = lanes[2 * i + 1];
    two[i] = __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13) +
             __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15);
  }
  return __builtin_shufflevector(two[0], two[1], 0, 1, 8, 9, 4, 5, 12, 13) +
         __builtin_shufflevector(two[0], two[1], 2, 3, 10, 11, 6, 7, 14, 15);
}

/// The sums of eight vectors of eight.
INLINE i32x8 sums_of_eight(const i32x8 *lanes) {
  i32x8 a = sums_of_halves(lanes), b = sums_of_halves(lanes + 4);
  return __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11) +
         __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15);
}

/// Sums of products, high and low parts apart.
typedef struct {
  i32x8 high, low;
} lanes;

/// Adds sums of two neighbouring products each: one instruction on x86-64, or two.
INLINE i32x8 add_eight_pairs(i32x8 sums, i16x16 codes, i16x16 values) {
#if defined(VNNI)
  return (i32x8)_mm256_dpwssd_epi32((__m256i)sums, (__m256i)codes, (__m256i)values);
#elif defined(VNNI_256)
  return (i32x8)_mm256_dpwssd_avx_epi32((__m256i)sums, (__m256i)codes, (__m256i)values);
#else
  i32x16 products =
      __builtin_convertvector(codes, i32x16) * __builtin_convertvector(values, i32x16);
  return sums + (products.even + products.odd);
#endif
}

/// Adds the products of sixteen columns, or of the last ones followed by zeros.
INLINE lanes add_sixteen(lanes sums, const int8_t *codes, size_t count, const int16_t *panel,
                         size_t column) {
  i8x16 narrow = 0;
  __builtin_memcpy(&narrow, codes + column, count);
  i16x16 wide = __builtin_convertvector(narrow, i16x16), high, low;
  const int16_t *values = panel + column / STEP * 2 * STEP + column % STEP;
  __builtin_memcpy(&high, values, sizeof high);
  __builtin_memcpy(&low, values + STEP, sizeof low);
  return (lanes){add_eight_pairs(sums.high, wide, high), add_eight_pairs(sums.low, wide, low)};
}

/// The products of a block.
INLINE lanes block_lanes(const int8_t *codes, size_t column, size_t width, const int16_t *panel) {
  lanes sums = {0, 0};
  size_t end = column + width;
#pragma clang loop unroll_count(2)
  for (; column + 16 <= end; column += 16) sums = add_sixteen(sums, codes, 16, panel, column);
  if (column < end) sums = add_sixteen(sums, codes, end - column, panel, column);
  return sums;
}

/// Adds the products of the runs of a row from one on, which may be longer than a block.
INLINE f32x8 add_runs(f32x8 sums, code_rows matrix, size_t row, size_t run, const int16_t *panel) {
  const int8_t *codes = matrix.codes + row * matrix.columns;
  size_t block = run * ((matrix.run + MUNINN_BLOCK_COLUMNS - 1) / MUNINN_BLOCK_COLUMNS);
  for (; run < runs_of(matrix); run++) {
    float scale = scale_at(matrix, row, run);
    size_t column = run * matrix.run, left = matrix.run, width;
    for (; left > 0; left -= width, column += width, block++) {
      width = left < MUNINN_BLOCK_COLUMNS ? left : MUNINN_BLOCK_COLUMNS;
      lanes products = block_lanes(codes, column, width, panel);
      float total = (float)__builtin_reduce_add(products.high) * 0x1p15f +
                    (float)__builtin_reduce_add(products.low);
      sums[block % 8] += total * scale;
    }
  }
  return sums;
}

/// A row of groups of 32 columns, eight of which fill the lanes at once.
INLINE f32x8 lanes_of_groups(code_rows matrix, size_t row, const int16_t *panel) {
  size_t groups = runs_of(matrix), group = 0;
  const int8_t *codes = matrix.codes + row * matrix.columns;
  f32x8 sums = 0;
  for (; group + 8 <= groups; group += 8) {
    i32x8 highs[8], lows[8];
#pragma clang loop unroll(full)
    for (size_t index = 0; index < 8; index++) {
      size_t column = (group + index) * STEP;
      // A group is a step of the panel.
      lanes products = block_lanes(codes + column, 0, STEP, panel + 2 * column);
      highs[index] = products.high;
      lows[index] = products.low;
    }
    u16x8 bits;
    __builtin_memcpy(&bits, matrix.scales + 2 * (row * groups + group), sizeof bits);
    f32x8 totals = __builtin_convertvector(sums_of_eight(highs), f32x8) * 0x1p15f +
                   __builtin_convertvector(sums_of_eight(lows), f32x8);
    sums += totals * widen_eight_halves(bits);
  }
  return add_runs(sums, matrix, row, group, panel);
}

/// Rows of codes with a panel of one vector.
INLINE void multiply_codes_by_one(code_rows matrix, const int16_t *panel, float unit, float *y) {
  for (size_t row = 0; row < matrix.rows; row++) {
    f32x8 sums = matrix.groups && matrix.run == 32 ? lanes_of_groups(matrix, row, panel)
                                                   : add_runs(0, matrix, row, 0, panel);
    y[row] = sum_of_eight(sums) * unit;
  }
}

#endif
