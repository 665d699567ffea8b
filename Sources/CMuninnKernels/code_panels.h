/// The product of rows of codes with panels of four or sixteen vectors.
///
/// The codes of a tile of rows are arranged once for some panels. Then a few columns of a row are
/// multiplied with the same columns of all vectors of a panel at a time, several rows for one reading
/// of the panel, and the sums of a block stay in registers.
#ifndef MUNINN_CODE_PANELS_H
#define MUNINN_CODE_PANELS_H

#include "multiply_codes.h"

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
      f32x16 sums = sum_of_lanes(lanes_at(tile, size, first / size, row), lanes);
      if (size == 4) sums = by_vector(sums);
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

/// Rows of a tile with panels of one size.
static void multiply_code_tile(code_rows matrix, size_t size, const char *panels,
                               const float *units, size_t vectors, float *y, size_t stride) {
  code_tile tile;
  size_t panel_count = (vectors + size - 1) / size;
  size_t length = panel_length(matrix.columns, size);
  // Rows that only fill up the last ones must be numbers.
  size_t rows = (matrix.rows + ROWS_TOGETHER - 1) / ROWS_TOGETHER * ROWS_TOGETHER;
  if (rows > matrix.rows) {
    __builtin_memset(tile.codes, 0, sizeof tile.codes);
    __builtin_memset(tile.scales, 0, sizeof tile.scales);
  }
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
    // Each by itself, so that nothing is decided in the loop.
    if (matrix.nibbles) {
      fill_tile(&tile, matrix, true, columns.first, count, LIMB_WIDTH(size) != 0);
    } else {
      fill_tile(&tile, matrix, false, columns.first, count, LIMB_WIDTH(size) != 0);
    }
    widen_scales(&tile, matrix, columns.first / matrix.run, columns.blocks);
    for (size_t panel = 0; panel < panel_count; panel++) {
      const char *steps = panels + panel * length + panel_bytes(columns.first, size);
      // The usual size: loops of a known length.
      if (columns.width == 32) {
        multiply_panel(&tile, size, rows, columns, 32, steps, panel);
      } else {
        multiply_panel(&tile, size, rows, columns, columns.width, steps, panel);
      }
    }
    columns.lane += columns.blocks;
  }
  store_tile(&tile, matrix.rows, columns.lane, size, units, vectors, y, stride);
}

/// Rows of codes with panels of four or sixteen.
INLINE void multiply_codes_by_panels(code_rows matrix, size_t size, const char *panels,
                                     const float *units, size_t vectors, float *y, size_t stride) {
  size_t length = panel_length(matrix.columns, size);
  size_t scale_bytes = matrix.groups ? 2 * runs_of(matrix) : 4;
  for (size_t first = 0; first < vectors; first += TILE_VECTORS) {
    size_t left = vectors - first, count = left < TILE_VECTORS ? left : TILE_VECTORS;
    for (size_t row = 0; row < matrix.rows; row += TILE_ROWS) {
      code_rows tile = matrix;
      tile.rows = matrix.rows - row < TILE_ROWS ? matrix.rows - row : TILE_ROWS;
      tile.codes = codes_at(matrix, row, 0);
      tile.scales += row * scale_bytes;
      multiply_code_tile(tile, size, panels + first / size * length, units + first, count,
                         y + first * stride + row, stride);
    }
  }
}

static void multiply_codes(const void *codes, size_t bits, const void *scales, size_t rows,
                           size_t columns, size_t group_size, size_t size, const void *panels,
                           const float *units, size_t vectors, float *y, size_t stride) {
  code_rows matrix = {codes, scales, rows, columns, group_size ? group_size : columns,
                      group_size != 0, bits == 4};
  if (size > 1) {
    size = size < WIDEST_PANEL ? size : WIDEST_PANEL;
#ifdef AMX
    if (size == 16) configure_tiles(matrix.run);
#endif
    multiply_codes_by_panels(matrix, size, panels, units, vectors, y, stride);
#ifdef AMX
    if (size == 16) _tile_release();
#endif
    return;
  }
  size_t length = panel_length(columns, 1);
  for (size_t vector = 0; vector < vectors; vector++) {
    const char *panel = (const char *)panels + vector * length;
    if (bits == 4) {
      multiply_codes_by_one(matrix, true, panel, units[vector], y + vector * stride);
    } else {
      multiply_codes_by_one(matrix, false, panel, units[vector], y + vector * stride);
    }
  }
}

#endif
