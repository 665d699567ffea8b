/// Inner loops over plain arrays, each in one body of portable C that is compiled once for every
/// level of the processor; which one runs is chosen at run time.
///
/// Nothing is allocated and no pointer needs an alignment. Each function equals its scalar
/// definition in the module Kernels bit for bit, at every level.
#ifndef MUNINN_KERNELS_H
#define MUNINN_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/// The types that weights are stored in.
typedef enum muninn_dtype {
  MUNINN_F32,
  MUNINN_F16,
  MUNINN_BF16,
} muninn_dtype;

/// The columns over which products of codes are summed as whole numbers, at most.
#define MUNINN_BLOCK_COLUMNS 256

/// What encoding one row did to it.
typedef struct muninn_row {
  /// The error sums of PACK_FORMAT §5.
  double max_abs, sum_sq_error, sum_sq_source;
  /// int8: codes beyond ±127. f16, bf16, int8 scales: what became infinite. f16: non-zero values
  /// that became subnormal or zero.
  uint64_t clamped, overflowed, underflowed;
  /// The bits of the largest magnitude; from 0x7F800000 on the row has a NaN or an infinity, and
  /// nothing else here means anything.
  uint32_t largest;
} muninn_row;

/// The kernels of one level.
typedef struct muninn_kernels {
  /// The bits of the largest magnitude of binary32; 0 of nothing.
  uint32_t (*largest_magnitude)(const void *source, muninn_dtype dtype, size_t count);
  /// The values in binary32.
  void (*widen)(const void *source, muninn_dtype dtype, size_t count, void *values);
  /// 8-bit codes under one binary32 scale.
  muninn_row (*encode_int8_row)(const void *source, muninn_dtype dtype, size_t count,
                                int8_t *codes, float *scale);
  /// 8-bit codes under a binary16 scale for each group; the size is a multiple of 32 that divides
  /// the count.
  muninn_row (*encode_int8_groups)(const void *source, muninn_dtype dtype, size_t count,
                                   size_t group_size, int8_t *codes, void *scales);
  /// 4-bit codes, two in a byte, under a binary16 scale for each group, as `encode_int8_groups`.
  muninn_row (*encode_int4_groups)(const void *source, muninn_dtype dtype, size_t count,
                                   size_t group_size, uint8_t *codes, void *scales);
  /// Blocks of ggml's Q8_0, 34 bytes for each 32 values; the count is a multiple of 32. Returns the
  /// bits of the largest magnitude; from 0x7F800000 on the blocks mean nothing.
  uint32_t (*encode_q8_0)(const void *source, muninn_dtype dtype, size_t count, void *blocks);
  /// The same of its Q4_0, 18 bytes.
  uint32_t (*encode_q4_0)(const void *source, muninn_dtype dtype, size_t count, void *blocks);
  /// Rounded to binary16.
  muninn_row (*encode_f16)(const void *source, muninn_dtype dtype, size_t count, void *bits);
  /// Rounded to bfloat16.
  muninn_row (*encode_bf16)(const void *source, muninn_dtype dtype, size_t count, void *bits);
  /// scale × code.
  void (*decode_int8)(const int8_t *codes, size_t count, float scale, float *values);
  /// The same of 4-bit codes; the count is a multiple of 32.
  void (*decode_int4)(const uint8_t *codes, size_t count, float scale, float *values);
  /// The error of decoded values against their source; only the sums are set.
  muninn_row (*error_sums)(const float *decoded, const float *source, size_t count);
  /// Up to four vectors `[count, columns]` as a panel, those that are missing as zeros: 4 elements for
  /// each column, these rounded up to a multiple of 16.
  void (*pack_panel)(const float *x, size_t columns, size_t count, float *panel);
  /// Rows of stored values times vectors: `weights` is [rows, columns], `y` [vectors, stride]. Of
  /// size 1, `x` is [vectors, columns]; of size 4, panels.
  void (*multiply)(muninn_dtype dtype, const void *weights, size_t rows, size_t columns,
                   size_t size, const float *x, size_t vectors, float *y, size_t stride);
  /// Up to `size` vectors `[count, columns]` as a panel of 1, 4 or 16, for codes of `bits`, those that
  /// are missing as zeros. The panel has 4 · size bytes for each column, these rounded up to a multiple
  /// of 32; what they mean, only kernels of the same level know. `units` has `size`.
  void (*fix_panel)(size_t size, size_t bits, const float *x, size_t columns, size_t count,
                    void *panel, float *units);
  /// Rows of codes of 8 or 4 bits times panels of one size: `codes` is [rows, columns], `units`
  /// [vectors], `y` [vectors, stride]. A group size of 0 means one binary32 scale a row; another one is
  /// a multiple of 16, of 4-bit codes of 32, that divides the columns, with a binary16 scale for each
  /// group.
  void (*multiply_codes)(const void *codes, size_t bits, const void *scales, size_t rows,
                         size_t columns, size_t group_size, size_t size, const void *panels,
                         const float *units, size_t vectors, float *y, size_t stride);
  /// Attention of the queries of one head: query i, `query_stride` after the one before, attends to
  /// the first `counts[i]` of `keys` and `values`, `[entries, size]` each. Without any, its output is
  /// not a number.
  void (*attend)(const float *queries, size_t query_stride, size_t query_count,
                 const size_t *counts, const float *keys, const float *values, size_t size,
                 float scale, float *outputs, size_t output_stride);
  /// x · rsqrt(mean(x²) + epsilon) · weight, for each row of [rows, columns].
  void (*normalize)(const float *x, const float *weight, size_t rows, size_t columns,
                    float epsilon, float *y);
  /// silu(gate) · up, for each row [gate, up] of [rows, 2 · columns].
  void (*gate)(const float *x, size_t rows, size_t columns, float *y);
  /// Rotates the pairs of each head of a row by [cosine, sine], in place.
  void (*rotate)(float *row, const float *angles, size_t heads, size_t size);
  /// Adds element by element.
  void (*add)(const float *values, size_t count, float *target);
  /// eˣ.
  void (*exponentials)(const float *x, size_t count, float *y);
} muninn_kernels;

/// The levels of all architectures.
typedef enum muninn_level {
  MUNINN_BASELINE,
  MUNINN_AVX2,
  MUNINN_AVXVNNI,
  MUNINN_AVX512,
  MUNINN_AVX512VNNI,
  MUNINN_AMX,
  MUNINN_NEON,
  MUNINN_DOTPROD,
  MUNINN_I8MM,
} muninn_level;

/// Their names, in this order, for programs that go through all of them.
#define MUNINN_LEVEL_NAMES                                                                         \
  {"baseline", "avx2", "avxvnni", "avx512", "avx512vnni", "amx", "neon", "dotprod", "i8mm"}

/// The kernels of a level, or null where this processor lacks it.
const muninn_kernels *muninn_kernels_at(muninn_level level);

#endif
