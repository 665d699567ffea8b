/// The weighted sum of rows: what attention does with values.
#ifndef MUNINN_WEIGHTED_SUM_H
#define MUNINN_WEIGHTED_SUM_H

#include "vectors.h"

/// Each column is a lane of its own: rows are added in order, multiply and add separately.
static void weighted_sum(const float *rows, const float *weights, size_t count, size_t columns,
                         float *sums) {
  size_t column = 0;
  for (; column + LANES <= columns; column += LANES) {
    f32v sum = 0;
    for (size_t row = 0; row < count; row++) {
      f32v values;
      __builtin_memcpy(&values, rows + row * columns + column, sizeof values);
      sum += values * weights[row];
    }
    __builtin_memcpy(sums + column, &sum, sizeof sum);
  }
  for (; column < columns; column++) {
    float sum = 0;
    for (size_t row = 0; row < count; row++) sum += rows[row * columns + column] * weights[row];
    sums[column] = sum;
  }
}

#endif
