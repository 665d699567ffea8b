#ifndef CMUNINN_PLATFORM_H
#define CMUNINN_PLATFORM_H

#include <stdint.h>

/// renameat2 and renameatx_np are behind feature macros that Swift's Glibc overlay does not set.
/// Renames `from` to `to`, both looked for in an open directory where they are relative, and fails
/// with EEXIST where `to` exists. 0, or an errno.
int muninn_rename_exclusive(int directory, const char *from, const char *to);

/// Exchanges two paths in one step. 0, or an errno.
int muninn_rename_exchange(const char *a, const char *b);

/// fallocate is behind _GNU_SOURCE; posix_fallocate would write the file where the file system
/// cannot reserve space. Reserves `byte_count` bytes from the start and sets the file's length.
/// 0, or an errno: ENOSPC where they do not fit, ENOTSUP where the file system cannot reserve.
int muninn_preallocate(int fd, int64_t byte_count);

/// O_PATH is behind _GNU_SOURCE, and Darwin calls it otherwise.
/// Opens a directory to look names up in, relative to the directory `at`, links followed; it need
/// not be one that may be listed. -1 with errno where it cannot.
int muninn_open_folder(int at, const char *path);

/// posix_fadvise is not in Darwin.
/// Lets the system forget cached pages that lie in a range; does nothing where it cannot.
void muninn_release_cache(int fd, int64_t byte_offset, int64_t byte_count);

/// posix_fadvise is not in Darwin, nor F_RDADVISE in Linux.
/// Lets the system begin to read a range that will be read soon; does nothing where it cannot.
void muninn_read_ahead(int fd, int64_t byte_offset, int64_t byte_count);

/// `flock` names a struct and a function in C, of which Swift sees one.
/// Takes an exclusive advisory lock without waiting. 0, or an errno: EWOULDBLOCK where it is held.
int muninn_try_lock(int fd);

/// RLIMIT_MEMLOCK is an enumerator behind a macro, which Swift does not see.
/// The bytes that this process may lock in memory; INT64_MAX where there is no limit.
int64_t muninn_locked_memory_limit(void);

/// RLIMIT_NOFILE is one as well.
/// Raises the number of files that this process may have open to what the system allows it.
void muninn_raise_open_file_limit(void);

/// What follows is C because no Swift may run in the handler of a fault.
/// Notes what is mapped where; `name` is copied.
void muninn_note_map(const void *address, int64_t byte_count, const char *name);

/// Forgets a map, before it ends.
void muninn_forget_map(const void *address);

/// Lets a fault in a noted map end the process with a line that names it, and exit code 1: the file
/// was cut by another process, or the disk does not give its bytes.
void muninn_explain_bus_errors(void);

#endif
