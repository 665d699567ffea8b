/// Attention of queries of one head over keys and values, with a softmax on the way.
///
/// Keys are taken in blocks of 32 from the first one on. A block's scores are dot products as of stored
/// values, times the scale; m is the largest so far, and what has been summed is multiplied with
/// e^(m before − m). Weights e^(score − m) are summed in 32 lanes, combined in halves; values times
/// weights are added in their order, multiply and add separately. So what a query gives does not
/// depend on the queries beside it.
#ifndef MUNINN_ATTENTION_H
#define MUNINN_ATTENTION_H

#include "exponential.h"
#include "multiply.h"

/// The queries that go through a block of keys while it is in the cache.
#define QUERIES 64
#define KEYS LANES

/// The sums of eight vectors of eight, each in halves.
INLINE f32x8 sums_in_halves(const f32x8 *lanes) {
  f32x8 four[4], two[2];
  for (int i = 0; i < 4; i++) {
    f32x8 a = lanes[2 * i], b = lanes[2 * i + 1];
    four[i] = __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11) +
              __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15);
  }
  for (int i = 0; i < 2; i++) {
    f32x8 a = four[2 * i], b = four[2 * i + 1];
    two[i] = __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13) +
             __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15);
  }
  f32x8 sums = __builtin_shufflevector(two[0], two[1], 0, 2, 8, 10, 4, 6, 12, 14) +
               __builtin_shufflevector(two[0], two[1], 1, 3, 9, 11, 5, 7, 13, 15);
  return __builtin_shufflevector(sums, sums, 0, 4, 1, 5, 2, 6, 3, 7);
}

/// The products of a query with up to 32 keys, scaled; the others are -∞.
INLINE f32v scores_of(const float *query, const float *keys, size_t count, size_t size,
                      float scale) {
  float products[KEYS];
  for (size_t first = 0; first < count; first += 8) {
    f32x8 lanes[8];
    for (size_t index = 0; index < 8; index++) {
      // What is beyond the last key is not looked at.
      size_t key = first + index < count ? first + index : first;
      lanes[index] = product_lanes(MUNINN_F32, keys + key * size, size, query);
    }
    f32x8 sums = sums_in_halves(lanes) * scale;
    __builtin_memcpy(products + first, &sums, sizeof sums);
  }
  f32v scores;
  for (size_t key = count; key < KEYS; key++) products[key] = -__builtin_inff();
  __builtin_memcpy(&scores, products, sizeof scores);
  return scores;
}

INLINE float sum_of_all(f32v values) {
  f32x16 sixteen = values.lo + values.hi;
  return sum_of_eight(sixteen.lo + sixteen.hi);
}

/// output · correction + Σ weight · value.
INLINE void add_weighted(const float *values, const float *weights, size_t count, size_t size,
                         float correction, float *output) {
  size_t column = 0;
  for (; column + LANES <= size; column += LANES) {
    f32v sum;
    __builtin_memcpy(&sum, output + column, sizeof sum);
    sum *= correction;
    for (size_t key = 0; key < count; key++) {
      f32v value;
      __builtin_memcpy(&value, values + key * size + column, sizeof value);
      sum += value * weights[key];
    }
    __builtin_memcpy(output + column, &sum, sizeof sum);
  }
  for (; column < size; column++) {
    float sum = output[column] * correction;
    for (size_t key = 0; key < count; key++) sum += values[key * size + column] * weights[key];
    output[column] = sum;
  }
}

INLINE void attend_some(const float *queries, size_t query_stride, size_t query_count,
                        const size_t *counts, const float *keys, const float *values, size_t size,
                        float scale, float *outputs, size_t output_stride) {
  float largest[QUERIES], sums[QUERIES];
  size_t most = 0;
  for (size_t query = 0; query < query_count; query++) {
    largest[query] = -__builtin_inff();
    sums[query] = 0;
    __builtin_memset(outputs + query * output_stride, 0, size * sizeof(float));
    if (counts[query] > most) most = counts[query];
  }
  for (size_t first = 0; first < most; first += KEYS) {
    for (size_t query = 0; query < query_count; query++) {
      if (counts[query] <= first) continue;
      size_t count = counts[query] - first < KEYS ? counts[query] - first : KEYS;
      float *output = outputs + query * output_stride;
      f32v scores =
          scores_of(queries + query * query_stride, keys + first * size, count, size, scale);
      float before = largest[query], now = __builtin_elementwise_max(before, __builtin_reduce_max(scores));
      float correction = exponential(before - now)[0];
      f32v weights = exponential(scores - now);
      largest[query] = now;
      sums[query] = sums[query] * correction + sum_of_all(weights);
      add_weighted(values + first * size, (const float *)&weights, count, size, correction, output);
    }
  }
  for (size_t query = 0; query < query_count; query++) {
    float *output = outputs + query * output_stride;
    for (size_t column = 0; column < size; column++) output[column] /= sums[query];
  }
}

static void attend(const float *queries, size_t query_stride, size_t query_count,
                   const size_t *counts, const float *keys, const float *values, size_t size,
                   float scale, float *outputs, size_t output_stride) {
  for (size_t first = 0; first < query_count; first += QUERIES) {
    size_t count = query_count - first < QUERIES ? query_count - first : QUERIES;
    attend_some(queries + first * query_stride, query_stride, count, counts + first, keys, values,
                size, scale, outputs + first * output_stride, output_stride);
  }
}

#endif
