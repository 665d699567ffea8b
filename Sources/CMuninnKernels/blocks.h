/// ggml's Q8_0 and Q4_0: blocks of a binary16 scale and 32 codes, as its reference quantizers make
/// them.
#ifndef MUNINN_BLOCKS_H
#define MUNINN_BLOCKS_H

#include "int4.h"

/// The nearest whole numbers, halves away from zero, of values within ±2³¹.
INLINE i32v round_away(f32v values) {
  i32v whole = __builtin_convertvector(values, i32v);
  f32v fractions = values - __builtin_convertvector(whole, f32v);
  // A comparison that holds is −1.
  return whole - (i32v)(fractions >= 0.5f) + (i32v)(fractions <= -0.5f);
}

/// 1 ÷ scale. Under a scale so small that it is infinite all decode to 0; what the reference then
/// converts has no value in C.
INLINE float inverse_of(float scale) {
  float inverse = scale != 0 ? 1 / scale : 0;
  return (bits_of(inverse) & 0x7FFFFFFF) >= 0x7F800000 ? 0 : inverse;
}

INLINE char *put_scale(float scale, char *block) {
  u16v bits = narrow_f16v((f32v)scale);
  uint16_t first = bits[0];
  __builtin_memcpy(block, &first, sizeof first);
  return block + sizeof first;
}

INLINE uint32_t encode_blocks(int bits, const void *source, muninn_dtype dtype, size_t count,
                              char *blocks) {
  uint32_t largest = 0;
  for (size_t index = 0; index < count; index += LANES) {
    f32v values = load(at(source, dtype, index), dtype);
    uint32_t extreme = bits == 4 ? extreme_of(at(source, dtype, index), dtype, LANES)
                                 : __builtin_reduce_max(magnitudes(values));
    uint32_t magnitude = extreme & 0x7FFFFFFF;
    largest = magnitude > largest ? magnitude : largest;
    float scale = bits == 4 ? float_of(magnitude ? extreme : 0) / -8 : float_of(extreme) / 127;
    f32v products = values * inverse_of(scale);
    blocks = put_scale(scale, blocks);
    if (bits == 4) {
      u32v nibbles = __builtin_convertvector(products + 8.5f, u32v);
      nibbles = nibbles > 15 ? (u32v)15 : nibbles;
      u8_half bytes = __builtin_convertvector(nibbles.lo | nibbles.hi << 4, u8_half);
      __builtin_memcpy(blocks, &bytes, sizeof bytes);
    } else {
      store_i8(__builtin_convertvector(round_away(products), i8v), (int8_t *)blocks);
    }
    blocks += LANES * bits / 8;
  }
  return largest;
}

static uint32_t encode_q8_0(const void *source, muninn_dtype dtype, size_t count, void *blocks) {
#define CALL(dtype) encode_blocks(8, source, dtype, count, blocks)
  FOR_DTYPE(dtype, CALL)
#undef CALL
}

static uint32_t encode_q4_0(const void *source, muninn_dtype dtype, size_t count, void *blocks) {
#define CALL(dtype) encode_blocks(4, source, dtype, count, blocks)
  FOR_DTYPE(dtype, CALL)
#undef CALL
}

#endif
