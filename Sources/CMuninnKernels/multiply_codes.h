/// The product of rows of codes with one vector in fixed point: whole numbers, exact, until a
/// scale is due.
///
/// Codes times high parts and codes times low parts are summed in 32 bits over blocks of at most 256
/// columns (256 · 128 · 2¹⁴ = 2²⁹). A block's sums become binary32, high · 2¹⁵ + low, take their
/// scale, and are added in lane (block mod 8) of binary32; at the end of a row the lanes are combined
/// in halves, and the sum takes the vector's unit. So the result depends neither on an order within a
/// block, nor on how an element is split, nor on how many vectors are multiplied at a time.
#ifndef MUNINN_MULTIPLY_CODES_H
#define MUNINN_MULTIPLY_CODES_H

#ifdef DOT_PRODUCTS
#include "limbs.h"
#else
#include "pairs.h"
#endif

/// The products of a block of a row.
INLINE part_sums block_sums(code_rows matrix, size_t row, size_t column, size_t width,
                            const char *panel) {
  part_sums sums = {0};
  size_t end = column + width;
  if (matrix.nibbles) {
    for (; column < end; column += STEP) {
      sums = add_nibbles(sums, codes_at(matrix, row, column), panel + panel_bytes(column, 1));
    }
    return sums;
  }
#pragma clang loop unroll_count(2)
  for (; column + 16 <= end; column += 16) {
    sums = add_sixteen(sums, load_codes(codes_at(matrix, row, column), 16), panel, column);
  }
  if (column < end) {
    i8x16 codes = load_codes(codes_at(matrix, row, column), end - column);
    sums = add_sixteen(sums, codes, panel, column);
  }
  return sums;
}

/// Adds the products of the runs of a row from one on, which may be longer than a block.
INLINE f32x8 add_runs(f32x8 lanes, code_rows matrix, size_t row, size_t run, const char *panel) {
  size_t block = run * ((matrix.run + MUNINN_BLOCK_COLUMNS - 1) / MUNINN_BLOCK_COLUMNS);
  for (; run < runs_of(matrix); run++) {
    float scale = scale_at(matrix, row, run);
    size_t column = run * matrix.run, left = matrix.run, width;
    for (; left > 0; left -= width, column += width, block++) {
      width = left < MUNINN_BLOCK_COLUMNS ? left : MUNINN_BLOCK_COLUMNS;
      float total = total_of_one(block_sums(matrix, row, column, width, panel));
      lanes[block % 8] += total * scale;
    }
  }
  return lanes;
}

/// A row of groups of 32 columns, eight of which fill the lanes at once.
INLINE f32x8 lanes_of_groups(code_rows matrix, size_t row, const char *panel) {
  size_t groups = runs_of(matrix), group = 0;
  f32x8 lanes = 0;
  for (; group + 8 <= groups; group += 8) {
    part_sums sums[8];
#pragma clang loop unroll(full)
    for (size_t index = 0; index < 8; index++) {
      // A group is a step of the panel.
      sums[index] = block_sums(matrix, row, (group + index) * STEP, STEP, panel);
    }
    u16x8 bits;
    __builtin_memcpy(&bits, matrix.scales + 2 * (row * groups + group), sizeof bits);
    lanes += totals_of_eight(sums) * widen_eight_halves(bits);
  }
  return add_runs(lanes, matrix, row, group, panel);
}

/// Rows of codes with a panel of one vector; `nibbles` is what the matrix says, as a constant.
INLINE void multiply_codes_by_one(code_rows matrix, bool nibbles, const char *panel, float unit,
                                  float *y) {
  matrix.nibbles = nibbles;
  for (size_t row = 0; row < matrix.rows; row++) {
    f32x8 lanes = matrix.groups && matrix.run == 32 ? lanes_of_groups(matrix, row, panel)
                                                    : add_runs(0, matrix, row, 0, panel);
    y[row] = sum_of_eight(lanes) * unit;
  }
}

#endif
