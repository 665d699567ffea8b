/// 8-bit codes under one scale, with the error that they make.
#ifndef MUNINN_INT8_H
#define MUNINN_INT8_H

#include "error_sums.h"
#include "half.h"
#include "largest_magnitude.h"

/// Adding 1.5 · 2²³ leaves a rounded integer in the low bits of a binary32 sum.
#define ROUNDER 0x1.8p23f

/// Rounds quotients within ±127.5 to whole numbers, nearest even, with the rounder added.
INLINE f32v round_quotients(f32v quotients) { return quotients + ROUNDER; }

INLINE int any_at_least(f32v values, float limit) {
  typedef float f32x16 __attribute__((ext_vector_type(16)));
  f32x16 sixteen = values.lo > values.hi ? values.lo : values.hi;
  f32x8 eight = sixteen.lo > sixteen.hi ? sixteen.lo : sixteen.hi;
  typedef int32_t i32x8 __attribute__((ext_vector_type(8)));
  i32x8 reached = eight >= limit;
  return __builtin_reduce_or(reached) != 0;
}

/// The rounded quotients of thirty-two values and a scale, with the rounder added.
///
/// Division is what the format prescribes, and slow. A product with the reciprocal differs from
/// the quotient by less than 3 · 2⁻²⁴ of it, which is below 2.3 · 10⁻⁵ up to 127.5: unless the
/// product comes so near to a half that the two might round apart, they give the same code.
INLINE f32v divide_and_round(f32v values, float scale, float reciprocal) {
  f32v products = values * reciprocal;
  f32v rounded = round_quotients(products);
  f32v fractions = __builtin_elementwise_abs(products - (rounded - ROUNDER));
  if (__builtin_expect(any_at_least(fractions, 0.4999f), 0)) {
    return round_quotients(values / scale);
  }
  return rounded;
}

/// How large a scale is: what may happen under it.
typedef enum {
  /// So small that a quotient can leave ±127, or that a reciprocal is not precise.
  SMALL,
  /// Neither.
  USUAL,
} scale_size;

/// Thirty-two values under a scale; returns their codes.
INLINE i8v encode_codes(f32v values, float scale, float reciprocal, scale_size size,
                        i32v *clamped, error_lanes *lanes) {
  f32v rounded;
  if (size == USUAL) {
    rounded = divide_and_round(values, scale, reciprocal);
  } else {
    f32v quotients = values / scale;
    // 127.5 is a tie that rounds to the even 128.
    *clamped += (i32v)(__builtin_elementwise_abs(quotients) >= 127.5f);
    quotients = quotients > 127.0f ? (f32v)127.0f : quotients;
    quotients = quotients < -127.0f ? (f32v)-127.0f : quotients;
    rounded = round_quotients(quotients);
  }
  add_error(lanes, (rounded - ROUNDER) * scale, values);
  return __builtin_convertvector(__builtin_bit_cast(i32v, rounded), i8v);
}

INLINE uint64_t encode_run(const void *source, muninn_dtype dtype, size_t count, float scale,
                           scale_size size, int8_t *codes, error_lanes *lanes) {
  float reciprocal = 1 / scale;
  i32v clamped = 0;
  size_t index = 0;
  for (; index + LANES <= count; index += LANES) {
    f32v values = load(at(source, dtype, index), dtype);
    store_i8(encode_codes(values, scale, reciprocal, size, &clamped, lanes), codes + index);
  }
  if (index < count) {
    rest last = rest_of(at(source, dtype, index), dtype, count - index);
    i8v narrow = encode_codes(load(&last, dtype), scale, reciprocal, size, &clamped, lanes);
    __builtin_memcpy(codes + index, &narrow, count - index);
  }
  return size == USUAL ? 0 : count_of(clamped);
}

/// A scale of 0 gives code 0: all of the run is lost.
INLINE void lose_run(const void *source, muninn_dtype dtype, size_t count, int8_t *codes,
                     error_lanes *lanes) {
  f32v zeros = 0;
  __builtin_memset(codes, 0, count);
  size_t index = 0;
  for (; index + LANES <= count; index += LANES) {
    add_error(lanes, zeros, load(at(source, dtype, index), dtype));
  }
  if (index < count) {
    rest last = rest_of(at(source, dtype, index), dtype, count - index);
    add_error(lanes, zeros, load(&last, dtype));
  }
}

/// Encodes a run under its scale as it is stored.
///
/// - usual: from here on a scale was rounded so little that no quotient leaves ±127.
INLINE uint64_t encode_under(const void *source, muninn_dtype dtype, size_t count, float scale,
                             float usual, int8_t *codes, error_lanes *lanes) {
  // The reciprocal of a larger one is subnormal.
  if (scale >= usual && scale <= 0x1p126f) {
    return encode_run(source, dtype, count, scale, USUAL, codes, lanes);
  }
  if (scale > 0) return encode_run(source, dtype, count, scale, SMALL, codes, lanes);
  lose_run(source, dtype, count, codes, lanes);
  return 0;
}

INLINE muninn_row encode_row(const void *source, muninn_dtype dtype, size_t count, int8_t *codes,
                             float *scale) {
  muninn_row row = {0};
  error_lanes lanes;
  begin_error(&lanes);
  row.largest = largest_of(source, dtype, count);
  *scale = float_of(row.largest) / 127;
  // Near binary32's limit, a scale rounded up would decode 127 to infinity.
  row.overflowed = bits_of(*scale * 127) >= 0x7F800000;
  row.clamped = encode_under(source, dtype, count, *scale, 0x1p-100f, codes, &lanes);
  finish_error(&row, &lanes);
  return row;
}

INLINE muninn_row encode_groups(const void *source, muninn_dtype dtype, size_t count,
                                size_t group_size, int8_t *codes, void *scales) {
  muninn_row row = {0};
  error_lanes lanes;
  begin_error(&lanes);
  size_t groups = count / group_size;
  // All scales of a batch before its codes: each depends on a division, and none on another.
  for (size_t batch = 0; batch < groups; batch += LANES) {
    size_t size = groups - batch < LANES ? groups - batch : LANES;
    uint32_t each[LANES] = {0};
    for (size_t group = 0; group < size; group++) {
      const void *start = at(source, dtype, (batch + group) * group_size);
      each[group] = largest_of(start, dtype, group_size);
    }
    u32v largest;
    __builtin_memcpy(&largest, each, sizeof largest);
    u16v bits = narrow_f16v(floats_of_all(largest) / 127.0f);
    // A group that is not all zero keeps a scale: the smallest that F16 has.
    u32v wide = __builtin_convertvector(bits, u32v);
    wide = (wide == 0 & largest != 0) ? (u32v)1 : wide;
    bits = __builtin_convertvector(wide, u16v);
    row.overflowed += count_of((i32v)(wide == 0x7C00));
    uint32_t largest_of_batch = __builtin_reduce_max(largest);
    row.largest = largest_of_batch > row.largest ? largest_of_batch : row.largest;
    float decoded[LANES];
    store_f32(widen_f16v(bits), decoded);
    __builtin_memcpy((char *)scales + batch * sizeof(uint16_t), &bits, size * sizeof(uint16_t));
    for (size_t group = 0; group < size; group++) {
      size_t first = (batch + group) * group_size;
      row.clamped += encode_under(at(source, dtype, first), dtype, group_size, decoded[group],
                                  0x1p-14f, codes + first, &lanes);
    }
  }
  finish_error(&row, &lanes);
  return row;
}

static muninn_row encode_int8_row(const void *source, muninn_dtype dtype, size_t count,
                                  int8_t *codes, float *scale) {
#define CALL(dtype) encode_row(source, dtype, count, codes, scale)
  FOR_DTYPE(dtype, CALL)
#undef CALL
}

static muninn_row encode_int8_groups(const void *source, muninn_dtype dtype, size_t count,
                                     size_t group_size, int8_t *codes, void *scales) {
#define CALL(dtype) encode_groups(source, dtype, count, group_size, codes, scales)
  FOR_DTYPE(dtype, CALL)
#undef CALL
}

INLINE f32v decode_codes(const int8_t *codes, float scale) {
  i8v narrow;
  __builtin_memcpy(&narrow, codes, sizeof narrow);
  return __builtin_convertvector(narrow, f32v) * scale;
}

static void decode_int8(const int8_t *codes, size_t count, float scale, float *values) {
  size_t index = 0;
  for (; index + LANES <= count; index += LANES) {
    store_f32(decode_codes(codes + index, scale), values + index);
  }
  if (index < count) {
    int8_t last[LANES] = {0};
    __builtin_memcpy(last, codes + index, count - index);
    f32v decoded = decode_codes(last, scale);
    __builtin_memcpy(values + index, &decoded, (count - index) * sizeof(float));
  }
}

#endif
