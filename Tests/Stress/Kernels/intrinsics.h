/// Intrinsics of x86-64 in plain C, as Intel's manual defines the instructions: in place of `immintrin.h`,
/// they run the paths of levels that this processor lacks. What an instruction would refuse is fatal.
#ifndef MODELLED_INTRINSICS_H
#define MODELLED_INTRINSICS_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// MARK: VPDPWSSD

typedef long long __m256i __attribute__((vector_size(32)));
typedef long long __m512i __attribute__((vector_size(64)));

/// Adds the products of two pairs of 16 bits in each 32 bits.
static inline void add_pairs_of_words(const void *a, const void *b, size_t count, void *sums) {
  int16_t left[32], right[32];
  uint32_t totals[16];
  memcpy(left, a, 4 * count), memcpy(right, b, 4 * count), memcpy(totals, sums, 4 * count);
  for (size_t index = 0; index < count; index++) {
    totals[index] += (uint32_t)(left[2 * index] * right[2 * index]);
    totals[index] += (uint32_t)(left[2 * index + 1] * right[2 * index + 1]);
  }
  memcpy(sums, totals, 4 * count);
}

static inline __m512i _mm512_dpwssd_epi32(__m512i sums, __m512i a, __m512i b) {
  add_pairs_of_words(&a, &b, 16, &sums);
  return sums;
}

static inline __m256i _mm256_dpwssd_epi32(__m256i sums, __m256i a, __m256i b) {
  add_pairs_of_words(&a, &b, 8, &sums);
  return sums;
}

#define _mm256_dpwssd_avx_epi32 _mm256_dpwssd_epi32

// MARK: AMX-TILE and AMX-INT8

/// The registers of palette 1. A configuration that the last one has not released is refused as well,
/// though the instruction takes it.
static struct {
  int is_configured;
  size_t rows[8], row_bytes[8];
  uint8_t bytes[8][16][64];
} tiles;

static inline void require(int condition) {
  if (!condition) abort();
}

static inline void _tile_loadconfig(const void *memory) {
  uint8_t shapes[64];
  memcpy(shapes, memory, sizeof shapes);
  require(!tiles.is_configured);
  require(shapes[0] == 1 && shapes[1] == 0);
  for (int index = 2; index < 16; index++) require(shapes[index] == 0);
  for (int tile = 0; tile < 16; tile++) {
    size_t row_bytes = shapes[16 + 2 * tile] + 256u * shapes[17 + 2 * tile], rows = shapes[48 + tile];
    if (tile >= 8) {
      require(row_bytes == 0 && rows == 0);
      continue;
    }
    require(row_bytes <= 64 && rows <= 16 && (row_bytes == 0) == (rows == 0));
    tiles.row_bytes[tile] = row_bytes;
    tiles.rows[tile] = rows;
  }
  tiles.is_configured = 1;
}

static inline void _tile_release(void) { memset(&tiles, 0, sizeof tiles); }

static inline void _tile_zero(int tile) {
  require(tiles.is_configured && tiles.rows[tile] > 0);
  memset(tiles.bytes[tile], 0, sizeof tiles.bytes[tile]);
}

static inline void _tile_loadd(int tile, const void *memory, size_t stride) {
  _tile_zero(tile);
  for (size_t row = 0; row < tiles.rows[tile]; row++) {
    memcpy(tiles.bytes[tile][row], (const char *)memory + row * stride, tiles.row_bytes[tile]);
  }
}

static inline void _tile_stored(int tile, void *memory, size_t stride) {
  require(tiles.is_configured && tiles.rows[tile] > 0);
  for (size_t row = 0; row < tiles.rows[tile]; row++) {
    memcpy((char *)memory + row * stride, tiles.bytes[tile][row], tiles.row_bytes[tile]);
  }
}

/// Adds the products of four signed bytes of a row of `a` and of a column of `b`.
static inline void _tile_dpbssd(int sums, int a, int b) {
  require(tiles.is_configured && sums != a && sums != b && a != b);
  require(tiles.rows[sums] == tiles.rows[a] && tiles.row_bytes[sums] == tiles.row_bytes[b]);
  require(tiles.row_bytes[a] == 4 * tiles.rows[b]);
  require(tiles.row_bytes[sums] % 4 == 0 && tiles.row_bytes[sums] > 0);
  for (size_t row = 0; row < tiles.rows[sums]; row++) {
    int32_t totals[16];
    memcpy(totals, tiles.bytes[sums][row], sizeof totals);
    for (size_t four = 0; four < tiles.rows[b]; four++) {
      for (size_t column = 0; column < tiles.row_bytes[sums] / 4; column++) {
        for (size_t byte = 0; byte < 4; byte++) {
          totals[column] += (int8_t)tiles.bytes[a][row][4 * four + byte] *
                            (int8_t)tiles.bytes[b][four][4 * column + byte];
        }
      }
    }
    memcpy(tiles.bytes[sums][row], totals, sizeof totals);
  }
}

#endif
