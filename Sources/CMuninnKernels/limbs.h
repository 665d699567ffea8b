/// Codes times elements in limbs, by the instructions of arm64 that multiply bytes and add up in 32 bits.
#ifndef MUNINN_LIMBS_H
#define MUNINN_LIMBS_H

#include "codes.h"

typedef int32_t i32x4 __attribute__((ext_vector_type(4)));
typedef float f32x4 __attribute__((ext_vector_type(4)));

/// Adds the products of four neighbouring bytes each: `sdot`.
INLINE i32x4 add_fours(i32x4 sums, i8x16 a, i8x16 b) {
  return (i32x4)vdotq_s32((int32x4_t)sums, (int8x16_t)a, (int8x16_t)b);
}

INLINE i8x16 load_limb(const char *values) {
  i8x16 limb;
  __builtin_memcpy(&limb, values, sizeof limb);
  return limb;
}

/// The sums of parts.
INLINE i32x4 joined(i32x4 upper, i32x4 lower) { return (upper << 8) + lower; }

/// The sums of two neighbours each, of one vector and then of the other.
INLINE i32x4 add_neighbours(i32x4 a, i32x4 b) {
  return (i32x4)vpaddq_s32((int32x4_t)a, (int32x4_t)b);
}

// MARK: One vector

/// Sums of products, limbs apart.
typedef struct {
  i32x4 limbs[4];
} part_sums;

/// What is left to add up of a block: two sums of high parts and two of low ones.
INLINE i32x4 sums_of_parts(part_sums sums) {
  return add_neighbours(joined(sums.limbs[0], sums.limbs[1]),
                        joined(sums.limbs[2], sums.limbs[3]));
}

/// The total of a block.
INLINE float total_of_one(part_sums sums) {
  i32x4 parts = sums_of_parts(sums);
  return (float)(parts[0] + parts[1]) * 0x1p15f + (float)(parts[2] + parts[3]);
}

/// The totals of eight blocks.
INLINE f32x8 totals_of_eight(const part_sums *sums) {
  i32x4 pairs[4];
  for (int i = 0; i < 4; i++) {
    pairs[i] = add_neighbours(sums_of_parts(sums[2 * i]), sums_of_parts(sums[2 * i + 1]));
  }
  i32x8 a = __builtin_shufflevector(pairs[0], pairs[1], 0, 1, 2, 3, 4, 5, 6, 7);
  i32x8 b = __builtin_shufflevector(pairs[2], pairs[3], 0, 1, 2, 3, 4, 5, 6, 7);
  i32x8 high = __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14);
  i32x8 low = __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15);
  return __builtin_convertvector(high, f32x8) * 0x1p15f + __builtin_convertvector(low, f32x8);
}

/// Adds the products of sixteen columns.
INLINE part_sums add_sixteen(part_sums sums, i8x16 codes, const char *panel, size_t column) {
  const char *values = panel + column / STEP * 4 * STEP + column % STEP;
  for (size_t limb = 0; limb < 4; limb++) {
    sums.limbs[limb] = add_fours(sums.limbs[limb], codes, load_limb(values + limb * STEP));
  }
  return sums;
}

/// Adds the products of 32 columns of nibbles with a step of a vector.
INLINE part_sums add_nibbles(part_sums sums, const char *codes, const char *step) {
  i8x32 both = load_nibbles(codes);
  return add_sixteen(add_sixteen(sums, both.lo, step, 0), both.hi, step, 16);
}

// MARK: Panels of four

#ifdef MATRIX_PRODUCTS

/// The columns of a step of `add_columns`.
#define COLUMNS_AT_ONCE 8

/// Adds the products of eight columns of two pairs of rows with two pairs of vectors: `[rows][vectors]`
/// of each pair with each, by `smmla`.
INLINE void add_columns(i32x4 (*sums)[4], const int8_t *codes, const char *values) {
  i8x16 rows[2];
  for (size_t pair = 0; pair < 2; pair++) {
    __builtin_memcpy(&rows[pair], codes + pair * 2 * MUNINN_BLOCK_COLUMNS, sizeof rows[pair]);
  }
  for (size_t limb = 0; limb < 4; limb++) {
    for (size_t index = 0; index < 4; index++) {
      int8x16_t vectors = (int8x16_t)load_limb(values + limb * 32 + index % 2 * 16);
      sums[limb][index] = (i32x4)vmmlaq_s32((int32x4_t)sums[limb][index],
                                            (int8x16_t)rows[index / 2], vectors);
    }
  }
}

/// The scales of what has one index of sums.
INLINE f32x4 scales_of(f32x4 rows, size_t index) {
  return index < 2 ? __builtin_shufflevector(rows, rows, 0, 0, 1, 1)
                   : __builtin_shufflevector(rows, rows, 2, 2, 3, 3);
}

/// The products of four rows with four vectors as `[vector][row]`.
INLINE f32x16 by_vector(f32x16 products) {
  return __builtin_shufflevector(products, products, 0, 2, 8, 10, 1, 3, 9, 11, 4, 6, 12, 14, 5, 7,
                                 13, 15);
}

#else

/// The columns of a step of `add_columns`.
#define COLUMNS_AT_ONCE 16

/// Adds the products of sixteen columns of four rows with four vectors: `[vectors]` of each row.
INLINE void add_columns(i32x4 (*sums)[4], const int8_t *codes, const char *values) {
  i32x4 rows[4];
  for (size_t row = 0; row < 4; row++) {
    __builtin_memcpy(&rows[row], codes + row * MUNINN_BLOCK_COLUMNS, sizeof rows[row]);
  }
#pragma clang loop unroll(full)
  for (size_t four = 0; four < 4; four++) {
    for (size_t limb = 0; limb < 4; limb++) {
      i8x16 vectors = load_limb(values + (four * 4 + limb) * 16);
      for (size_t row = 0; row < 4; row++) {
        // Four columns of a row, the same for each vector: an operand of the instruction.
        i8x16 same = __builtin_bit_cast(i8x16, (i32x4)rows[row][four]);
        sums[limb][row] = add_fours(sums[limb][row], vectors, same);
      }
    }
  }
}

/// The scales of what has one index of sums.
INLINE f32x4 scales_of(f32x4 rows, size_t index) { return (f32x4)rows[index]; }

/// The products of four rows with four vectors as `[vector][row]`.
INLINE f32x16 by_vector(f32x16 products) {
  return __builtin_shufflevector(products, products, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7,
                                 11, 15);
}

#endif

/// Adds the products of some columns with a panel of four vectors, four rows at a time: as many as
/// registers hold sums of.
INLINE void multiply_panel(code_tile *tile, size_t size, size_t rows, code_columns columns,
                           size_t width, const char *steps, size_t panel) {
  (void)size;
  for (size_t first = 0; first < rows; first += 4) {
    for (size_t block = 0; block < columns.blocks; block++) {
      const char *values = steps + panel_bytes(block * width, 4);
      i32x4 sums[4][4] = {0};
      for (size_t column = 0; column < width; column += COLUMNS_AT_ONCE) {
        add_columns(sums, bytes_at(tile, first, block * width + column),
                    values + panel_bytes(column, 4));
      }
      i32x4 highs[4], lows[4];
      f32x4 rows_scales, scales[4];
      __builtin_memcpy(&rows_scales, &tile->scales[block][first], sizeof rows_scales);
      for (size_t index = 0; index < 4; index++) {
        highs[index] = joined(sums[0][index], sums[1][index]);
        lows[index] = joined(sums[2][index], sums[3][index]);
        scales[index] = scales_of(rows_scales, index);
      }
      i32x16 high, low;
      f32x16 scale;
      __builtin_memcpy(&high, highs, sizeof high);
      __builtin_memcpy(&low, lows, sizeof low);
      __builtin_memcpy(&scale, scales, sizeof scale);
      add_in_lane(lanes_at(tile, 4, panel, first), columns.lane + block, total_of(high, low) * scale);
    }
  }
}

#endif
