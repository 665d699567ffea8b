/// Thirty-two elements at a time: the compiler spreads them over as many registers as its level
/// needs, so that one body serves them all.
#ifndef MUNINN_VECTORS_H
#define MUNINN_VECTORS_H

#include "CMuninnKernels.h"

// A fused multiply-add rounds once where the definitions round twice.
#pragma STDC FP_CONTRACT OFF

// Vectors are passed between functions that are always inlined: no call has them as arguments.
#pragma clang diagnostic ignored "-Wpsabi"

#define LANES 32
#define INLINE static inline __attribute__((always_inline))

typedef float f32v __attribute__((ext_vector_type(LANES)));
typedef int32_t i32v __attribute__((ext_vector_type(LANES)));
typedef uint32_t u32v __attribute__((ext_vector_type(LANES)));
typedef uint16_t u16v __attribute__((ext_vector_type(LANES)));
typedef int8_t i8v __attribute__((ext_vector_type(LANES)));

INLINE uint32_t bits_of(float value) {
  uint32_t bits;
  __builtin_memcpy(&bits, &value, sizeof bits);
  return bits;
}

INLINE float float_of(uint32_t bits) {
  float value;
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
}

INLINE u32v bits_of_all(f32v values) { return __builtin_bit_cast(u32v, values); }

INLINE f32v floats_of_all(u32v bits) { return __builtin_bit_cast(f32v, bits); }

#ifdef HALF_CONVERSION

// The level converts binary16 by itself, as IEEE 754 says.
typedef _Float16 f16v __attribute__((ext_vector_type(LANES)));

INLINE f32v widen_f16v(u16v bits) {
  return __builtin_convertvector(__builtin_bit_cast(f16v, bits), f32v);
}

INLINE u16v narrow_f16v(f32v values) {
  return __builtin_bit_cast(u16v, __builtin_convertvector(values, f16v));
}

#else

/// Widens binary16: 2¹¹² moves the exponent's bias, exactly and for subnormal values too.
INLINE f32v widen_f16v(u16v bits) {
  u32v wide = __builtin_convertvector(bits, u32v);
  u32v magnitude = (wide & 0x7FFF) << 13;
  u32v value = bits_of_all(floats_of_all(magnitude) * 0x1p112f);
  // Infinity and NaN have the largest exponent on both sides.
  value = magnitude >= 0x0F800000 ? (magnitude | 0x7F800000) : value;
  return floats_of_all(value | (wide & 0x8000) << 16);
}

/// The nearest binary16 of a value that is no NaN, as the definition in Tensors computes it.
INLINE u16v narrow_f16v(f32v values) {
  u32v bits = bits_of_all(values);
  u32v magnitude = bits & 0x7FFFFFFF;
  u32v rebiased = magnitude - (112u << 23);
  u32v normal = (rebiased + 0xFFF + ((rebiased >> 13) & 1)) >> 13;
  // Adding 0.5 rounds at 2⁻²⁴, the last place of 0.5 in binary32.
  u32v subnormal = bits_of_all(floats_of_all(magnitude) + 0.5f) - 0x3F000000;
  u32v narrow = magnitude >= 0x38800000 ? normal : subnormal;
  narrow = magnitude >= 0x477FF000 ? (u32v)0x7C00 : narrow;
  return __builtin_convertvector(narrow | ((bits >> 16) & 0x8000), u16v);
}

#endif

INLINE f32v widen_bf16v(u16v bits) {
  return floats_of_all(__builtin_convertvector(bits, u32v) << 16);
}

INLINE size_t size_of(muninn_dtype dtype) { return dtype == MUNINN_F32 ? 4 : 2; }

/// Thirty-two elements, widened.
INLINE f32v load(const void *source, muninn_dtype dtype) {
  if (dtype == MUNINN_F32) {
    f32v values;
    __builtin_memcpy(&values, source, sizeof values);
    return values;
  }
  u16v halves;
  __builtin_memcpy(&halves, source, sizeof halves);
  return dtype == MUNINN_F16 ? widen_f16v(halves) : widen_bf16v(halves);
}

INLINE void store_f32(f32v values, void *output) {
  __builtin_memcpy(output, &values, sizeof values);
}

INLINE void store_u16(u16v values, void *output) {
  __builtin_memcpy(output, &values, sizeof values);
}

INLINE void store_i8(i8v values, int8_t *output) {
  __builtin_memcpy(output, &values, sizeof values);
}

/// The last elements of a row, followed by zeros, which add nothing anywhere.
typedef struct {
  char bytes[LANES * sizeof(float)];
} rest;

INLINE rest rest_of(const void *source, muninn_dtype dtype, size_t count) {
  rest rest = {{0}};
  __builtin_memcpy(rest.bytes, source, count * size_of(dtype));
  return rest;
}

INLINE const void *at(const void *source, muninn_dtype dtype, size_t index) {
  return (const char *)source + index * size_of(dtype);
}

INLINE u32v magnitudes(f32v values) { return bits_of_all(values) & 0x7FFFFFFF; }

/// Calls a body with the dtype as a constant, so that each is compiled by itself.
#define FOR_DTYPE(dtype, call)                                                                     \
  switch (dtype) {                                                                                 \
  case MUNINN_F32:                                                                                 \
    return call(MUNINN_F32);                                                                       \
  case MUNINN_F16:                                                                                 \
    return call(MUNINN_F16);                                                                       \
  case MUNINN_BF16:                                                                                \
    return call(MUNINN_BF16);                                                                      \
  }

#endif
