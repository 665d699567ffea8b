/// Rows of codes, and a tile of them at work.
#ifndef MUNINN_CODES_H
#define MUNINN_CODES_H

#include "fixed_point.h"

typedef int8_t i8x16 __attribute__((ext_vector_type(16)));
typedef int16_t i16x16 __attribute__((ext_vector_type(16)));
typedef int32_t i32x8 __attribute__((ext_vector_type(8)));
typedef int8_t i8x32 __attribute__((ext_vector_type(32)));
typedef uint8_t u8x16 __attribute__((ext_vector_type(16)));
typedef uint16_t u16x8 __attribute__((ext_vector_type(8)));
typedef uint16_t u16x16 __attribute__((ext_vector_type(16)));
typedef uint32_t u32x8 __attribute__((ext_vector_type(8)));

/// Rows of codes: a run of columns has one scale, binary32 of a row and binary16 of a group.
typedef struct {
  /// Bytes, or nibbles: codes plus 8, that of the even column in the low half of a byte. Of those a run
  /// is a multiple of 32.
  const char *codes;
  const char *scales;
  size_t rows, columns, run;
  bool groups, nibbles;
} code_rows;

INLINE size_t runs_of(code_rows matrix) { return matrix.run == 0 ? 0 : matrix.columns / matrix.run; }

/// The codes of a row from a column on.
INLINE const char *codes_at(code_rows matrix, size_t row, size_t column) {
  size_t index = row * matrix.columns + column;
  return matrix.codes + (matrix.nibbles ? index / 2 : index);
}

/// Up to sixteen codes of a byte each, and zeros.
INLINE i8x16 load_codes(const char *codes, size_t count) {
  i8x16 sixteen = 0;
  __builtin_memcpy(&sixteen, codes, count);
  return sixteen;
}

/// Thirty-two codes of a nibble each.
INLINE i8x32 load_nibbles(const char *codes) {
  u8x16 bytes;
  __builtin_memcpy(&bytes, codes, sizeof bytes);
  u16x16 wide = __builtin_convertvector(bytes, u16x16);
  return __builtin_bit_cast(i8x32, (wide | wide << 4) & 0x0F0F) - 8;
}

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

/// The rows of a tile, and the vectors that they are multiplied with before the next tile.
#define TILE_ROWS 32
#define TILE_VECTORS 64
/// The last rows of a tile are filled up to a multiple of this.
#ifdef AMX
#define ROWS_TOGETHER 16
#else
#define ROWS_TOGETHER 8
#endif
/// The rows whose codes are beside each other in bytes, eight columns of one and of the next.
#ifdef MATRIX_PRODUCTS
#define ROWS_BESIDE 2
#else
#define ROWS_BESIDE 1
#endif

/// Rows of a matrix at work.
typedef struct {
  /// The codes of some blocks, row by row: widened for 16-bit parts, as they are for limbs.
  union {
    int16_t codes[TILE_ROWS][MUNINN_BLOCK_COLUMNS];
    int8_t bytes[TILE_ROWS * MUNINN_BLOCK_COLUMNS];
  };
  /// The scales of these blocks; a group has at least 16 columns.
  float scales[MUNINN_BLOCK_COLUMNS / 16][TILE_ROWS];
  /// Eight lanes of sixteen products each: of a row with sixteen vectors, of four rows with four.
  f32x16 sums[TILE_VECTORS * TILE_ROWS / 16][8];
} code_tile;

/// Some columns of a tile: blocks of one width.
typedef struct {
  size_t first, blocks, width, lane;
} code_columns;

/// The codes of a row from a column on, one that is a multiple of 8.
INLINE int8_t *bytes_at(code_tile *tile, size_t row, size_t column) {
  size_t within = row % ROWS_BESIDE;
  return tile->bytes + (row - within) * MUNINN_BLOCK_COLUMNS + column * ROWS_BESIDE + within * 8;
}

/// The lanes of the products of rows from one on with a panel of `size` vectors.
INLINE f32x16 *lanes_at(code_tile *tile, size_t size, size_t panel, size_t row) {
  return tile->sums[(panel * TILE_ROWS + row) * size / 16];
}

/// Sixteen columns of a row of a tile.
INLINE void place_codes(code_tile *tile, size_t row, size_t column, bool limbs, i8x16 codes) {
  if (limbs) {
    for (size_t half = 0; half < 16; half += 8) {
      __builtin_memcpy(bytes_at(tile, row, column + half), (char *)&codes + half, 8);
    }
  } else {
    i16x16 wide = __builtin_convertvector(codes, i16x16);
    __builtin_memcpy(&tile->codes[row][column], &wide, sizeof wide);
  }
}

/// Some columns of all rows, followed by zeros to a multiple of sixteen; `nibbles` is what the matrix
/// says, as a constant.
INLINE void fill_tile(code_tile *tile, code_rows matrix, bool nibbles, size_t first, size_t columns,
                      bool limbs) {
  matrix.nibbles = nibbles;
  for (size_t row = 0; row < matrix.rows; row++) {
    size_t column = 0;
    for (; nibbles && column < columns; column += 32) {
      i8x32 codes = load_nibbles(codes_at(matrix, row, first + column));
      place_codes(tile, row, column, limbs, codes.lo);
      place_codes(tile, row, column + 16, limbs, codes.hi);
    }
    for (; column + 16 <= columns; column += 16) {
      place_codes(tile, row, column, limbs, load_codes(codes_at(matrix, row, first + column), 16));
    }
    if (column < columns) {
      i8x16 codes = load_codes(codes_at(matrix, row, first + column), columns - column);
      place_codes(tile, row, column, limbs, codes);
    }
  }
}

/// high · 2¹⁵ + low in binary32. As high · 2¹⁵ is exact, a fused multiply-add gives the same.
INLINE f32x16 total_of(i32x16 high, i32x16 low) {
#pragma STDC FP_CONTRACT ON
  return __builtin_convertvector(high, f32x16) * 0x1p15f + __builtin_convertvector(low, f32x16);
}

/// Adds a block's products in its lane.
INLINE void add_in_lane(f32x16 *lanes, size_t block, f32x16 products) {
  f32x16 before = block < 8 ? (f32x16)0.0f : lanes[block % 8];
  lanes[block % 8] = before + products;
}

#endif
