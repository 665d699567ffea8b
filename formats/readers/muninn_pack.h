// Reads muninn packs, version 1, by the pages of formats/ alone: C11, POSIX, 64 bits, little-endian. A manifest is
// canonical JSON, so its text is known but for some holes: it is matched, not parsed. What opening leaves to
// `muninn verify` is listed in formats/readers.md.
#ifndef MUNINN_PACK_H
#define MUNINN_PACK_H
#include <sys/mman.h>
#include "muninn_text.h"
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && sizeof(size_t) == 8, "planes are used as they are mapped");

typedef enum { MUNINN_F32, MUNINN_BF16, MUNINN_F16, MUNINN_INT8_ROW, MUNINN_INT8_GROUP, MUNINN_INT4_GROUP } muninn_encoding;
typedef struct {
  char name[64];
  int stage, layer;               // an index of muninn_stages; -1 outside layers
  muninn_size shape[4], group;    // shape ends with zeros; group: of codes, the columns that share a scale
  muninn_encoding encoding;
  muninn_size offsets[2];         // of the planes, in their segment
  const void *values, *scales;    // in the mapping; of codes, scales in binary32 (rows) or binary16 (groups)
} muninn_tensor;
typedef struct {
  muninn_size n_embd, n_heads, num_key_value_heads, head_dim, intermediate_size, vocab_size, padded_vocab_size;
  muninn_size block_size, mean_recurrence, layers[4], lengths[4];  // the last two by stage: layers, and bytes of the file
  double rope_base, norm_eps, embedding_scale, state_std;
  bool qk_bias, bias, tie_embeddings;
  char identity[64], error[512];  // error: why opening failed: file, place, what is there, what is expected
  unsigned char *segments[4];     // the mapped files
  muninn_tensor *tensors;         // in the order of the segments
  size_t tensor_count;
} muninn_pack;
static const char *const muninn_stages[] = {"embedding", "prelude", "core", "coda"};

// Matches a plane at `end`, aligned, and moves `end` behind it.
static inline muninn_size muninn_plane(muninn_text *text, muninn_size *end, const char *dtype, const char *role,
                                       const muninn_size shape[4]) {
  muninn_size offset = muninn_aligned(*end, 64), bytes = strchr("IU", *dtype) ? 1 : strcmp(dtype, "F32") ? 2 : 4;
  for (int i = 0; i < 4 && shape[i]; i++) bytes *= shape[i];
  *end = offset + (bytes >>= *dtype == 'U');  // two codes in a byte
  muninn_take(text, "{'bytes':%i,'dtype':'%t','offset':%i,'role':'%t','shape':%a}", bytes, dtype, offset, role, shape);
  return offset;
}

// Matches the entry of the next tensor (pack.md §2, quantization.md §2), whose planes follow `end`.
static inline void muninn_entry(muninn_text *text, muninn_pack *pack, muninn_size *end, int stage, int layer,
                                const char *name, const muninn_size shape[4]) {
  static const char *const encodings[] = {"'scheme':'f32'}", "'scheme':'bf16'}", "'scheme':'f16'}",
                                          "'granularity':'row','scheme':'int8'}", "'granularity':'group','group_size':"};
  static const char *const dtypes[] = {"F32", "BF16", "F16", "I8", "I8", "U4"};
  muninn_tensor tensor = {.stage = stage, .layer = layer, .group = shape[1], .encoding = MUNINN_F32};
  muninn_encoding last = shape[1] && !shape[2] ? MUNINN_INT8_GROUP : MUNINN_F32;  // only matrices have a choice
  char number[16] = "null", digest[64];
  double error = 0;
  snprintf(tensor.name, sizeof tensor.name, "%s", name), memcpy(tensor.shape, shape, sizeof tensor.shape);
  if (layer >= 0) snprintf(number, sizeof number, "%d", layer);
  muninn_take(text, pack->tensor_count ? ",{'encoding':{" : "{'encoding':{");
  while (tensor.encoding < last && !muninn_next(text, encodings[tensor.encoding])) tensor.encoding++;
  if (tensor.encoding == last) muninn_take(text, last ? "%t%u" : "%t", encodings[last], &tensor.group);
  bool groups = tensor.encoding == MUNINN_INT8_GROUP, codes = tensor.encoding >= MUNINN_INT8_ROW;
  if (groups && !muninn_next(text, ",'scheme':'int8'}")) tensor.encoding = MUNINN_INT4_GROUP;
  if (tensor.encoding == MUNINN_INT4_GROUP) muninn_take(text, ",'scheme':'int4'}");
  if (!muninn_require(!groups || (tensor.group && tensor.group % 32 == 0 && shape[1] % tensor.group == 0), text->error,
                      "manifest.json: groups of %llu do not tile %s", tensor.group, name)) return;
  if (!muninn_next(text, ",'error':null"))
    muninn_take(text, ",'error':{'max_abs':%d,'sum_sq_error':%d,'sum_sq_source':%d}", &error, &error, &error);
  muninn_take(text, ",'layer':%t,'name':'%t','planes':[", number, name);
  tensor.offsets[0] = muninn_plane(text, end, dtypes[tensor.encoding], codes ? "codes" : "values", shape);
  if (codes) {
    muninn_take(text, ",");
    tensor.offsets[1] = muninn_plane(text, end, groups ? "F16" : "F32", "scales",
                                     (muninn_size[4]){shape[0], groups ? shape[1] / tensor.group : 0});
  }
  muninn_take(text, "],'segment':'%t','sha256':%x,'shape':%a,'source_dtype':", muninn_stages[stage], digest, shape);
  if (!muninn_next(text, "'F32'}") && !muninn_next(text, "'F16'}")) muninn_take(text, "'BF16'}");
  pack->tensors[pack->tensor_count++] = tensor;
}

// Matches the entries of all tensors, and finds where the segments end (huginn-layout.md §3, pack.md §2).
static inline void muninn_entries(muninn_text *text, muninn_pack *p, muninn_size ends[4]) {
  muninn_size d = p->n_embd, m = p->intermediate_size, table[4] = {p->padded_vocab_size, d}, vector[4] = {d};
  const struct { const char *name; muninn_size shape[4]; } members[] = {
    {"norm_1.weight", {d}}, {"attn.qk_bias", {2, 1, p->n_heads, p->head_dim}}, {"attn.Wqkv.weight", {3 * d, d}},
    {"attn.proj.weight", {d, d}}, {"norm_2.weight", {d}}, {"norm_3.weight", {d}}, {"mlp.fc.weight", {2 * m, d}},
    {"mlp.proj.weight", {d, m}}, {"norm_4.weight", {d}}};
  for (int stage = 0; stage < 4; stage++) {
    muninn_size *end = &ends[stage];
    *end = 16384;  // behind the header page, as units are aligned
    if (stage == 0) muninn_entry(text, p, end, 0, -1, "transformer.wte.weight", table);
    if (stage == 2) muninn_entry(text, p, end, 2, -1, "transformer.adapter.weight", (muninn_size[4]){d, 2 * d});
    if (stage == 2 && p->bias) muninn_entry(text, p, end, 2, -1, "transformer.adapter.bias", vector);
    for (int i = 0; i < 9 * (int)p->layers[stage] && !p->error[0]; i++) {
      char name[64];
      const char *part = stage == 2 ? "core_block" : muninn_stages[stage];
      snprintf(name, sizeof name, "transformer.%s.%d.%s", part, i / 9, members[i % 9].name);
      if (i % 9 == 0) *end = muninn_aligned(*end, 16384);
      if (i % 9 != 1 || p->qk_bias) muninn_entry(text, p, end, stage, i / 9, name, members[i % 9].shape);
    }
    *end = muninn_aligned(*end, 16384);
  }
  muninn_entry(text, p, &ends[3], 3, -1, "transformer.ln_f.weight", vector);
  ends[3] = muninn_aligned(ends[3], 16384);
  if (!p->tie_embeddings) muninn_entry(text, p, &ends[3], 3, -1, "lm_head.weight", table);
}

// Matches the whole text (manifest.md §1), its members in the order of their keys.
static inline void muninn_manifest(muninn_text *text, muninn_pack *p, muninn_size length) {
  static const char *const sorted[] = {"coda", "core", "embedding", "prelude"};
  muninn_size positions, pairs, bytes, ends[4];
  char digest[64], key[32];
  double base;
  muninn_take(text, "{'aliases':{");
  bool tied = muninn_next(text, "'lm_head.weight':'transformer.wte.weight'");
  muninn_take(text, "},'derived':{'freqs_cis':{'rope_base':%d,'shape':[1,%n,1,%n,2]", &base, &positions, &pairs);
  if (muninn_next(text, ",'stored':") && !muninn_next(text, "'F32'") && !muninn_next(text, "'F16'"))
    muninn_take(text, "'BF16'");
  muninn_take(text, "}},'digest':%x,", digest);
  if (muninn_next(text, "'extensions':")) muninn_take(text, "%o,");
  if (!muninn_take(text, "'format':'muninn-pack','identity':%x,'model':{'bias':%b,'block_size':%n,'embedding_scale':%d,"
        "'head_dim':%n,'intermediate_size':%n,'mean_recurrence':%n,'n_embd':%n,'n_heads':%n,'n_layers_in_coda':%l,"
        "'n_layers_in_prelude':%l,'n_layers_in_recurrent_block':%l,'norm_eps':%d,'num_key_value_heads':%n,"
        "'padded_vocab_size':%n,'qk_bias':%b,'rope_base':%d,'state_std':%d,'tie_embeddings':%b,'vocab_size':%n},'recipe':{",
        p->identity, &p->bias, &p->block_size, &p->embedding_scale, &p->head_dim, &p->intermediate_size,
        &p->mean_recurrence, &p->n_embd, &p->n_heads, &p->layers[3], &p->layers[1], &p->layers[2], &p->norm_eps,
        &p->num_key_value_heads, &p->padded_vocab_size, &p->qk_bias, &p->rope_base, &p->state_std, &p->tie_embeddings,
        &p->vocab_size)) return;
  size_t count = (p->layers[1] + p->layers[2] + p->layers[3]) * (8 + p->qk_bias) + 3 + p->bias + !p->tie_embeddings;
  p->tensors = count <= length / 200 ? calloc(count, sizeof *p->tensors) : NULL;  // no entry takes fewer bytes
  muninn_size d = p->n_embd, limit = (1ull << 40) / d;
  if (!muninn_require(p->n_heads * p->head_dim == d && p->head_dim % 2 == 0 && p->num_key_value_heads == p->n_heads
                      && p->vocab_size <= p->padded_vocab_size && p->padded_vocab_size <= limit && 3 * d <= limit
                      && 2 * p->intermediate_size <= limit && p->rope_base >= 1 && p->rope_base <= 1e30
                      && p->norm_eps >= 1e-30 && p->norm_eps <= 1 && p->embedding_scale == sqrt((double)d)
                      && p->state_std == sqrt(2 / (5 * (double)d)) && tied == p->tie_embeddings && base == p->rope_base
                      && positions == p->block_size && pairs == p->head_dim / 2 && p->tensors, p->error,
                      "manifest.json: model is at odds with itself, aliases, derived or tensors")) return;
  const char *before = "'stages':{";
  for (int i = 0; i < 4; i++) {
    snprintf(key, sizeof key, "%s'%s':", before, sorted[i]);
    if (muninn_next(text, key)) muninn_take(text, "%s"), before = ",";
  }
  if (*before == ',') muninn_take(text, "},");
  for (before = "'tensors':["; muninn_next(text, before); before = ",") muninn_take(text, "{'encoding':%s,'pattern':%s}");
  muninn_take(text, *before == ',' ? "],'weights':%s},'segments':[" : "'weights':%s},'segments':[");
  for (int i = 0; i < 4; i++)
    muninn_take(text, "%t{'bytes':%u,'file':'%t.seg','name':'%t'}", i ? "," : "", &p->lengths[i], muninn_stages[i],
                muninn_stages[i]);
  muninn_take(text, "],'sidecars':");
  if (!muninn_next(text, "[]")) muninn_files(text, "file");
  muninn_take(text, ",'source':{'files':");
  muninn_files(text, "name");
  if (muninn_next(text, ",'index':{"))
    muninn_take(text, "'bytes':%u,'name':'model.safetensors.index.json','sha256':%x}", &bytes, digest);
  muninn_take(text, "},'tensors':[");
  muninn_entries(text, p, ends);
  muninn_take(text, "],'tool':{'name':%s,'version':%s},'version':1}");
  for (int i = 0; i < 4; i++)
    muninn_require(muninn_aligned(ends[i], 16384) == p->lengths[i], p->error, "manifest.json: %s.seg has %llu bytes, "
                   "expected %llu", muninn_stages[i], p->lengths[i], muninn_aligned(ends[i], 16384));
}

// Maps a segment whose header page is, to the byte, the one that manifest and stage give (pack.md §3).
static inline void muninn_map(muninn_pack *pack, const char *directory, int stage) {
  unsigned char page[4096] = "\x89MUNIN\r\n\1\0\0\0\0\x10";
  char name[16];
  snprintf(name, sizeof name, "%s.seg", muninn_stages[stage]);
  memcpy(page + 16, name, strlen(muninn_stages[stage]));
  memcpy(page + 32, &pack->lengths[stage], 8);
  for (int i = 0; i < 32; i++) sscanf(pack->identity + 2 * i, "%2hhx", page + 40 + i);
  memcpy(page + 72, &(uint32_t){muninn_crc32(page, 72)}, 4);
  unsigned char *map = pack->segments[stage] = muninn_map_regular(directory, name, pack->lengths[stage], pack->error);
  for (int i = 0; map && i < 4096; i++)
    muninn_require(map[i] == page[i], pack->error, "%s: byte %d is %02x, expected %02x", name, i, map[i], page[i]);
}

static inline void muninn_close(muninn_pack *pack) {
  for (int i = 0; i < 4 && pack->segments[i]; i++) munmap(pack->segments[i], pack->lengths[i]);
  free(pack->tensors), pack->tensors = NULL, pack->tensor_count = 0;
}

// Opens the pack, or says in `error` why not; only what was opened is to be closed.
static inline bool muninn_open(muninn_pack *pack, const char *directory) {
  *pack = (muninn_pack){0};
  muninn_size length;
  char *start = muninn_read_regular(directory, "manifest.json", 16 << 20, &length, pack->error);
  muninn_text text = {start, start, pack->error};
  if (start && muninn_require(length > 12 && !strcmp(start + length - 12, "\"version\":1}"), pack->error,
                              "manifest.json: the last member is not the version 1, which is all that this reads"))
    muninn_manifest(&text, pack, length);
  free(start);
  for (int i = 0; i < 4 && !pack->error[0]; i++) muninn_map(pack, directory, i);
  if (pack->error[0]) return muninn_close(pack), false;
  for (muninn_tensor *each = pack->tensors; each < pack->tensors + pack->tensor_count; each++) {
    each->values = pack->segments[each->stage] + each->offsets[0];
    if (each->offsets[1]) each->scales = pack->segments[each->stage] + each->offsets[1];
  }
  return true;
}

static inline const muninn_tensor *muninn_find(const muninn_pack *pack, const char *name) {
  for (size_t i = 0; i < pack->tensor_count; i++) if (!strcmp(pack->tensors[i].name, name)) return &pack->tensors[i];
  return NULL;
}
#endif
