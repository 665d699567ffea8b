/// Rounding to binary16 and bfloat16, nearest even, with the error that it makes.
#ifndef MUNINN_HALF_H
#define MUNINN_HALF_H

#include "error_sums.h"

/// The nearest bfloat16 of values that are finite.
INLINE u16v narrow_bf16v(f32v values) {
  u32v bits = bits_of_all(values);
  return __builtin_convertvector((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16, u16v);
}

INLINE uint64_t count_of(i32v mask) { return (uint64_t)-__builtin_reduce_add(mask); }

typedef struct {
  error_lanes lanes;
  u32v largest;
  i32v overflowed, underflowed;  // minus the counts
} half_sums;

/// Thirty-two values; returns their bits.
INLINE u16v encode_halves(f32v values, int to_f16, half_sums *sums) {
  u16v bits = to_f16 ? narrow_f16v(values) : narrow_bf16v(values);
  f32v decoded = to_f16 ? widen_f16v(bits) : widen_bf16v(bits);
  u32v decoded_magnitude = magnitudes(decoded);
  sums->largest = __builtin_elementwise_max(sums->largest, magnitudes(values));
  sums->overflowed += (i32v)(decoded_magnitude >= 0x7F800000);
  if (to_f16) {
    // Below 2⁻¹⁴ binary16 has subnormal values and zero.
    sums->underflowed += (i32v)(decoded_magnitude < 0x38800000) & (i32v)(magnitudes(values) != 0);
  }
  add_error(&sums->lanes, decoded, values);
  return bits;
}

INLINE muninn_row encode_half(const void *source, muninn_dtype dtype, size_t count,
                              char *output, int to_f16) {
  half_sums sums;
  begin_error(&sums.lanes);
  sums.largest = 0;
  sums.overflowed = 0;
  sums.underflowed = 0;
  size_t index = 0;
  for (; index + LANES <= count; index += LANES) {
    f32v values = load(at(source, dtype, index), dtype);
    store_u16(encode_halves(values, to_f16, &sums), output + index * sizeof(uint16_t));
  }
  if (index < count) {
    rest last = rest_of(at(source, dtype, index), dtype, count - index);
    u16v bits = encode_halves(load(&last, dtype), to_f16, &sums);
    __builtin_memcpy(output + index * sizeof(uint16_t), &bits, (count - index) * sizeof(uint16_t));
  }
  muninn_row row = {0};
  row.largest = __builtin_reduce_max(sums.largest);
  row.overflowed = count_of(sums.overflowed);
  row.underflowed = count_of(sums.underflowed);
  finish_error(&row, &sums.lanes);
  return row;
}

static muninn_row encode_f16(const void *source, muninn_dtype dtype, size_t count,
                             void *bits) {
#define CALL(dtype) encode_half(source, dtype, count, bits, 1)
  FOR_DTYPE(dtype, CALL)
#undef CALL
}

static muninn_row encode_bf16(const void *source, muninn_dtype dtype, size_t count,
                              void *bits) {
#define CALL(dtype) encode_half(source, dtype, count, bits, 0)
  FOR_DTYPE(dtype, CALL)
#undef CALL
}

#endif
