#if defined(__linux__)
#define _GNU_SOURCE
#endif

#include "CMuninnPlatform.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// A model has four segments, or a few shards; of further maps a fault ends without a name.
enum { MAP_LIMIT = 64 };

static struct {
  // 0 where the place is free, 1 while it is being filled.
  atomic_uintptr_t start;
  uintptr_t byte_count;
  char *name;
} maps[MAP_LIMIT];

void muninn_note_map(const void *address, int64_t byte_count, const char *name) {
  for (int i = 0; i < MAP_LIMIT; i++) {
    uintptr_t nothing = 0;
    if (!atomic_compare_exchange_strong(&maps[i].start, &nothing, 1)) continue;
    maps[i].byte_count = (uintptr_t)byte_count;
    maps[i].name = strdup(name);
    atomic_store(&maps[i].start, (uintptr_t)address);
    return;
  }
}

void muninn_forget_map(const void *address) {
  for (int i = 0; i < MAP_LIMIT; i++) {
    uintptr_t start = (uintptr_t)address;
    if (!atomic_compare_exchange_strong(&maps[i].start, &start, 1)) continue;
    free(maps[i].name);
    maps[i].name = NULL;
    atomic_store(&maps[i].start, 0);
    return;
  }
}

static void say(const char *text) {
  size_t left = strlen(text);
  while (left > 0) {
    ssize_t count = write(STDERR_FILENO, text, left);
    if (count <= 0) return;
    text += count;
    left -= (size_t)count;
  }
}

static void explain(int signal_number, siginfo_t *info, void *context) {
  (void)context;
  uintptr_t address = (uintptr_t)info->si_addr;
  for (int i = 0; i < MAP_LIMIT; i++) {
    uintptr_t start = atomic_load(&maps[i].start);
    if (start <= 1 || address < start || address - start >= maps[i].byte_count) continue;
    say("muninn: cannot read ");
    say(maps[i].name ? maps[i].name : "a mapped file");
    say(": it was cut while in use, or its disk failed\n");
    _exit(1);
  }
  // Anything else is a fault of the program: once more, and with the default action.
  signal(signal_number, SIG_DFL);
}

void muninn_explain_bus_errors(void) {
  struct sigaction action = {0};
  action.sa_sigaction = explain;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGBUS, &action, NULL);
}
