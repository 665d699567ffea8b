/// 4-bit codes under a binary16 scale for each group, with the error that they make.
#ifndef MUNINN_INT4_H
#define MUNINN_INT4_H

#include "int8.h"

typedef uint8_t u8_half __attribute__((ext_vector_type(LANES / 2)));

/// The bits of the value of the largest magnitude, that of the lowest column where several have it.
INLINE uint32_t extreme_of(const void *source, muninn_dtype dtype, size_t count) {
  uint32_t largest = largest_of(source, dtype, count);
  i32v positive = 0, negative = 0;
  for (size_t index = 0; index < count; index += LANES) {
    u32v bits = bits_of_all(load(at(source, dtype, index), dtype));
    positive |= (i32v)(bits == largest);
    negative |= (i32v)(bits == (largest | 0x80000000));
  }
  if (!__builtin_reduce_or(negative)) return largest;
  if (!__builtin_reduce_or(positive)) return largest | 0x80000000;
  for (size_t index = 0;; index += LANES) {
    u32v bits = bits_of_all(load(at(source, dtype, index), dtype));
    for (size_t lane = 0; lane < LANES; lane++) {
      if ((bits[lane] & 0x7FFFFFFF) == largest) return bits[lane];
    }
  }
}

/// Thirty-two values under a scale that is not zero.
INLINE u8_half encode_nibbles(f32v values, float scale, error_lanes *lanes) {
  f32v quotients = values / scale;
  quotients = quotients > 7.0f ? (f32v)7.0f : quotients;
  quotients = quotients < -8.0f ? (f32v)-8.0f : quotients;
  f32v rounded = round_quotients(quotients);
  // Exact in binary32, as of int8: a value with a code c ≠ 0 is more than c − ½ scales and, clamped to
  // 7 or −8, less than 12.
  add_error(lanes, (rounded - ROUNDER) * scale, values);
  u32v nibbles = (u32v)(__builtin_bit_cast(i32v, rounded) + 8) & 15;
  return __builtin_convertvector(nibbles.even | nibbles.odd << 4, u8_half);
}

INLINE void encode_group(const void *source, muninn_dtype dtype, size_t count, float scale,
                         uint8_t *codes, error_lanes *lanes) {
  for (size_t index = 0; index < count; index += LANES) {
    f32v values = load(at(source, dtype, index), dtype);
    u8_half bytes = 0x88;
    if (scale != 0) {
      bytes = encode_nibbles(values, scale, lanes);
    } else {
      add_error(lanes, 0, values);
    }
    __builtin_memcpy(codes + index / 2, &bytes, sizeof bytes);
  }
}

INLINE muninn_row encode_nibble_groups(const void *source, muninn_dtype dtype, size_t count,
                                       size_t group_size, uint8_t *codes, void *scales) {
  muninn_row row = {0};
  error_lanes lanes;
  begin_error(&lanes);
  size_t groups = count / group_size;
  // All scales of a batch before its codes, as of int8.
  for (size_t batch = 0; batch < groups; batch += LANES) {
    size_t size = groups - batch < LANES ? groups - batch : LANES;
    uint32_t each[LANES] = {0};
    for (size_t group = 0; group < size; group++) {
      each[group] = extreme_of(at(source, dtype, (batch + group) * group_size), dtype, group_size);
    }
    u32v extremes;
    __builtin_memcpy(&extremes, each, sizeof extremes);
    u32v largest = extremes & 0x7FFFFFFF;
    u32v wide =
        __builtin_convertvector(narrow_f16v(floats_of_all(extremes) / -8.0f), u32v);
    // A group that is not all zero keeps a scale, the smallest that F16 has; zeros have +0.
    wide |= ((wide & 0x7FFF) == 0 & largest != 0) ? (u32v)1 : (u32v)0;
    wide = largest == 0 ? (u32v)0 : wide;
    row.overflowed += count_of((i32v)((wide & 0x7FFF) == 0x7C00));
    uint32_t largest_of_batch = __builtin_reduce_max(largest);
    row.largest = largest_of_batch > row.largest ? largest_of_batch : row.largest;
    u16v bits = __builtin_convertvector(wide, u16v);
    float decoded[LANES];
    store_f32(widen_f16v(bits), decoded);
    __builtin_memcpy((char *)scales + batch * sizeof(uint16_t), &bits, size * sizeof(uint16_t));
    for (size_t group = 0; group < size; group++) {
      size_t first = (batch + group) * group_size;
      encode_group(at(source, dtype, first), dtype, group_size, decoded[group], codes + first / 2,
                   &lanes);
    }
  }
  finish_error(&row, &lanes);
  return row;
}

static muninn_row encode_int4_groups(const void *source, muninn_dtype dtype, size_t count,
                                     size_t group_size, uint8_t *codes, void *scales) {
#define CALL(dtype) encode_nibble_groups(source, dtype, count, group_size, codes, scales)
  FOR_DTYPE(dtype, CALL)
#undef CALL
}

static void decode_int4(const uint8_t *codes, size_t count, float scale, float *values) {
  for (size_t index = 0; index < count; index += LANES) {
    u8_half bytes;
    __builtin_memcpy(&bytes, codes + index / 2, sizeof bytes);
    typedef int32_t i32_half __attribute__((ext_vector_type(LANES / 2)));
    i32_half pairs = __builtin_convertvector(bytes, i32_half);
    i32v nibbles;
    nibbles.even = pairs & 15;
    nibbles.odd = pairs >> 4;
    store_f32(__builtin_convertvector(nibbles - 8, f32v) * scale, values + index);
  }
}

#endif
