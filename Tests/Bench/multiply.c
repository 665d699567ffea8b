// Measures products of a large stored matrix with vectors, on all threads that are given, as JSON.
//
// Usage: multiply THREADS reading   one and four vectors against reading as many bytes
//        multiply THREADS products  1 to 256 vectors, at every level that the processor has
#include "CMuninnKernels.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { COLUMNS = 5280, ROWS = 71680, GROUP = 32, RUNS = 7, LIMIT = 64, VECTORS = 256 };

static const struct {
  const char *name;
  muninn_dtype dtype;
  size_t width, group_size;
} schemes[] = {
    {"f32", MUNINN_F32, 4, 0}, {"f16", MUNINN_F16, 2, 0}, {"bf16", MUNINN_BF16, 2, 0},
    {"int8:row", 0, 1, 0},     {"int8:32", 0, 1, GROUP},
};

static char *weights, *scales;
static float *x, *y, *units;
static int16_t *fixed;
static const muninn_kernels *kernels;
static size_t all_rows = ROWS, vectors = 1;
static int threads, scheme = -1;
static volatile uint64_t sink;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/// Reads or multiplies one thread's share of the rows.
static void *work(void *argument) {
  size_t index = (size_t)(uintptr_t)argument, rows = all_rows / (size_t)threads;
  if (scheme < 0) {
    const uint64_t *words = (const uint64_t *)(weights + index * rows * COLUMNS);
    uint64_t sums[8] = {0};
    for (size_t word = 0; word + 8 <= rows * COLUMNS / 8; word += 8) {
      for (int lane = 0; lane < 8; lane++) sums[lane] += words[word + (size_t)lane];
    }
    for (int lane = 0; lane < 8; lane++) sink += sums[lane];
    return NULL;
  }
  size_t width = schemes[scheme].width;
  rows /= width;
  const char *first = weights + index * rows * COLUMNS * width;
  float *products = y + index * rows * vectors;
  if (width > 1) {
    kernels->multiply(schemes[scheme].dtype, first, rows, COLUMNS, vectors < 4 ? 1 : 4, x, vectors,
                      products, rows);
    return NULL;
  }
  size_t scale_bytes = schemes[scheme].group_size ? COLUMNS / GROUP * 2 : 4;
  size_t size = vectors < 4 ? 1 : vectors < 16 ? 4 : 16;
  kernels->multiply_codes((const int8_t *)first, scales + index * rows * scale_bytes, rows, COLUMNS,
                          schemes[scheme].group_size, size, fixed, units, vectors, products, rows);
  return NULL;
}

static int by_value(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return (left > right) - (left < right);
}

static double rate(void) {
  double seconds[RUNS];
  for (int run = 0; run < RUNS; run++) {
    pthread_t handles[LIMIT];
    double start = now();
    for (int index = 1; index < threads; index++) {
      pthread_create(&handles[index], NULL, work, (void *)(uintptr_t)index);
    }
    work(NULL);
    for (int index = 1; index < threads; index++) pthread_join(handles[index], NULL);
    seconds[run] = now() - start;
  }
  qsort(seconds, RUNS, sizeof *seconds, by_value);
  return (double)all_rows * COLUMNS / seconds[RUNS / 2];
}

static void print_against_reading(void) {
  double reading = rate();
  printf("[{\"operation\": \"read\", \"threads\": %d, \"bytes_per_second\": %.0f}", threads, reading);
  for (scheme = 0; scheme < 5; scheme++) {
    for (vectors = 1; vectors <= 4; vectors *= 4) {
      double bytes = rate();
      printf(",\n{\"operation\": \"%s\", \"vectors\": %zu, \"threads\": %d, \"bytes_per_second\": %.0f, "
             "\"of_reading\": %.3f}",
             schemes[scheme].name, vectors, threads, bytes, bytes / reading);
    }
  }
  printf("]\n");
}

static void print_products(void) {
  static const char *names[] = {"baseline", "avx2", "avxvnni", "avx512", "avx512vnni", "neon"};
  const char *separator = "[";
  for (int level = 0; level < 6; level++) {
    kernels = muninn_kernels_at((muninn_level)level);
    if (!kernels) continue;
    for (scheme = 0; scheme < 5; scheme++) {
      for (vectors = 1; vectors <= VECTORS; vectors *= 4) {
        // As many products each time, of no fewer rows than stay out of the cache.
        all_rows = vectors > 4 ? (size_t)ROWS * 4 / vectors : ROWS;
        printf("%s{\"operation\": \"%s\", \"level\": \"%s\", \"vectors\": %zu, \"threads\": %d, "
               "\"products_per_second\": %.0f}",
               separator, schemes[scheme].name, names[level], vectors, threads,
               rate() * (double)vectors / (double)schemes[scheme].width);
        separator = ",\n";
      }
    }
  }
  printf("]\n");
}

int main(int count, char **arguments) {
  threads = count > 1 ? atoi(arguments[1]) : 1;
  if (threads < 1 || threads > LIMIT || count < 3) return 64;
  for (int level = 0; level < 6; level++) {
    const muninn_kernels *found = muninn_kernels_at((muninn_level)level);
    if (found) kernels = found;
  }
  weights = aligned_alloc(4096, (size_t)ROWS * COLUMNS);
  scales = aligned_alloc(4096, (size_t)ROWS * COLUMNS / GROUP * 2);
  x = aligned_alloc(4096, VECTORS * COLUMNS * sizeof *x);
  y = aligned_alloc(4096, 4 * (size_t)ROWS * sizeof *y);
  fixed = aligned_alloc(4096, 2 * VECTORS * COLUMNS * sizeof *fixed);
  units = aligned_alloc(4096, 4096);
  // Bytes that are small finite values in every scheme.
  memset(weights, 0x11, (size_t)ROWS * COLUMNS);
  memset(scales, 0x11, (size_t)ROWS * COLUMNS / GROUP * 2);
  for (size_t index = 0; index < VECTORS * COLUMNS; index++) {
    x[index] = 1;
    fixed[2 * index] = fixed[2 * index + 1] = (int16_t)(index % 16384);
  }
  for (size_t index = 0; index < VECTORS; index++) units[index] = 1;
  if (strcmp(arguments[2], "products") == 0) {
    print_products();
  } else {
    print_against_reading();
  }
  return 0;
}
