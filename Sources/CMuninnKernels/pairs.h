/// Codes times elements whose parts have 16 bits: sums of pairs of products.
#ifndef MUNINN_PAIRS_H
#define MUNINN_PAIRS_H

#include "codes.h"

// MARK: One vector

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
} part_sums;

/// The total of a block.
INLINE float total_of_one(part_sums sums) {
  return (float)__builtin_reduce_add(sums.high) * 0x1p15f + (float)__builtin_reduce_add(sums.low);
}

/// The totals of eight blocks.
INLINE f32x8 totals_of_eight(const part_sums *sums) {
  i32x8 highs[8], lows[8];
  for (int i = 0; i < 8; i++) {
    highs[i] = sums[i].high;
    lows[i] = sums[i].low;
  }
  return __builtin_convertvector(sums_of_eight(highs), f32x8) * 0x1p15f +
         __builtin_convertvector(sums_of_eight(lows), f32x8);
}

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

/// Adds the products of sixteen columns.
INLINE part_sums add_sixteen(part_sums sums, i8x16 codes, const char *panel, size_t column) {
  i16x16 wide = __builtin_convertvector(codes, i16x16), high, low;
  const int16_t *values = (const int16_t *)panel + column / STEP * 2 * STEP + column % STEP;
  __builtin_memcpy(&high, values, sizeof high);
  __builtin_memcpy(&low, values + STEP, sizeof low);
  return (part_sums){add_eight_pairs(sums.high, wide, high), add_eight_pairs(sums.low, wide, low)};
}

/// Adds the products of 32 columns of nibbles with a step of a vector that has the even ones first.
INLINE part_sums add_nibbles(part_sums sums, const char *codes, const char *step) {
  u8x16 bytes;
  i16x16 high[2], low[2];
  __builtin_memcpy(&bytes, codes, sizeof bytes);
  __builtin_memcpy(high, step, sizeof high);
  __builtin_memcpy(low, step + sizeof high, sizeof low);
  i16x16 wide = __builtin_convertvector(bytes, i16x16), even = (wide & 15) - 8, odd = (wide >> 4) - 8;
  sums.high = add_eight_pairs(add_eight_pairs(sums.high, even, high[0]), odd, high[1]);
  sums.low = add_eight_pairs(add_eight_pairs(sums.low, even, low[0]), odd, low[1]);
  return sums;
}

// MARK: Panels

#ifdef AMX
#include "tiles.h"
#else

/// The rows that are multiplied for one reading of a panel: as many as registers hold sums of.
#ifdef WIDE_REGISTERS
#define ROWS_AT_ONCE 8
#else
#define ROWS_AT_ONCE 2
#endif

/// Adds the products of a step's pairs of columns.
INLINE i32x16 add_pairs(i32x16 sums, i16x32 codes, i16x32 values) {
#if defined(VNNI)
  return (i32x16)_mm512_dpwssd_epi32((__m512i)sums, (__m512i)codes, (__m512i)values);
#elif defined(VNNI_256)
  i32x8 low = add_eight_pairs(sums.lo, codes.lo, values.lo);
  i32x8 high = add_eight_pairs(sums.hi, codes.hi, values.hi);
  return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
#else
  i32x32 products =
      __builtin_convertvector(codes, i32x32) * __builtin_convertvector(values, i32x32);
  return sums + (products.even + products.odd);
#endif
}

/// A pair of columns, the same for each vector of a panel of sixteen.
INLINE i16x32 sixteen_times_two(const int16_t *codes) {
  int32_t pair;
  __builtin_memcpy(&pair, codes, sizeof pair);
  return __builtin_bit_cast(i16x32, (i32x16)pair);
}

/// The sums of a block's columns of some rows, of high and of low parts.
INLINE void multiply_steps(size_t rows, const int16_t *codes, size_t columns, const char *steps,
                           i32x16 *highs, i32x16 *lows) {
  for (size_t row = 0; row < rows; row++) highs[row] = lows[row] = 0;
#ifdef VNNI
  // Unrolled, the compiler would split the instruction in two for the sake of its latency.
#pragma clang loop unroll(disable)
#else
#pragma clang loop unroll_count(4)
#endif
  for (size_t column = 0; column < columns; column += 2, steps += panel_bytes(2, 16)) {
    i16x32 high, low;
    __builtin_memcpy(&high, steps, sizeof high);
    __builtin_memcpy(&low, steps + sizeof high, sizeof low);
    for (size_t row = 0; row < rows; row++) {
      i16x32 wide = sixteen_times_two(codes + row * MUNINN_BLOCK_COLUMNS + column);
      highs[row] = add_pairs(highs[row], wide, high);
      lows[row] = add_pairs(lows[row], wide, low);
    }
  }
}

/// Adds the products of some columns with a panel of sixteen vectors.
INLINE void multiply_sixteen(code_tile *tile, size_t rows, code_columns columns, size_t width,
                             const char *steps, size_t panel) {
  for (size_t first = 0; first < rows; first += ROWS_AT_ONCE) {
    for (size_t block = 0; block < columns.blocks; block++) {
      size_t column = block * width;
      i32x16 highs[ROWS_AT_ONCE], lows[ROWS_AT_ONCE];
      multiply_steps(ROWS_AT_ONCE, &tile->codes[first][column], width,
                     steps + panel_bytes(column, 16), highs, lows);
      for (size_t row = 0; row < ROWS_AT_ONCE; row++) {
        f32x16 products = total_of(highs[row], lows[row]) * tile->scales[block][first + row];
        add_in_lane(lanes_at(tile, 16, panel, first + row), columns.lane + block, products);
      }
    }
  }
}

#endif

/// Eight columns, the same for two vectors.
INLINE i16x16 twice_eight(const int16_t *codes) {
  typedef int16_t i16x8 __attribute__((ext_vector_type(8)));
  i16x8 eight;
  __builtin_memcpy(&eight, codes, sizeof eight);
  return __builtin_shufflevector(eight, eight, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7);
}

/// Adds the products of some columns with two vectors of a panel of four, four rows at a time.
INLINE void multiply_two(code_tile *tile, size_t rows, code_columns columns, size_t width,
                         const char *steps, size_t panel, size_t half) {
  typedef float f32x4 __attribute__((ext_vector_type(4)));
  for (size_t first = 0; first < rows; first += 4) {
    for (size_t block = 0; block < columns.blocks; block++) {
      const int16_t *codes = &tile->codes[first][block * width];
      const char *values = steps + panel_bytes(block * width, 4) + sizeof(i16x16) * half;
      i32x8 highs[4] = {0}, lows[4] = {0};
      for (size_t column = 0; column < width; column += 8, values += panel_bytes(8, 4)) {
        i16x16 high, low;
        __builtin_memcpy(&high, values, sizeof high);
        __builtin_memcpy(&low, values + 2 * sizeof high, sizeof low);
        for (size_t row = 0; row < 4; row++) {
          i16x16 wide = twice_eight(codes + row * MUNINN_BLOCK_COLUMNS + column);
          highs[row] = add_eight_pairs(highs[row], wide, high);
          lows[row] = add_eight_pairs(lows[row], wide, low);
        }
      }
      // A half of each row's lanes is a vector's: `[vector][row]`.
      f32x8 totals = __builtin_convertvector(sums_of_halves(highs), f32x8) * 0x1p15f +
                     __builtin_convertvector(sums_of_halves(lows), f32x8);
      f32x4 four;
      __builtin_memcpy(&four, &tile->scales[block][first], sizeof four);
      f32x8 scales = __builtin_shufflevector(four, four, 0, 1, 2, 3, 0, 1, 2, 3);
      f32x8 *sums = (f32x8 *)&lanes_at(tile, 4, panel, first)[(columns.lane + block) % 8] + half;
      f32x8 before = columns.lane + block < 8 ? (f32x8)0.0f : *sums;
      *sums = before + totals * scales;
    }
  }
}

INLINE void multiply_four(code_tile *tile, size_t rows, code_columns columns, size_t width,
                          const char *steps, size_t panel) {
  for (size_t half = 0; half < 2; half++) {
    multiply_two(tile, rows, columns, width, steps, panel, half);
  }
}

/// The products of four rows with four vectors as `[vector][row]`.
INLINE f32x16 by_vector(f32x16 products) { return products; }

INLINE void multiply_panel(code_tile *tile, size_t size, size_t rows, code_columns columns,
                           size_t width, const char *steps, size_t panel) {
  if (size == 16) {
    multiply_sixteen(tile, rows, columns, width, steps, panel);
  } else {
    multiply_four(tile, rows, columns, width, steps, panel);
  }
}

#endif
