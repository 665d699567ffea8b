/// The product of rows of stored values with vectors.
///
/// Each product has sixteen lanes, lane = column mod 16, multiply and add separately, which are combined
/// in halves. So it does not depend on how many vectors are multiplied at a time: one where it lies, or
/// panels of four, for which a tile of rows is widened once.
#ifndef MUNINN_MULTIPLY_H
#define MUNINN_MULTIPLY_H

#include "vectors.h"

#include <stdbool.h>

typedef float f32x16 __attribute__((ext_vector_type(16)));
typedef float f32x8 __attribute__((ext_vector_type(8)));
typedef uint32_t u32x16 __attribute__((ext_vector_type(16)));
typedef uint16_t u16x16 __attribute__((ext_vector_type(16)));

/// The vectors of a panel: for every sixteen columns those of each vector, zeros at the end.
#define VALUE_PANEL 4
/// The rows and columns of a tile, and the panels that it is multiplied with before the next one.
#define VALUE_ROWS 16
#define VALUE_COLUMNS 256
#define VALUE_PANELS 8
/// The rows, and the vectors of a panel, whose sums are in registers at a time.
#ifdef WIDE_REGISTERS
#define VALUE_ROWS_AT_ONCE 4
#define VALUE_VECTORS_AT_ONCE 4
#else
#define VALUE_ROWS_AT_ONCE 2
#define VALUE_VECTORS_AT_ONCE 2
#endif

INLINE f32x16 widen_sixteen(u16x16 bits, muninn_dtype dtype) {
  u32x16 wide = __builtin_convertvector(bits, u32x16);
  if (dtype == MUNINN_BF16) return __builtin_bit_cast(f32x16, wide << 16);
#ifdef HALF_CONVERSION
  typedef _Float16 f16x16 __attribute__((ext_vector_type(16)));
  return __builtin_convertvector(__builtin_bit_cast(f16x16, bits), f32x16);
#else
  u32x16 magnitude = (wide & 0x7FFF) << 13;
  f32x16 scaled = __builtin_bit_cast(f32x16, magnitude) * 0x1p112f;
  u32x16 value = __builtin_bit_cast(u32x16, scaled);
  value = magnitude >= 0x0F800000 ? (magnitude | 0x7F800000) : value;
  return __builtin_bit_cast(f32x16, value | (wide & 0x8000) << 16);
#endif
}

INLINE f32x16 load_sixteen(const void *weights, muninn_dtype dtype) {
  if (dtype == MUNINN_F32) {
    f32x16 values;
    __builtin_memcpy(&values, weights, sizeof values);
    return values;
  }
  u16x16 bits;
  __builtin_memcpy(&bits, weights, sizeof bits);
  return widen_sixteen(bits, dtype);
}

INLINE float sum_of_eight(f32x8 lanes) {
  typedef float f32x4 __attribute__((ext_vector_type(4)));
  f32x4 four = lanes.lo + lanes.hi;
  return (four.x + four.z) + (four.y + four.w);
}

/// The product of a row with a vector, in the eight lanes that are left of sixteen.
INLINE f32x8 product_lanes(muninn_dtype dtype, const void *row, size_t columns, const float *x) {
  f32x16 sums = 0, vector = 0;
  size_t column = 0;
  for (; column + 16 <= columns; column += 16) {
    __builtin_memcpy(&vector, x + column, sizeof vector);
    sums += load_sixteen(at(row, dtype, column), dtype) * vector;
  }
  if (column < columns) {
    rest last = rest_of(at(row, dtype, column), dtype, columns - column);
    vector = 0;
    __builtin_memcpy(&vector, x + column, (columns - column) * sizeof(float));
    sums += load_sixteen(last.bytes, dtype) * vector;
  }
  return sums.lo + sums.hi;
}

INLINE void multiply_by_one(muninn_dtype dtype, const void *weights, size_t rows, size_t columns,
                            const float *x, float *y) {
  for (size_t row = 0; row < rows; row++) {
    y[row] = sum_of_eight(product_lanes(dtype, at(weights, dtype, row * columns), columns, x));
  }
}

/// Rows of a matrix at work.
typedef struct {
  float values[VALUE_ROWS][VALUE_COLUMNS];
  f32x16 sums[VALUE_PANELS][VALUE_ROWS][VALUE_PANEL];
} value_tile;

/// Some columns of rows in binary32, followed by zeros to a multiple of sixteen.
INLINE void widen_rows(value_tile *tile, muninn_dtype dtype, const void *weights, size_t rows,
                       size_t stride, size_t columns) {
  for (size_t row = 0; row < rows; row++) {
    const void *source = at(weights, dtype, row * stride);
    size_t column = 0;
    for (; column + 16 <= columns; column += 16) {
      f32x16 values = load_sixteen(at(source, dtype, column), dtype);
      __builtin_memcpy(&tile->values[row][column], &values, sizeof values);
    }
    if (column < columns) {
      rest last = rest_of(at(source, dtype, column), dtype, columns - column);
      f32x16 values = load_sixteen(last.bytes, dtype);
      __builtin_memcpy(&tile->values[row][column], &values, sizeof values);
    }
  }
}

/// Adds the products of some columns of a few rows with a few vectors of a panel.
INLINE void add_values(const float (*rows)[VALUE_COLUMNS], size_t columns, const float *steps,
                       bool are_first, f32x16 (*into)[VALUE_PANEL]) {
  f32x16 sums[VALUE_ROWS_AT_ONCE][VALUE_VECTORS_AT_ONCE];
  for (size_t i = 0; i < VALUE_ROWS_AT_ONCE; i++) {
    for (size_t j = 0; j < VALUE_VECTORS_AT_ONCE; j++) sums[i][j] = are_first ? (f32x16)0.0f : into[i][j];
  }
  for (size_t column = 0; column < columns; column += 16) {
    f32x16 values[VALUE_VECTORS_AT_ONCE];
    __builtin_memcpy(values, steps + column * VALUE_PANEL, sizeof values);
    for (size_t i = 0; i < VALUE_ROWS_AT_ONCE; i++) {
      f32x16 weights;
      __builtin_memcpy(&weights, &rows[i][column], sizeof weights);
      for (size_t j = 0; j < VALUE_VECTORS_AT_ONCE; j++) sums[i][j] += weights * values[j];
    }
  }
  for (size_t i = 0; i < VALUE_ROWS_AT_ONCE; i++) {
    for (size_t j = 0; j < VALUE_VECTORS_AT_ONCE; j++) into[i][j] = sums[i][j];
  }
}

/// Rows of a tile with up to `VALUE_PANELS` panels.
INLINE void multiply_value_tile(muninn_dtype dtype, const void *weights, size_t rows,
                                size_t columns, const float *panels, size_t vectors, float *y,
                                size_t stride) {
  value_tile tile;
  size_t padded = (columns + 15) / 16 * 16, panel_count = (vectors + VALUE_PANEL - 1) / VALUE_PANEL;
  // Rows that only fill up the last ones must be numbers.
  for (size_t row = rows; row % VALUE_ROWS_AT_ONCE != 0; row++) {
    __builtin_memset(tile.values[row], 0, sizeof tile.values[row]);
  }
  for (size_t column = 0; column < columns; column += VALUE_COLUMNS) {
    size_t count = columns - column < VALUE_COLUMNS ? columns - column : VALUE_COLUMNS;
    widen_rows(&tile, dtype, at(weights, dtype, column), rows, columns, count);
    for (size_t panel = 0; panel < panel_count; panel++) {
      const float *steps = panels + (panel * padded + column) * VALUE_PANEL;
      for (size_t row = 0; row < rows; row += VALUE_ROWS_AT_ONCE) {
        for (size_t vector = 0; vector < VALUE_PANEL; vector += VALUE_VECTORS_AT_ONCE) {
          f32x16(*sums)[VALUE_PANEL] = (f32x16(*)[VALUE_PANEL])&tile.sums[panel][row][vector];
          add_values(&tile.values[row], count, steps + 16 * vector, column == 0, sums);
        }
      }
    }
  }
  for (size_t vector = 0; vector < vectors; vector++) {
    for (size_t row = 0; row < rows; row++) {
      f32x16 sums = tile.sums[vector / VALUE_PANEL][row][vector % VALUE_PANEL];
      y[vector * stride + row] = sum_of_eight(sums.lo + sums.hi);
    }
  }
}

INLINE void multiply_rows(muninn_dtype dtype, const void *weights, size_t rows, size_t columns,
                          size_t size, const float *x, size_t vectors, float *y, size_t stride) {
  if (size == 1) {
    for (size_t vector = 0; vector < vectors; vector++) {
      multiply_by_one(dtype, weights, rows, columns, x + vector * columns, y + vector * stride);
    }
    return;
  }
  size_t padded = (columns + 15) / 16 * 16, most = VALUE_PANELS * VALUE_PANEL;
  for (size_t vector = 0; vector < vectors; vector += most) {
    size_t count = vectors - vector < most ? vectors - vector : most;
    for (size_t row = 0; row < rows; row += VALUE_ROWS) {
      size_t rows_here = rows - row < VALUE_ROWS ? rows - row : VALUE_ROWS;
      multiply_value_tile(dtype, at(weights, dtype, row * columns), rows_here, columns,
                          x + vector * padded, count, y + vector * stride + row, stride);
    }
  }
}

static void multiply(muninn_dtype dtype, const void *weights, size_t rows, size_t columns,
                     size_t size, const float *x, size_t vectors, float *y, size_t stride) {
#define CALL(dtype) multiply_rows(dtype, weights, rows, columns, size, x, vectors, y, stride)
  FOR_DTYPE(dtype, CALL)
#undef CALL
}

/// A panel of up to four vectors, the others zeros.
static void pack_panel(const float *x, size_t columns, size_t count, float *panel) {
  size_t padded = (columns + 15) / 16 * 16;
  __builtin_memset(panel, 0, padded * VALUE_PANEL * sizeof(float));
  for (size_t vector = 0; vector < count; vector++) {
    for (size_t column = 0; column < columns; column += 16) {
      size_t left = columns - column < 16 ? columns - column : 16;
      __builtin_memcpy(panel + column * VALUE_PANEL + 16 * vector, x + vector * columns + column,
                       left * sizeof(float));
    }
  }
}

#endif
