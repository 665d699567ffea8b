// What muninn_pack.h reads with: regular files, and canonical JSON, matched against what it must be but for some holes.
#ifndef MUNINN_TEXT_H
#define MUNINN_TEXT_H
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

typedef unsigned long long muninn_size;
typedef struct {
  const char *start, *at;  // a NUL ends the text
  char *error;             // of 512 bytes; empty while all goes well, and after the first failure nothing matches
} muninn_text;

static inline bool muninn_require(bool condition, char error[512], const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  if (!condition && !error[0]) vsnprintf(error, 512, format, arguments);
  va_end(arguments);
  return !error[0];
}

// Opens a regular file and finds its length; -1 if it cannot. Without O_NONBLOCK a fifo would wait for a writer.
static inline int muninn_open_regular(const char *directory, const char *name, muninn_size *length, char error[512]) {
  char path[4096];
  struct stat status;
  bool fits = snprintf(path, sizeof path, "%s/%s", directory, name) < (int)sizeof path;
  int file = fits ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
  *length = 0;
  if (!muninn_require(file >= 0, error, "%s: %s", name, fits ? strerror(errno) : "its path is too long")) return -1;
  bool regular = fstat(file, &status) == 0 && S_ISREG(status.st_mode);
  if (regular) *length = (muninn_size)status.st_size;
  if (muninn_require(regular, error, "%s: is no regular file", name)) return file;
  close(file);
  return -1;
}

// The content of a file, with a NUL behind it, or NULL.
static inline char *muninn_read_regular(const char *directory, const char *name, muninn_size limit, muninn_size *length,
                                        char error[512]) {
  int file = muninn_open_regular(directory, name, length, error);
  char *content = file >= 0 && *length <= limit ? calloc(1, *length + 1) : NULL;
  muninn_size count = 0;
  for (ssize_t got = 1; content && got > 0; count += got > 0 ? (muninn_size)got : 0)
    got = read(file, content + count, *length - count);
  if (file >= 0) close(file);
  muninn_require(content && count == *length, error, "%s: of its %llu bytes %llu could be read", name, *length, count);
  if (!error[0]) return content;
  free(content);
  return NULL;
}

// A file of this length, mapped, or NULL.
static inline void *muninn_map_regular(const char *directory, const char *name, muninn_size expected, char error[512]) {
  muninn_size length;
  int file = muninn_open_regular(directory, name, &length, error);
  if (file < 0) return NULL;
  void *map = length == expected ? mmap(NULL, length, PROT_READ, MAP_SHARED, file, 0) : MAP_FAILED;
  close(file);
  muninn_require(length == expected, error, "%s: is of %llu bytes, expected %llu", name, length, expected);
  return muninn_require(map != MAP_FAILED, error, "%s: cannot be mapped", name) ? map : NULL;
}

static inline uint32_t muninn_crc32(const unsigned char *bytes, size_t count) {
  uint32_t crc = ~0u;
  for (size_t i = 0; i < 8 * count; i++) {
    if (i % 8 == 0) crc ^= bytes[i / 8];
    crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
  }
  return ~crc;
}

static inline muninn_size muninn_aligned(muninn_size offset, muninn_size alignment) {
  return (offset + alignment - 1) / alignment * alignment;
}

// Takes what is given, its apostrophes read as quotation marks, if it comes next.
static inline bool muninn_next(muninn_text *text, const char *given) {
  size_t i = 0;
  while (given[i] && text->at[i] == (given[i] == '\'' ? '"' : given[i])) i++;
  if (given[i] || text->error[0]) return false;
  text->at += i;
  return true;
}

// Takes a string; where `out` is given, one of 64 hexadecimal digits.
static inline bool muninn_string(muninn_text *text, char *out) {
  const char *first = text->at + 1, *at = first;
  if (*text->at != '"') return false;
  if (out) at += strspn(at, "0123456789abcdef");
  else for (; (unsigned char)*at >= ' ' && *at != '"'; at++) at += *at == '\\' && (unsigned char)at[1] >= ' ';
  if (*at != '"' || (out && at - first != 64)) return false;
  if (out) memcpy(out, first, 64);
  text->at = at + 1;
  return true;
}

// Takes a number that is not negative: of kind `d` a double, else an integer in the range of its kind.
static inline bool muninn_number(muninn_text *text, char kind, void *out) {
  muninn_size low = kind == 'n', high = kind == 'n' ? 1 << 24 : kind == 'l' ? 4096 : 1ull << 53, *integer = out;
  const char *at = text->at;
  size_t length = strspn(at, kind == 'd' ? "0123456789.e+-" : "0123456789");
  char *end = NULL;
  if (!length || *at < '0' || *at > '9' || (*at == '0' && length > 1 && at[1] != '.')) return false;
  if (kind == 'd') *(double *)out = strtod(at, &end);
  else *integer = strtoull(at, &end, 10);
  if (end != at + length || (kind == 'd' ? !isfinite(*(double *)out) : *integer < low || *integer > high)) return false;
  text->at = end;
  return true;
}

// Takes an object of any content: as far as its brackets pair, at most 64 levels deep with the one it stands in.
static inline bool muninn_object(muninn_text *text) {
  if (*text->at != '{') return false;
  for (int level = 1; *text->at && level <= 64;) {
    if (*text->at == '"') {
      if (!muninn_string(text, NULL)) return false;
    } else {
      level += (*text->at == '{' || *text->at == '[') - (*text->at == '}' || *text->at == ']');
      text->at++;
      if (level == 1) return true;
    }
  }
  return false;
}

// Takes a format. Given are %t a text, %i an integer, and %a a list of four that ends where they are zero. Holes are %s a
// string and %o an object, which are passed over, %x a digest, %b a boolean, %d a number, and integers: %n from 1 to 2^24,
// %l up to 4096 and %u up to 2^53.
static inline bool muninn_take(muninn_text *text, const char *format, ...) {
  char digits[24];
  const char *expected = format;
  bool good = !text->error[0], *flag;
  const muninn_size *list;
  va_list holes;
  va_start(holes, format);
  for (; good && *format; format++) {
    expected = format;
    if (*format != '%') { good = muninn_next(text, (char[]){*format, 0}); continue; }
    switch (*++format) {
    case 't': good = muninn_next(text, expected = va_arg(holes, const char *)); break;
    case 'i':
      snprintf(digits, sizeof digits, "%llu", va_arg(holes, muninn_size));
      good = muninn_next(text, expected = digits);
      break;
    case 'a':
      list = va_arg(holes, const muninn_size *);
      for (int i = 0; i < 4 && list[i]; i++) muninn_take(text, i ? ",%i" : "[%i", list[i]);
      good = muninn_next(text, "]");
      break;
    case 's': good = muninn_string(text, NULL); break;
    case 'x': good = muninn_string(text, va_arg(holes, char *)); break;
    case 'b': flag = va_arg(holes, bool *); good = (*flag = muninn_next(text, "true")) || muninn_next(text, "false"); break;
    case 'o': good = muninn_object(text); break;
    default: good = muninn_number(text, *format, va_arg(holes, void *));
    }
  }
  va_end(holes);
  return muninn_require(good, text->error, "manifest.json: byte %td: found %.60s, expected %.120s", text->at - text->start,
                        text->at, expected);
}

// Takes a list of at least one file; names have this key.
static inline void muninn_files(muninn_text *text, const char *key) {
  muninn_size bytes;
  char digest[64];
  for (const char *before = "["; muninn_next(text, before); before = ",")
    muninn_take(text, "{'bytes':%u,'%t':%s,'sha256':%x}", &bytes, key, digest);
  muninn_take(text, "]");
}
#endif
