/// What libFuzzer calls, with limits on a reader's memory and time.
///
/// An input that makes the reader hold more than 16 times its size and 16 MiB, or that takes more than
/// a second, ends the process as a crash does.
#ifndef MUNINN_FUZZ_H
#define MUNINN_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/// The reader, written in Swift.
void muninn_fuzz_start(void);
void muninn_fuzz_read(const uint8_t *bytes, size_t count);

#endif
