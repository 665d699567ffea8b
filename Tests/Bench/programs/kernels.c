// Measures each kernel against memcpy on the same machine: source bytes per second, as JSON.
//
// Usage: kernels [MEBIBYTES]
#include "CMuninnKernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROWS = 64, COLUMNS = 5280, GROUP = 32, RUNS = 9 };

static const char *const level_names[] = MUNINN_LEVEL_NAMES;
static const char *const dtype_names[] = {"f32", "f16", "bf16"};

static void *source, *output, *scales;
static const muninn_kernels *kernels;
static volatile uint64_t sink;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

typedef void (*operation)(muninn_dtype dtype, const char *row, size_t index);

static void copy(muninn_dtype dtype, const char *row, size_t index) {
  size_t bytes = COLUMNS * (dtype == MUNINN_F32 ? 4 : 2);
  memcpy((char *)output + index * bytes, row, bytes);
}

static void largest(muninn_dtype dtype, const char *row, size_t index) {
  (void)index;
  sink += kernels->largest_magnitude(row, dtype, COLUMNS);
}

static void widen(muninn_dtype dtype, const char *row, size_t index) {
  kernels->widen(row, dtype, COLUMNS, (float *)output + index * COLUMNS);
}

static void int8_row(muninn_dtype dtype, const char *row, size_t index) {
  sink += kernels->encode_int8_row(row, dtype, COLUMNS, (int8_t *)output + index * COLUMNS,
                                   (float *)scales + index)
              .clamped;
}

static void int8_groups(muninn_dtype dtype, const char *row, size_t index) {
  sink += kernels->encode_int8_groups(row, dtype, COLUMNS, GROUP,
                                      (int8_t *)output + index * COLUMNS,
                                      (uint16_t *)scales + index * COLUMNS / GROUP)
              .clamped;
}

static void f16(muninn_dtype dtype, const char *row, size_t index) {
  sink += kernels->encode_f16(row, dtype, COLUMNS, (uint16_t *)output + index * COLUMNS).clamped;
}

static void bf16(muninn_dtype dtype, const char *row, size_t index) {
  sink += kernels->encode_bf16(row, dtype, COLUMNS, (uint16_t *)output + index * COLUMNS).clamped;
}

static int by_value(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return (left > right) - (left < right);
}

/// The median of several runs, in bytes of the source per second.
static double rate(operation operation, muninn_dtype dtype) {
  size_t bytes = COLUMNS * (dtype == MUNINN_F32 ? 4 : 2);
  double seconds[RUNS];
  for (int run = 0; run < RUNS; run++) {
    double start = now();
    for (int repeat = 0; repeat < 20; repeat++) {
      for (size_t row = 0; row < ROWS; row++) operation(dtype, (char *)source + row * bytes, row);
    }
    seconds[run] = now() - start;
  }
  qsort(seconds, RUNS, sizeof *seconds, by_value);
  return 20.0 * ROWS * (double)bytes / seconds[RUNS / 2];
}

static void fill(muninn_dtype dtype) {
  uint32_t state = 1;
  for (size_t index = 0; index < (size_t)ROWS * COLUMNS; index++) {
    state = state * 1664525 + 1013904223;
    // Values as weights have them, within ±0.05.
    float value = ((float)(state >> 8) / 8388608.0f - 1.0f) * 0.05f;
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    switch (dtype) {
    case MUNINN_F32:
      ((float *)source)[index] = value;
      break;
    case MUNINN_BF16:
      ((uint16_t *)source)[index] = (uint16_t)(bits >> 16);
      break;
    case MUNINN_F16:
      kernels->encode_f16(&value, MUNINN_F32, 1, (uint16_t *)source + index);
      break;
    }
  }
}

int main(void) {
  static const struct {
    const char *name;
    operation operation;
  } operations[] = {
      {"memcpy", copy},           {"largest magnitude", largest}, {"widen", widen},
      {"int8:row", int8_row}, {"int8:32", int8_groups},       {"f16", f16},
      {"bf16", bf16},
  };
  size_t count = (size_t)ROWS * COLUMNS;
  source = aligned_alloc(4096, count * 4);
  output = aligned_alloc(4096, count * 4);
  scales = aligned_alloc(4096, count * 4);
  const char *separator = "[";
  for (size_t level = 0; level < sizeof level_names / sizeof *level_names; level++) {
    kernels = muninn_kernels_at((muninn_level)level);
    if (!kernels) continue;
    for (int dtype = 0; dtype < 3; dtype++) {
      fill((muninn_dtype)dtype);
      for (size_t index = 0; index < sizeof operations / sizeof *operations; index++) {
        double bytes = rate(operations[index].operation, (muninn_dtype)dtype);
        printf("%s\n{\"level\": \"%s\", \"dtype\": \"%s\", \"operation\": \"%s\", "
               "\"bytes_per_second\": %.0f}",
               separator, level_names[level], dtype_names[dtype], operations[index].name, bytes);
        separator = ",";
      }
    }
  }
  printf("]\n");
  return 0;
}
