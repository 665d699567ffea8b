/// The error statistics of PACK_FORMAT §5: eight binary64 lanes, lane = column mod 8.
#ifndef MUNINN_ERROR_SUMS_H
#define MUNINN_ERROR_SUMS_H

#include "vectors.h"

typedef float f32x8 __attribute__((ext_vector_type(8)));
typedef double f64x8 __attribute__((ext_vector_type(8)));

/// The lanes, and the values of a row that are still to be measured.
///
/// Encoding and measuring are each a long chain of operations. In loops of their own the processor
/// overlaps several iterations of each; in one loop its queues are too short for that.
#define PENDING 512

typedef struct {
  f64x8 errors, squares;
  f32x8 largest;
  size_t pending;
  float delta[PENDING], source[PENDING];
} error_lanes;

INLINE void begin_error(error_lanes *lanes) {
  lanes->errors = 0;
  lanes->squares = 0;
  lanes->largest = 0;
  lanes->pending = 0;
}

INLINE f32x8 load_eight(const float *values) {
  f32x8 eight;
  __builtin_memcpy(&eight, values, sizeof eight);
  return eight;
}

INLINE void measure_pending(error_lanes *lanes) {
  f64x8 errors = lanes->errors, squares = lanes->squares;
  f32x8 largest = lanes->largest;
  for (size_t index = 0; index < lanes->pending; index += 8) {
    f32x8 narrow = load_eight(lanes->delta + index);
    f32x8 magnitude = __builtin_elementwise_abs(narrow);
    largest = magnitude > largest ? magnitude : largest;
    f64x8 delta = __builtin_convertvector(narrow, f64x8);
    f64x8 value = __builtin_convertvector(load_eight(lanes->source + index), f64x8);
    errors += delta * delta;
    squares += value * value;
  }
  lanes->errors = errors;
  lanes->squares = squares;
  lanes->largest = largest;
  lanes->pending = 0;
}

/// Takes the next columns and what rounding made of them; those beyond a row's end are zeros and
/// add nothing.
///
/// The difference of a value and what it was rounded to is exact in binary32: what was rounded to
/// zero is the difference itself, and of everything else the two are within a factor of two
/// (Sterbenz' lemma). Above all that holds for int8, where a value with a code c ≠ 0 is more than
/// c − ½ and, clamped under the smallest scales, at most 190½ units of the scale.
INLINE void add_error(error_lanes *lanes, f32v decoded, f32v source) {
  store_f32(decoded - source, lanes->delta + lanes->pending);
  store_f32(source, lanes->source + lanes->pending);
  lanes->pending += LANES;
  if (lanes->pending == PENDING) measure_pending(lanes);
}

INLINE double combined(f64x8 lanes) {
  return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) +
         ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

INLINE void finish_error(muninn_row *row, error_lanes *lanes) {
  measure_pending(lanes);
  row->sum_sq_error = combined(lanes->errors);
  row->sum_sq_source = combined(lanes->squares);
  row->max_abs = __builtin_reduce_max(lanes->largest);
}

/// Between any two values, where a difference in binary32 may be rounded.
static muninn_row error_sums(const float *decoded, const float *source, size_t count) {
  f64x8 largest = 0, errors = 0, squares = 0;
  for (size_t index = 0; index < count; index += 8) {
    f32x8 narrow_decoded = 0, narrow_source = 0;
    size_t size = (count - index < 8 ? count - index : 8) * sizeof(float);
    if (size == sizeof narrow_source) {
      narrow_decoded = load_eight(decoded + index);
      narrow_source = load_eight(source + index);
    } else {
      __builtin_memcpy(&narrow_decoded, decoded + index, size);
      __builtin_memcpy(&narrow_source, source + index, size);
    }
    f64x8 value = __builtin_convertvector(narrow_source, f64x8);
    f64x8 delta = __builtin_convertvector(narrow_decoded, f64x8) - value;
    f64x8 magnitude = __builtin_elementwise_abs(delta);
    errors += delta * delta;
    squares += value * value;
    largest = magnitude > largest ? magnitude : largest;
  }
  muninn_row row = {0};
  row.sum_sq_error = combined(errors);
  row.sum_sq_source = combined(squares);
  row.max_abs = __builtin_reduce_max(largest);
  return row;
}

#endif
