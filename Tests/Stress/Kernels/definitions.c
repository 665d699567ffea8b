// Compares the kernels of every level that this processor has with their definitions, written here once
// more, bit for bit. Made for processors on which the Swift tests do not run: `make test-arm64` runs it
// in an emulator, and `make test-kernels` models instructions that it lacks (`modelled.c`).
#include "CMuninnKernels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

enum { STEP = 32 };

#ifdef MODELLED
extern const muninn_kernels modelled_avxvnni, modelled_avx512vnni, modelled_amx;
#endif

static uint64_t state = 1;
static long compared, different;

static uint32_t draw(uint32_t limit) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(state >> 33) % limit;
}

static float number(void) { return ((float)draw(20001) - 10000) * ldexpf(1, (int)draw(20) - 14); }

static void *room(size_t count, size_t size) {
  void *memory = calloc(count + 64, size);
  if (!memory) abort();
  return memory;
}

static void check(float found, float expected, const char *what, size_t columns) {
  compared++;
  if (memcmp(&found, &expected, sizeof found) == 0 || (found != found && expected != expected)) return;
  if (different++ < 5) printf("%s, %zu columns: %a, expected %a\n", what, columns, found, expected);
}

/// Lanes combined in halves.
static float halves(float *lanes, int count) {
  for (int half = count / 2; half > 0; half /= 2) {
    for (int lane = 0; lane < half; lane++) lanes[lane] += lanes[lane + half];
  }
  return lanes[0];
}

static float dot(const float *row, const float *x, size_t columns) {
  float lanes[16] = {0};
  for (size_t column = 0; column < columns; column++) {
    float product = row[column] * x[column];
    lanes[column % 16] += product;
  }
  return halves(lanes, 16);
}

static float half(uint16_t bits) {
  int exponent = bits >> 10 & 31;
  float magnitude = exponent ? ldexpf((float)(1024 + (bits & 1023)), exponent - 25)
                             : ldexpf((float)(bits & 1023), -24);
  return bits & 0x8000 ? -magnitude : magnitude;
}

/// The whole numbers that a vector's elements become, and its unit.
static void fix(const float *x, size_t columns, long long *whole, float *unit) {
  float largest = 0;
  for (size_t column = 0; column < columns; column++) largest = fmaxf(largest, fabsf(x[column]));
  int exponent = 0;
  if (largest > 0) frexpf(largest, &exponent);
  int shift = largest == 0 ? 0 : 29 - exponent < 126 ? 29 - exponent : 126;
  float factor = ldexpf(1, shift);
  *unit = ldexpf(1, -shift);
  for (size_t column = 0; column < columns; column++) {
    whole[column] = llrint(rint((double)(x[column] * factor)));
  }
}

static void check_codes(const muninn_kernels *kernels, size_t bits, size_t group, size_t columns) {
  size_t rows = 1 + draw(40), vectors = 1 + draw(draw(8) > 0 ? 40 : 80), run = group ? group : columns;
  size_t runs = columns / run, padded = (columns + STEP - 1) / STEP * STEP;
  int8_t *codes = room(rows * columns, 1);
  char *scales = room(rows * runs, 4);
  float *x = room(vectors * columns, 4), *expected = room(rows * vectors, 4);
  int least = bits == 4 ? -8 : -128;
  for (size_t index = 0; index < rows * columns; index++) codes[index] = (int8_t)(draw(-2 * least) + least);
  for (size_t index = 0; index < rows * runs; index++) {
    uint16_t bits = (uint16_t)(0x2100 + draw(2000));
    float scale = number();
    memcpy(scales + index * (group ? 2 : 4), group ? (void *)&bits : (void *)&scale, group ? 2 : 4);
  }
  for (size_t index = 0; index < vectors * columns; index++) x[index] = number();
  // The largest sums that there are.
  memset(codes, least, columns);
  for (size_t column = 0; column < columns; column++) x[column] = 0x1.fffffep0f;
  long long *whole = room(columns, sizeof *whole);
  for (size_t vector = 0; vector < vectors; vector++) {
    float unit = 0;
    fix(x + vector * columns, columns, whole, &unit);
    for (size_t row = 0; row < rows; row++) {
      float lanes[8] = {0};
      int block = 0;
      for (size_t index = 0; index < runs; index++) {
        uint16_t bits;
        float scale;
        memcpy(&bits, scales + 2 * (row * runs + index), 2);
        memcpy(&scale, scales + 4 * (group ? 0 : row), 4);
        if (group) scale = half(bits);
        for (size_t start = 0; start < run; start += MUNINN_BLOCK_COLUMNS) {
          long long high = 0, low = 0;
          for (size_t column = start; column < start + MUNINN_BLOCK_COLUMNS && column < run; column++) {
            size_t place = index * run + column;
            long long upper = (whole[place] + 16384) >> 15;
            high += codes[row * columns + place] * upper;
            low += codes[row * columns + place] * (whole[place] - upper * 32768);
          }
          float total = (float)high * 32768;
          total += (float)low;
          total *= scale;
          lanes[block++ % 8] += total;
        }
      }
      expected[vector * rows + row] = halves(lanes, 8) * unit;
    }
  }
  // Two neighbours in a byte, each plus 8.
  uint8_t *stored = room(rows * columns, 1);
  for (size_t index = 0; index < rows * columns; index++) {
    if (bits == 8) stored[index] = (uint8_t)codes[index];
    else stored[index / 2] |= (uint8_t)((codes[index] + 8) << index % 2 * 4);
  }
  for (size_t size = 1; size <= 16; size *= 4) {
    size_t panels = (vectors + size - 1) / size, length = size * padded;
    int32_t *elements = room(panels * length, sizeof *elements);
    float *units = room(panels * size, 4), *y = room(rows * vectors, 4);
    for (size_t panel = 0; panel < panels; panel++) {
      size_t first = panel * size, count = vectors - first < size ? vectors - first : size;
      kernels->fix_panel(size, bits, x + first * columns, columns, count, elements + panel * length,
                         units + first);
    }
    kernels->multiply_codes(stored, bits, scales, rows, columns, group, size, elements, units, vectors, y, rows);
    for (size_t index = 0; index < rows * vectors; index++) {
      check(y[index], expected[index], "product of codes", columns);
    }
    free(elements), free(units), free(y);
  }
  free(codes), free(stored), free(scales), free(x), free(expected), free(whole);
}

static void check_values(const muninn_kernels *kernels, size_t columns) {
  size_t rows = 1 + draw(40), vectors = 1 + draw(40), panels = (vectors + 3) / 4;
  size_t padded = (columns + 15) / 16 * 16;
  float *weights = room(rows * columns, 4), *x = room(vectors * columns, 4);
  float *packed = room(panels * 4 * padded, 4), *y = room(rows * vectors, 4), *z = room(rows * vectors, 4);
  for (size_t index = 0; index < rows * columns; index++) weights[index] = number();
  for (size_t index = 0; index < vectors * columns; index++) x[index] = number();
  for (size_t panel = 0; panel < panels; panel++) {
    size_t count = vectors - 4 * panel < 4 ? vectors - 4 * panel : 4;
    kernels->pack_panel(x + 4 * panel * columns, columns, count, packed + 4 * panel * padded);
  }
  kernels->multiply(MUNINN_F32, weights, rows, columns, 1, x, vectors, y, rows);
  kernels->multiply(MUNINN_F32, weights, rows, columns, 4, packed, vectors, z, rows);
  for (size_t vector = 0; vector < vectors; vector++) {
    for (size_t row = 0; row < rows; row++) {
      float expected = dot(weights + row * columns, x + vector * columns, columns);
      check(y[vector * rows + row], expected, "product of values", columns);
      check(z[vector * rows + row], expected, "product of values in a panel", columns);
    }
  }
  free(weights), free(x), free(packed), free(y), free(z);
}

static void check_attention(const muninn_kernels *kernels, size_t size, size_t entries) {
  float *queries = room(entries * size, 4), *keys = room(entries * size, 4);
  float *values = room(entries * size, 4), *outputs = room(entries * size, 4);
  size_t *counts = room(entries, sizeof *counts);
  for (size_t index = 0; index < entries * size; index++) {
    queries[index] = number() / 4096, keys[index] = number() / 4096, values[index] = number();
  }
  for (size_t index = 0; index < entries; index++) counts[index] = index + 1;
  kernels->attend(queries, size, entries, counts, keys, values, size, 0.125f, outputs, size);
  for (size_t query = 0; query < entries; query++) {
    float largest = -INFINITY, sum = 0;
    float *output = room(size, 4);
    for (size_t first = 0; first <= query; first += 32) {
      float weights[32] = {0}, now = largest;
      size_t count = query + 1 - first < 32 ? query + 1 - first : 32;
      for (size_t key = 0; key < count; key++) {
        weights[key] = dot(keys + (first + key) * size, queries + query * size, size) * 0.125f;
        now = fmaxf(now, weights[key]);
      }
      float before = largest - now, correction;
      kernels->exponentials(&before, 1, &correction);
      for (size_t key = 0; key < count; key++) {
        float shifted = weights[key] - now;
        kernels->exponentials(&shifted, 1, &weights[key]);
      }
      for (size_t column = 0; column < size; column++) {
        float total = output[column] * correction;
        for (size_t key = 0; key < count; key++) {
          float product = values[(first + key) * size + column] * weights[key];
          total += product;
        }
        output[column] = total;
      }
      float scaled = sum * correction;
      sum = scaled + halves(weights, 32);
      largest = now;
    }
    for (size_t column = 0; column < size; column++) {
      check(outputs[query * size + column], output[column] / sum, "attention", size);
    }
    free(output);
  }
  free(queries), free(keys), free(values), free(outputs), free(counts);
}

/// Within one unit in the last place of the C library's binary64.
static void check_exponentials(const muninn_kernels *kernels) {
  for (float x = -87; x < 88.7f; x += 0.0137f) {
    float found;
    kernels->exponentials(&x, 1, &found);
    double exact = exp((double)x), unit = ldexp(1, ilogb(exact) - 23);
    compared++;
    if (fabs((double)found - exact) > unit && different++ < 5) printf("exponential of %a: %a\n", x, found);
  }
}

/// Everything about one level.
static void run(const muninn_kernels *kernels, const char *name) {
  static const size_t groups[] = {16, 32, 96, 256, 272, 544};
  compared = different = 0;
  for (size_t columns = 1; columns <= 257; columns++) {
    check_codes(kernels, 8, 0, columns);
    check_values(kernels, columns);
  }
  check_codes(kernels, 8, 0, 1100);
  for (size_t index = 0; index < sizeof groups / sizeof *groups; index++) {
    for (size_t count = 1; count <= 11; count++) {
      check_codes(kernels, 8, groups[index], count * groups[index]);
      if (groups[index] % 32 == 0) check_codes(kernels, 4, groups[index], count * groups[index]);
    }
  }
  check_attention(kernels, 96, 70), check_attention(kernels, 32, 33), check_attention(kernels, 2, 5);
  check_exponentials(kernels);
  printf("%s: %ld results, %ld differ\n", name, compared, different);
  if (different > 0) exit(1);
}

int main(void) {
  static const char *const names[] = MUNINN_LEVEL_NAMES;
  for (size_t level = 0; level < sizeof names / sizeof *names; level++) {
    const muninn_kernels *kernels = muninn_kernels_at((muninn_level)level);
    if (kernels) {
      run(kernels, names[level]);
    } else {
      printf("%s: not run, this processor lacks it\n", names[level]);
    }
  }
#ifdef MODELLED
  run(&modelled_avxvnni, "avxvnni, vpdpwssd modelled");
  run(&modelled_avx512vnni, "avx512vnni, vpdpwssd modelled");
  run(&modelled_amx, "amx, tile instructions and vpdpwssd modelled");
#endif
  return 0;
}
