/// What a layer does to its activations besides products and attention, row by row.
#ifndef MUNINN_LAYER_H
#define MUNINN_LAYER_H

#include "exponential.h"
#include "multiply.h"

/// x · (1 / √(mean(x²) + ε)) · weight. Squares are summed in binary64, in eight lanes, lane = column
/// mod 8, which are combined in halves.
static void normalize(const float *x, const float *weight, size_t rows, size_t columns,
                      float epsilon, float *y) {
  typedef double f64x8 __attribute__((ext_vector_type(8)));
  for (size_t row = 0; row < rows; row++, x += columns, y += columns) {
    f64x8 lanes = 0;
    for (size_t column = 0; column < columns; column += 8) {
      f32x8 values = 0;
      size_t left = columns - column < 8 ? columns - column : 8;
      __builtin_memcpy(&values, x + column, left * sizeof(float));
      f64x8 wide = __builtin_convertvector(values, f64x8);
      lanes += wide * wide;
    }
    double sum = ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) +
                 ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
    float mean = (float)(sum / (double)columns);
    float scale = 1 / __builtin_elementwise_sqrt(mean + epsilon);
    for (size_t column = 0; column < columns; column++) {
      y[column] = x[column] * scale * weight[column];
    }
  }
}

/// gate / (1 + e^−gate) · up, where each row of `x` is `[gate, up]`.
static void gate(const float *x, size_t rows, size_t columns, float *y) {
  for (size_t row = 0; row < rows; row++, x += 2 * columns, y += columns) {
    for (size_t column = 0; column < columns; column += LANES) {
      f32v gates = 0, ups = 0;
      size_t left = columns - column < LANES ? columns - column : LANES;
      __builtin_memcpy(&gates, x + column, left * sizeof(float));
      __builtin_memcpy(&ups, x + columns + column, left * sizeof(float));
      f32v values = gates / (1.0f + exponential(-gates)) * ups;
      __builtin_memcpy(y + column, &values, left * sizeof(float));
    }
  }
}

/// Rotates neighbouring pairs of each head of a row by the angles of its position, given as
/// `[cosine, sine]` for each pair.
static void rotate(float *row, const float *angles, size_t heads, size_t size) {
  for (size_t head = 0; head < heads; head++, row += size) {
    for (size_t pair = 0; pair + 1 < size; pair += 2) {
      float cosine = angles[pair], sine = angles[pair + 1], a = row[pair], b = row[pair + 1];
      row[pair] = a * cosine - b * sine;
      row[pair + 1] = b * cosine + a * sine;
    }
  }
}

static void add(const float *values, size_t count, float *target) {
  for (size_t index = 0; index < count; index++) target[index] += values[index];
}

#endif
