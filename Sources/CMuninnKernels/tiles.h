/// Codes times elements in limbs, by the tiles of AMX: sixteen rows with sixteen vectors at a time.
///
/// Tiles 0 to 3 hold the sums of a limb each. Tile 4 holds 64 columns of sixteen rows, and tile 5 those
/// columns of one limb of sixteen vectors; 6 and 7 hold the columns that are left of a run.
#ifndef MUNINN_TILES_H
#define MUNINN_TILES_H

#include "codes.h"

#define TILE_COLUMNS 64

/// What `ldtilecfg` reads.
typedef struct {
  uint8_t palette, start_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
} tile_shapes;

/// Gives the tiles their shapes, for runs of one length. They are the thread's own, and released after.
INLINE void configure_tiles(size_t run) {
  tile_shapes shapes = {.palette = 1};
  for (size_t tile = 0; tile < 8; tile++) {
    shapes.row_bytes[tile] = 64;
    shapes.rows[tile] = 16;
  }
  // Of the blocks of a longer run, only the last is no multiple of 64 columns. A tile holds whole fours
  // of bytes; what fills the last one up is zero.
  if (run % TILE_COLUMNS != 0) {
    shapes.row_bytes[6] = (uint16_t)((run % TILE_COLUMNS + 3) / 4 * 4);
    shapes.rows[7] = (uint8_t)(shapes.row_bytes[6] / 4);
  }
  _tile_loadconfig(&shapes);
}

/// The sums of each limb: `[limb][row][vector]`.
typedef struct {
  i32x16 limbs[4][16];
} tile_sums;

/// Adds the products of columns of rows, through tile `a`, and of each limb in turn, through tile `b`.
#define ADD_COLUMNS(a, b, codes, values)                                                           \
  _tile_loadd(a, codes, MUNINN_BLOCK_COLUMNS);                                                     \
  ADD_LIMB(0, a, b, values);                                                                       \
  ADD_LIMB(1, a, b, values);                                                                       \
  ADD_LIMB(2, a, b, values);                                                                       \
  ADD_LIMB(3, a, b, values)
#define ADD_LIMB(limb, a, b, values)                                                               \
  _tile_loadd(b, (values) + 64 * (limb), 4 * 64);                                                  \
  _tile_dpbssd(limb, a, b)

/// The sums of a block's columns.
INLINE void multiply_block(const int8_t *codes, size_t width, const char *steps, tile_sums *sums) {
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  size_t column = 0;
  for (; column + TILE_COLUMNS <= width; column += TILE_COLUMNS) {
    ADD_COLUMNS(4, 5, codes + column, steps + panel_bytes(column, 16));
  }
  if (column < width) {
    ADD_COLUMNS(6, 7, codes + column, steps + panel_bytes(column, 16));
  }
  _tile_stored(0, sums->limbs[0], 64);
  _tile_stored(1, sums->limbs[1], 64);
  _tile_stored(2, sums->limbs[2], 64);
  _tile_stored(3, sums->limbs[3], 64);
}

/// Adds the products of some columns with a panel of sixteen vectors.
INLINE void multiply_sixteen(code_tile *tile, size_t rows, code_columns columns, size_t width,
                             const char *steps, size_t panel) {
  tile_sums sums[2];
  for (size_t first = 0; first < rows; first += 16) {
    // A block's sums are read while the next block is multiplied.
    for (size_t next = 0; next <= columns.blocks; next++) {
      if (next < columns.blocks) {
        multiply_block(bytes_at(tile, first, next * width), width,
                       steps + panel_bytes(next * width, 16), &sums[next % 2]);
      }
      if (next == 0) continue;
      size_t block = next - 1;
      for (size_t row = 0; row < 16; row++) {
        const i32x16(*limbs)[16] = sums[block % 2].limbs;
        i32x16 high = (limbs[0][row] << 8) + limbs[1][row];
        i32x16 low = (limbs[2][row] << 8) + limbs[3][row];
        f32x16 products = total_of(high, low) * tile->scales[block][first + row];
        add_in_lane(lanes_at(tile, 16, panel, first + row), columns.lane + block, products);
      }
    }
  }
}

#undef ADD_COLUMNS
#undef ADD_LIMB

#endif
