#include "CFuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

// To libFuzzer, and from the address sanitizer.
int LLVMFuzzerInitialize(int *, char ***);
int LLVMFuzzerTestOneInput(const uint8_t *, size_t);
int __sanitizer_install_malloc_and_free_hooks(void (*)(const volatile void *, size_t),
                                              void (*)(const volatile void *));
size_t __sanitizer_get_allocated_size(const volatile void *);

enum { FACTOR = 16, ALLOWANCE = 16 << 20, SECOND = 1000000000 };

// Readers run on one thread.
static int64_t held, most;

static void allocated(const volatile void *memory, size_t size) {
  (void)memory;
  held += (int64_t)size;
  if (held > most) most = held;
}

static void freed(const volatile void *memory) {
  if (memory) held -= (int64_t)__sanitizer_get_allocated_size(memory);
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (int64_t)time.tv_sec * SECOND + time.tv_nsec;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  int64_t start = now();
  held = most = 0;
  muninn_fuzz_read(bytes, count);
  if (most > FACTOR * (int64_t)count + ALLOWANCE) {
    fprintf(stderr, "held %lld bytes for an input of %zu\n", (long long)most, count);
    abort();
  }
  if (now() - start > SECOND) {
    fprintf(stderr, "took more than a second\n");
    abort();
  }
  return 0;
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
  (void)count, (void)arguments;
  if (!__sanitizer_install_malloc_and_free_hooks(allocated, freed)) abort();
  muninn_fuzz_start();
  return 0;
}
