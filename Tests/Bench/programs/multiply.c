// Measures products of a large stored matrix with vectors, on all threads that are given, as JSON.
//
// Usage: multiply THREADS reading   one and four vectors against reading as many bytes
//        multiply THREADS products all|best [SCHEME VECTORS]
//                                   1 to 256 vectors, at all levels that the processor has or at
//                                   the last one; or one scheme and one number of vectors
//
// It is compiled with the kernels of a checkout, which take vectors in panels or, before, in rows, and
// of codes 8 bits or 4 as well.
#include "CMuninnKernels.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if __has_include("../code_panels.h")
#define PANELS
#endif
#if __has_include("../int4.h")
#define NIBBLES
#endif

enum { COLUMNS = 5280, ROWS = 17920, GROUP = 32, RUNS = 5, LIMIT = 64, VECTORS = 256 };
/// As many as the matrix has in the widest scheme.
static const size_t bytes = (size_t)ROWS * COLUMNS * 4;

static const struct {
  const char *name;
  muninn_dtype dtype;
  size_t bits, group_size;
} schemes[] = {
    {"f32", MUNINN_F32, 32, 0}, {"f16", MUNINN_F16, 16, 0}, {"bf16", MUNINN_BF16, 16, 0},
    {"int8:row", 0, 8, 0},      {"int8:32", 0, 8, GROUP},
#ifdef NIBBLES
    {"int4:32", 0, 4, GROUP},
#endif
};
enum { SCHEMES = sizeof schemes / sizeof *schemes };

static const char *const levels[] =
#if defined(MUNINN_LEVEL_NAMES)
    MUNINN_LEVEL_NAMES;
#elif defined(PANELS)
    {"baseline", "avx2", "avxvnni", "avx512", "avx512vnni", "neon"};
#else
    {"baseline", "avx2", "avx512", "neon"};
#endif
enum { LEVELS = sizeof levels / sizeof *levels };

static char *weights, *scales;
static float *x, *y, *units;
static int16_t *fixed;
static const muninn_kernels *kernels;
static size_t all_rows, vectors = 1;
static int threads, scheme = -1;
static volatile uint64_t sink;

/// Multiplies some rows with all vectors.
static void multiply(const char *first, const char *scale, size_t rows, float *products) {
  size_t group = schemes[scheme].group_size;
#ifdef PANELS
  if (schemes[scheme].bits > 8) {
    kernels->multiply(schemes[scheme].dtype, first, rows, COLUMNS, vectors < 4 ? 1 : 4, x, vectors,
                      products, rows);
  } else {
    size_t size = vectors < 4 ? 1 : vectors < 16 ? 4 : 16;
#ifdef NIBBLES
    kernels->multiply_codes(first, schemes[scheme].bits, scale, rows, COLUMNS, group, size, fixed,
                            units, vectors, products, rows);
#else
    kernels->multiply_codes((const int8_t *)first, scale, rows, COLUMNS, group, size, fixed, units,
                            vectors, products, rows);
#endif
  }
#else
  if (schemes[scheme].bits > 8) {
    kernels->multiply(schemes[scheme].dtype, first, rows, COLUMNS, x, vectors, products);
  } else {
    kernels->multiply_codes((const int8_t *)first, scale, rows, COLUMNS, group, fixed,
                            fixed + VECTORS * COLUMNS, COLUMNS, units, vectors, products);
  }
#endif
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
  size_t scale_bytes = schemes[scheme].group_size ? COLUMNS / GROUP * 2 : 4;
  multiply(weights + index * rows * COLUMNS * schemes[scheme].bits / 8,
           scales + index * rows * scale_bytes, rows, y + index * rows * vectors);
  return NULL;
}

static double seconds_on(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int by_value(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return (left > right) - (left < right);
}

typedef struct {
  /// By the clock, and of all threads together.
  double wall, processor;
} duration;

/// The medians of some runs over all rows.
static duration median(void) {
  double wall[RUNS], processor[RUNS];
  for (int run = 0; run < RUNS; run++) {
    pthread_t handles[LIMIT];
    double start = seconds_on(CLOCK_MONOTONIC), used = seconds_on(CLOCK_PROCESS_CPUTIME_ID);
    for (int index = 1; index < threads; index++) {
      pthread_create(&handles[index], NULL, work, (void *)(uintptr_t)index);
    }
    work(NULL);
    for (int index = 1; index < threads; index++) pthread_join(handles[index], NULL);
    wall[run] = seconds_on(CLOCK_MONOTONIC) - start;
    processor[run] = seconds_on(CLOCK_PROCESS_CPUTIME_ID) - used;
  }
  qsort(wall, RUNS, sizeof *wall, by_value);
  qsort(processor, RUNS, sizeof *processor, by_value);
  return (duration){wall[RUNS / 2], processor[RUNS / 2]};
}

static void print_against_reading(void) {
  all_rows = bytes / COLUMNS;
  double reading = (double)bytes / median().wall;
  printf("[{\"operation\": \"read\", \"bytes_per_second\": %.0f}", reading);
  for (scheme = 0; scheme < SCHEMES; scheme++) {
    all_rows = bytes / COLUMNS * 8 / schemes[scheme].bits;
    for (vectors = 1; vectors <= 4; vectors *= 4) {
      printf(",\n{\"operation\": \"%s\", \"vectors\": %zu, \"bytes_per_second\": %.0f}",
             schemes[scheme].name, vectors, (double)bytes / median().wall);
    }
  }
  printf("]\n");
}

static void print_products(bool is_best_only, const char *only_scheme, size_t only_vectors) {
  const char *separator = "[";
  all_rows = ROWS;
  for (int level = 0; level < LEVELS; level++) {
    const muninn_kernels *found = muninn_kernels_at((muninn_level)level);
    if (!found || (is_best_only && found != kernels)) continue;
    const muninn_kernels *best = kernels;
    kernels = found;
    for (scheme = 0; scheme < SCHEMES; scheme++) {
      if (only_scheme && strcmp(only_scheme, schemes[scheme].name) != 0) continue;
      for (vectors = only_vectors ? only_vectors : 1; vectors <= VECTORS; vectors *= 4) {
        duration taken = median();
        double products = (double)ROWS * COLUMNS * (double)vectors;
        printf("%s{\"operation\": \"%s\", \"level\": \"%s\", \"vectors\": %zu, "
               "\"products_per_second\": %.0f, \"products_per_cpu_second\": %.0f}",
               separator, schemes[scheme].name, levels[level], vectors, products / taken.wall,
               products / taken.processor);
        separator = ",\n";
        if (only_vectors) break;
      }
    }
    kernels = best;
  }
  printf("]\n");
}

int main(int count, char **arguments) {
  threads = count > 1 ? atoi(arguments[1]) : 1;
  if (threads < 1 || threads > LIMIT || count < 3) return 64;
  for (int level = 0; level < LEVELS; level++) {
    const muninn_kernels *found = muninn_kernels_at((muninn_level)level);
    if (found) kernels = found;
  }
  weights = aligned_alloc(4096, bytes);
  scales = aligned_alloc(4096, bytes / GROUP * 4);
  x = aligned_alloc(4096, VECTORS * COLUMNS * sizeof *x);
  y = aligned_alloc(4096, VECTORS * (size_t)ROWS * sizeof *y);
  fixed = aligned_alloc(4096, 2 * VECTORS * COLUMNS * sizeof *fixed);
  units = aligned_alloc(4096, 4096);
  // Bytes that are small finite values in every scheme.
  memset(weights, 0x11, bytes);
  memset(scales, 0x11, bytes / GROUP * 4);
  memset(y, 0, VECTORS * (size_t)ROWS * sizeof *y);
  for (size_t index = 0; index < VECTORS * COLUMNS; index++) {
    x[index] = 1;
    fixed[2 * index] = fixed[2 * index + 1] = (int16_t)(index % 16384);
  }
  for (size_t index = 0; index < VECTORS; index++) units[index] = 1;
  if (strcmp(arguments[2], "reading") == 0) {
    print_against_reading();
  } else if (count == 4 || count == 6) {
    print_products(strcmp(arguments[3], "best") == 0, count == 6 ? arguments[4] : NULL,
                   count == 6 ? (size_t)atoi(arguments[5]) : 0);
  } else {
    return 64;
  }
  return 0;
}
