/// The product of rows of 8-bit codes with panels of four or sixteen vectors.
///
/// A tile of rows is widened to 16 bits once for some panels. Then a few columns of a row are
/// multiplied with the same columns of all vectors of a panel at a time, several rows for one reading
/// of the panel, and the sums of a block stay in registers.
#ifndef MUNINN_CODE_PANELS_H
#define MUNINN_CODE_PANELS_H

#include "multiply_codes.h"

/// The rows of a tile, and the panels that they are multiplied with before the next tile.
#define TILE_ROWS 32
#define TILE_PANELS 4
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

/// Eight columns, the same for two vectors.
INLINE i16x16 twice_eight(const int16_t *codes) {
  typedef int16_t i16x8 __attribute__((ext_vector_type(8)));
  i16x8 eight;
  __builtin_memcpy(&eight, codes, sizeof eight);
  return __builtin_shufflevector(eight, eight, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7);
}

/// The sums of a block's columns of some rows, of high and of low parts.
INLINE void multiply_steps(size_t rows, const int16_t *codes, size_t columns,
                           const int16_t *steps, i32x16 *highs, i32x16 *lows) {
  for (size_t row = 0; row < rows; row++) highs[row] = lows[row] = 0;
#ifdef VNNI
  // Unrolled, the compiler would split the instruction in two for the sake of its latency.
#pragma clang loop unroll(disable)
#else
#pragma clang loop unroll_count(4)
#endif
  for (size_t column = 0; column < columns; column += 2, steps += 2 * STEP) {
    i16x32 high, low;
    __builtin_memcpy(&high, steps, sizeof high);
    __builtin_memcpy(&low, steps + STEP, sizeof low);
    for (size_t row = 0; row < rows; row++) {
      i16x32 wide = sixteen_times_two(codes + row * MUNINN_BLOCK_COLUMNS + column);
      highs[row] = add_pairs(highs[row], wide, high);
      lows[row] = add_pairs(lows[row], wide, low);
    }
  }
}

/// Rows of a matrix at work.
typedef struct {
  /// The codes of some blocks, row by row.
  int16_t codes[TILE_ROWS][MUNINN_BLOCK_COLUMNS];
  /// The scales of these blocks; a group has at least 16 columns.
  float scales[MUNINN_BLOCK_COLUMNS / 16][TILE_ROWS];
  /// Eight lanes: of each row for sixteen vectors, of each four rows for four vectors.
  f32x16 sums[TILE_PANELS][TILE_ROWS][8];
} code_tile;

/// Some columns of a tile: blocks of one width.
typedef struct {
  size_t first, blocks, width, lane;
} code_columns;

INLINE f32x16 total_of(i32x16 high, i32x16 low) {
  return __builtin_convertvector(high, f32x16) * 0x1p15f + __builtin_convertvector(low, f32x16);
}

/// Adds the products of some columns with a panel of sixteen vectors.
INLINE void multiply_sixteen(code_tile *tile, size_t rows, code_columns columns, size_t width,
                             const int16_t *steps, size_t panel) {
  for (size_t first = 0; first < rows; first += ROWS_AT_ONCE) {
    for (size_t block = 0; block < columns.blocks; block++) {
      size_t column = block * width;
      i32x16 highs[ROWS_AT_ONCE], lows[ROWS_AT_ONCE];
      multiply_steps(ROWS_AT_ONCE, &tile->codes[first][column], width, steps + column * 32,
                     highs, lows);
      for (size_t row = 0; row < ROWS_AT_ONCE; row++) {
        f32x16 *sums = &tile->sums[panel][first + row][(columns.lane + block) % 8];
        f32x16 before = columns.lane + block < 8 ? (f32x16)0.0f : *sums;
        *sums = before + total_of(highs[row], lows[row]) * tile->scales[block][first + row];
      }
    }
  }
}

/// Adds the products of some columns with two vectors of a panel of four, four rows at a time.
INLINE void multiply_two(code_tile *tile, size_t rows, code_columns columns, size_t width,
                         const int16_t *steps, size_t panel, size_t half) {
  typedef float f32x4 __attribute__((ext_vector_type(4)));
  for (size_t first = 0; first < rows; first += 4) {
    for (size_t block = 0; block < columns.blocks; block++) {
      const int16_t *codes = &tile->codes[first][block * width];
      const int16_t *values = steps + block * width * 8 + 16 * half;
      i32x8 highs[4] = {0}, lows[4] = {0};
      for (size_t column = 0; column < width; column += 8, values += 2 * STEP) {
        i16x16 high, low;
        __builtin_memcpy(&high, values, sizeof high);
        __builtin_memcpy(&low, values + STEP, sizeof low);
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
      f32x8 *sums = (f32x8 *)&tile->sums[panel][first / 4][(columns.lane + block) % 8] + half;
      f32x8 before = columns.lane + block < 8 ? (f32x8)0.0f : *sums;
      *sums = before + totals * scales;
    }
  }
}

INLINE void multiply_four(code_tile *tile, size_t rows, code_columns columns, size_t width,
                          const int16_t *steps, size_t panel) {
  for (size_t half = 0; half < 2; half++) {
    multiply_two(tile, rows, columns, width, steps, panel, half);
  }
}

INLINE void widen_codes(code_tile *tile, code_rows matrix, size_t column, size_t columns) {
  for (size_t row = 0; row < matrix.rows; row++) {
    const int8_t *codes = matrix.codes + row * matrix.columns + column;
    size_t index = 0;
    for (; index + 16 <= columns; index += 16) {
      i8x16 narrow;
      __builtin_memcpy(&narrow, codes + index, sizeof narrow);
      i16x16 wide = __builtin_convertvector(narrow, i16x16);
      __builtin_memcpy(&tile->codes[row][index], &wide, sizeof wide);
    }
    // The last step is filled up with zeros.
    for (; index < (columns + 7) / 8 * 8; index++) {
      tile->codes[row][index] = index < columns ? codes[index] : 0;
    }
  }
}

INLINE void widen_scales(code_tile *tile, code_rows matrix, size_t run, size_t blocks) {
  for (size_t row = 0; row < matrix.rows; row++) {
    size_t block = 0;
    for (; matrix.groups && block + 8 <= blocks; block += 8) {
      u16x8 bits;
      __builtin_memcpy(&bits, matrix.scales + 2 * (row * runs_of(matrix) + run + block), sizeof bits);
      f32x8 scales = widen_eight_halves(bits);
      for (size_t index = 0; index < 8; index++) tile->scales[block + index][row] = scales[index];
    }
    for (; block < blocks; block++) tile->scales[block][row] = scale_at(matrix, row, run + block);
  }
}

/// The sum of eight lanes, of which the first `count` have been used.
INLINE f32x16 sum_of_lanes(f32x16 *lanes, size_t count) {
  for (size_t lane = count; lane < 8; lane++) lanes[lane] = 0;
  return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) +
         ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

INLINE void store_tile(code_tile *tile, size_t rows, size_t lanes, size_t size,
                       const float *units, size_t vectors, float *y, size_t stride) {
  size_t in_sum = size == 16 ? 1 : 4;
  // Turned within a block, as vectors can be far apart and at the same place of the cache.
  float block[16][TILE_ROWS];
  for (size_t first = 0; first < vectors; first += size) {
    size_t count = vectors - first < size ? vectors - first : size;
    for (size_t row = 0; row < rows; row += in_sum) {
      f32x16 sums = sum_of_lanes(tile->sums[first / size][row / in_sum], lanes);
      float products[16];
      __builtin_memcpy(products, &sums, sizeof products);
      if (size == 16) {
        for (size_t vector = 0; vector < 16; vector++) block[vector][row] = products[vector];
      } else {
        for (size_t vector = 0; vector < 4; vector++) {
          __builtin_memcpy(&block[vector][row], products + 4 * vector, 4 * sizeof(float));
        }
      }
    }
    for (size_t vector = 0; vector < count; vector++) {
      float *output = y + (first + vector) * stride, unit = units[first + vector];
      for (size_t row = 0; row < rows; row++) output[row] = block[vector][row] * unit;
    }
  }
}

/// Rows of a tile with up to `TILE_PANELS` panels of one size.
static void multiply_code_tile(code_rows matrix, size_t size, const int16_t *panels,
                               const float *units, size_t vectors, float *y, size_t stride) {
  code_tile tile;
  size_t panel_count = (vectors + size - 1) / size;
  size_t length = panel_length(matrix.columns, size);
  // Rows that only fill up the last ones must be numbers.
  size_t rows = (matrix.rows + 7) / 8 * 8;
  __builtin_memset(tile.codes[matrix.rows], 0, (rows - matrix.rows) * sizeof tile.codes[0]);
  if (rows > matrix.rows) __builtin_memset(tile.scales, 0, sizeof tile.scales);
  code_columns columns = {0};
  for (size_t count; columns.first < matrix.columns; columns.first += count) {
    // As many groups as a tile has room for, or a block of a longer run.
    size_t left = matrix.run - columns.first % matrix.run;
    count = columns.width = left < MUNINN_BLOCK_COLUMNS ? left : MUNINN_BLOCK_COLUMNS;
    columns.blocks = 1;
    if (matrix.run <= MUNINN_BLOCK_COLUMNS) {
      columns.blocks = MUNINN_BLOCK_COLUMNS / matrix.run;
      size_t most = (matrix.columns - columns.first) / matrix.run;
      if (columns.blocks > most) columns.blocks = most;
      count = columns.blocks * columns.width;
    }
    widen_codes(&tile, matrix, columns.first, count);
    widen_scales(&tile, matrix, columns.first / matrix.run, columns.blocks);
    for (size_t panel = 0; panel < panel_count; panel++) {
      const int16_t *steps = panels + panel * length + columns.first * 2 * size;
#define CALL(width)                                                                                \
  size == 16 ? multiply_sixteen(&tile, rows, columns, width, steps, panel)                         \
             : multiply_four(&tile, rows, columns, width, steps, panel)
      // The usual size: loops of a known length.
      if (columns.width == 32) {
        CALL(32);
      } else {
        CALL(columns.width);
      }
#undef CALL
    }
    columns.lane += columns.blocks;
  }
  store_tile(&tile, matrix.rows, columns.lane, size, units, vectors, y, stride);
}

/// Rows of codes with panels of four or sixteen.
INLINE void multiply_codes_by_panels(code_rows matrix, size_t size, const int16_t *panels,
                                     const float *units, size_t vectors, float *y, size_t stride) {
  size_t length = panel_length(matrix.columns, size);
  size_t scale_bytes = matrix.groups ? 2 * runs_of(matrix) : 4;
  for (size_t first = 0; first < vectors; first += TILE_PANELS * size) {
    size_t left = vectors - first, count = left < TILE_PANELS * size ? left : TILE_PANELS * size;
    for (size_t row = 0; row < matrix.rows; row += TILE_ROWS) {
      code_rows tile = matrix;
      tile.rows = matrix.rows - row < TILE_ROWS ? matrix.rows - row : TILE_ROWS;
      tile.codes += row * matrix.columns;
      tile.scales += row * scale_bytes;
      multiply_code_tile(tile, size, panels + first / size * length, units + first, count,
                         y + first * stride + row, stride);
    }
  }
}

static void multiply_codes(const int8_t *codes, const void *scales, size_t rows, size_t columns,
                           size_t group_size, size_t size, const int16_t *panels,
                           const float *units, size_t vectors, float *y, size_t stride) {
  code_rows matrix = {codes, scales, rows, columns, group_size ? group_size : columns,
                      group_size != 0};
  if (size > 1) return multiply_codes_by_panels(matrix, size, panels, units, vectors, y, stride);
  size_t length = panel_length(columns, 1);
  for (size_t vector = 0; vector < vectors; vector++) {
    multiply_codes_by_one(matrix, panels + vector * length, units[vector], y + vector * stride);
  }
}

#endif
