#if defined(__linux__)
#define _GNU_SOURCE
#endif

#include "CMuninnPlatform.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

#if defined(__linux__)
#include <linux/fs.h>
#include <sys/syscall.h>

// The system call rather than the wrapper: glibc before 2.28 and musl before 1.2.5 lack it.
static int rename_with(int directory, const char *from, const char *to, unsigned int flags) {
  int result;
  do {
    result = syscall(SYS_renameat2, directory, from, directory, to, flags) == 0 ? 0 : errno;
  } while (result == EINTR);
  return result;
}

int muninn_rename_exclusive(int directory, const char *from, const char *to) {
  return rename_with(directory, from, to, RENAME_NOREPLACE);
}

int muninn_rename_exchange(const char *a, const char *b) {
  return rename_with(AT_FDCWD, a, b, RENAME_EXCHANGE);
}

int muninn_preallocate(int fd, int64_t byte_count) {
  if (byte_count == 0) return 0;
  int result;
  do {
    result = fallocate(fd, 0, 0, byte_count) == 0 ? 0 : errno;
  } while (result == EINTR);
  return result == EOPNOTSUPP ? ENOTSUP : result;
}
#elif defined(__APPLE__)
int muninn_rename_exclusive(int directory, const char *from, const char *to) {
  return renameatx_np(directory, from, directory, to, RENAME_EXCL) == 0 ? 0 : errno;
}

int muninn_rename_exchange(const char *a, const char *b) {
  return renamex_np(a, b, RENAME_SWAP) == 0 ? 0 : errno;
}

int muninn_preallocate(int fd, int64_t byte_count) {
  fstore_t store = {F_ALLOCATEALL, F_PEOFPOSMODE, 0, byte_count, 0};
  if (fcntl(fd, F_PREALLOCATE, &store) != 0) return errno;
  return ftruncate(fd, byte_count) == 0 ? 0 : errno;
}
#endif

int muninn_open_folder(int at, const char *path) {
#if defined(__linux__)
  return openat(at, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
#else
  return openat(at, path, O_SEARCH | O_CLOEXEC);
#endif
}

void muninn_release_cache(int fd, int64_t byte_offset, int64_t byte_count) {
#if defined(__linux__)
  posix_fadvise(fd, byte_offset, byte_count, POSIX_FADV_DONTNEED);
#else
  (void)fd, (void)byte_offset, (void)byte_count;
#endif
}

void muninn_read_ahead(int fd, int64_t byte_offset, int64_t byte_count) {
#if defined(__linux__)
  posix_fadvise(fd, byte_offset, byte_count, POSIX_FADV_WILLNEED);
#else
  struct radvisory range = {byte_offset, (int)byte_count};
  fcntl(fd, F_RDADVISE, &range);
#endif
}

int muninn_try_lock(int fd) {
  int result;
  do {
    result = flock(fd, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
  } while (result == EINTR);
  return result;
}

int64_t muninn_locked_memory_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0) return 0;
  return limit.rlim_cur >= INT64_MAX ? INT64_MAX : (int64_t)limit.rlim_cur;
}

void muninn_raise_open_file_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  rlim_t most = limit.rlim_max;
#ifdef __APPLE__
  // Darwin refuses more than OPEN_MAX, whatever it names as the limit.
  if (most > OPEN_MAX) most = OPEN_MAX;
#endif
  if (limit.rlim_cur >= most) return;
  limit.rlim_cur = most;
  setrlimit(RLIMIT_NOFILE, &limit);
}
