// Maps a pack and multiplies one row of a matrix with a vector of ones: an example of muninn_pack.h.
//
// usage: multiply PACK [MATRIX ROW]     with a pack alone, only opens it
#include "muninn_pack.h"

static float binary16(uint16_t bits) {
  int exponent = bits >> 10 & 31, fraction = bits & 1023;
  float size = exponent ? ldexpf((float)(1024 + fraction), exponent - 25) : ldexpf((float)fraction, -24);
  return bits >> 15 ? -size : size;  // a pack has neither infinities nor NaN
}

static float binary32(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

// The value in binary32, as quantization.md §5 has it.
static float value(const muninn_tensor *t, muninn_size row, muninn_size column) {
  muninn_size i = row * t->shape[1] + column;
  switch (t->encoding) {
  case MUNINN_F32: return ((const float *)t->values)[i];
  case MUNINN_BF16: return binary32((uint32_t)((const uint16_t *)t->values)[i] << 16);
  case MUNINN_F16: return binary16(((const uint16_t *)t->values)[i]);
  case MUNINN_INT8_ROW: return ((const float *)t->scales)[row] * ((const int8_t *)t->values)[i];
  case MUNINN_INT8_GROUP: return binary16(((const uint16_t *)t->scales)[i / t->group]) * ((const int8_t *)t->values)[i];
  default: return binary16(((const uint16_t *)t->scales)[i / t->group]) *
                  ((((const uint8_t *)t->values)[i / 2] >> i % 2 * 4 & 15) - 8);
  }
}

int main(int count, char **arguments) {
  muninn_pack pack;
  if (count != 2 && count != 4) return fprintf(stderr, "usage: multiply PACK [MATRIX ROW]\n"), 2;
  if (!muninn_open(&pack, arguments[1])) return fprintf(stderr, "multiply: '%s': %s\n", arguments[1], pack.error), 1;
  if (count == 2) return printf("%zu tensors\n", pack.tensor_count), muninn_close(&pack), 0;
  const muninn_tensor *t = muninn_find(&pack, arguments[2]);
  muninn_size row = strtoull(arguments[3], NULL, 10);
  bool there = t && t->shape[1] && !t->shape[2] && row < t->shape[0];
  if (there) {
    double sum = 0;
    for (muninn_size c = 0; c < t->shape[1]; c++) sum += (double)value(t, row, c);
    for (muninn_size c = 0; c < 8 && c < t->shape[1]; c++) printf(c ? " %a" : "%a", (double)value(t, row, c));
    printf("\n%.17g\n", sum);
  } else {
    fprintf(stderr, "multiply: '%s' has no row %llu of a matrix '%s'\n", arguments[1], row, arguments[2]);
  }
  muninn_close(&pack);
  return there ? 0 : 1;
}
