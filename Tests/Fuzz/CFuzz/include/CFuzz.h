/// libFuzzer around a reader, with limits on its memory and time.
#ifndef MUNINN_FUZZ_H
#define MUNINN_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/// Runs libFuzzer. An input that makes the reader hold more than 16 times its size and 16 MiB, or that
/// takes more than a second, ends the process as a crash does.
int muninn_fuzz(int count, char **arguments, void (*reader)(const uint8_t *bytes, size_t count));

#endif
