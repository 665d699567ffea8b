/// eˣ in binary32, the same at every level and on every system.
///
/// x = n · ln 2 + r with |r| ≤ ln 2 / 2; eʳ is a polynomial of degree 7 (Cephes, `expf.c`), and 2ⁿ goes into
/// the exponent. Within one unit in the last place where the result is normal; 0 below.
#ifndef MUNINN_EXPONENTIAL_H
#define MUNINN_EXPONENTIAL_H

#include "vectors.h"

INLINE f32v exponential(f32v x) {
  // Adding 1.5 · 2²³ leaves the nearest whole number in the last bits.
  f32v shifted = x * 0x1.715476p0f + 0x1.8p23f;
  f32v n = shifted - 0x1.8p23f;
  // ln 2 in two parts, the first of which times n is exact.
  f32v r = (x - n * 0x1.63p-1f) - n * -0x1.bd0106p-13f;
  f32v p = r * 0x1.a0d2cep-13f + 0x1.6e879cp-10f;
  p = p * r + 0x1.1112e0p-7f;
  p = p * r + 0x1.555346p-5f;
  p = p * r + 0x1.555556p-3f;
  p = p * r + 0x1.000000p-1f;
  p = p * (r * r) + r;
  p = p + 1.0f;
  // In two steps, as 2¹²⁸ has no binary32.
  i32v exponent = (i32v)(bits_of_all(shifted) - 0x4B400000), half = exponent >> 1;
  p = p * floats_of_all((u32v)(half + 127) << 23);
  p = p * floats_of_all((u32v)(exponent - half + 127) << 23);
  p = x < -0x1.5d589ep6f ? (f32v)0.0f : p;
  return x > 0x1.62e42ep6f ? (f32v)__builtin_inff() : p;
}

static void exponentials(const float *x, size_t count, float *y) {
  for (size_t index = 0; index < count; index += LANES) {
    f32v values = 0;
    size_t left = count - index < LANES ? count - index : LANES;
    __builtin_memcpy(&values, x + index, left * sizeof(float));
    values = exponential(values);
    __builtin_memcpy(y + index, &values, left * sizeof(float));
  }
}

#endif
