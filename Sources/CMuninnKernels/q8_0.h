/// ggml's Q8_0: blocks of a binary16 scale and 32 codes, as its reference quantizer makes them.
#ifndef MUNINN_Q8_0_H
#define MUNINN_Q8_0_H

#include "vectors.h"

/// The nearest whole numbers, halves away from zero, of values within ±2³¹.
INLINE i32v round_away(f32v values) {
  i32v whole = __builtin_convertvector(values, i32v);
  f32v fractions = values - __builtin_convertvector(whole, f32v);
  // A comparison that holds is −1.
  return whole - (i32v)(fractions >= 0.5f) + (i32v)(fractions <= -0.5f);
}

INLINE uint32_t encode_blocks(const void *source, muninn_dtype dtype, size_t count,
                              char *blocks) {
  uint32_t largest = 0;
  for (size_t index = 0; index < count; index += LANES) {
    f32v values = load(at(source, dtype, index), dtype);
    uint32_t largest_of_block = __builtin_reduce_max(magnitudes(values));
    largest = largest_of_block > largest ? largest_of_block : largest;
    float scale = float_of(largest_of_block) / 127;
    float inverse = scale > 0 ? 1 / scale : 0;
    // Under a scale so small all decode to 0; what the reference then converts has no value in C.
    if (bits_of(inverse) >= 0x7F800000) inverse = 0;
    i8v codes = __builtin_convertvector(round_away(values * inverse), i8v);
    u16v bits = narrow_f16v((f32v)scale);
    uint16_t first = bits[0];
    __builtin_memcpy(blocks, &first, sizeof first);
    store_i8(codes, (int8_t *)blocks + sizeof first);
    blocks += sizeof first + LANES;
  }
  return largest;
}

static uint32_t encode_q8_0(const void *source, muninn_dtype dtype, size_t count, void *blocks) {
#define CALL(dtype) encode_blocks(source, dtype, count, blocks)
  FOR_DTYPE(dtype, CALL)
#undef CALL
}

#endif
