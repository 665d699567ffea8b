// Faults on demand: preloaded before the command, it lets one call fail, fall short, or find the
// file changed. Built and driven by faults.py; Linux only.
//
//   MUNINN_FAULT_ROOT   the directory that is watched; calls that lie elsewhere pass uncounted
//   MUNINN_FAULT        CALL:N:ACTION, the N-th such call, or CALL:N+:ACTION, from that one on;
//                       several with commas between them
//   MUNINN_FAULT_LOG    takes a line "CALL PATH" for each watched call, and "! CALL PATH" for each
//                       that is struck
//   MUNINN_FAULT_PAUSE  microseconds to wait before each watched call
//
// An action is the number of an errno, which the call returns without being done (close is done);
// "short", half of the bytes; "zero", none of them, as at the end of a file; "kill", SIGKILL before
// the call. What is read is first changed by "cut" (to half of its length), "rewrite" (one byte in
// the middle), "grow" (by a page) or "replace" (another file takes its name); "swap" exchanges
// "pack" and "other" in the watched directory, whatever is called so.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

enum kind { NONE, ERRNO, SHORT, ZERO, KILL, CUT, REWRITE, GROW, REPLACE, SWAP };

struct strike {
  enum kind kind;
  int error;
};

struct fault {
  char call[32];
  long first;
  int goes_on;
  struct strike strike;
  atomic_long occurrences;
};

static struct {
  const char *root;
  struct fault faults[4];
  int count;
  int log;
  long pause;
} plan = {.log = -1};

// The function that this one stands before.
#define NEXT(function)                                                                       \
  ({                                                                                         \
    static __typeof__(&function) next;                                                       \
    if (!next) next = (__typeof__(&function))dlsym(RTLD_NEXT, #function);                    \
    next;                                                                                    \
  })

static void read_fault(const char *text, struct fault *fault) {
  static const struct {
    const char *name;
    enum kind kind;
  } kinds[] = {{"short", SHORT}, {"zero", ZERO},       {"kill", KILL},       {"cut", CUT},
               {"grow", GROW},   {"rewrite", REWRITE}, {"replace", REPLACE}, {"swap", SWAP}};
  char number[16], action[16];
  if (sscanf(text, "%31[^:]:%15[^:]:%15[^,]", fault->call, number, action) != 3) abort();
  fault->first = atol(number);
  fault->goes_on = strchr(number, '+') != NULL;
  fault->strike = (struct strike){ERRNO, atoi(action)};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (strcmp(action, kinds[i].name) == 0) fault->strike.kind = kinds[i].kind;
  }
  if (fault->strike.kind == ERRNO && fault->strike.error == 0) abort();
}

__attribute__((constructor)) static void read_plan(void) {
  plan.root = getenv("MUNINN_FAULT_ROOT");
  const char *pause = getenv("MUNINN_FAULT_PAUSE");
  if (pause) plan.pause = atol(pause);
  const char *log = getenv("MUNINN_FAULT_LOG");
  if (log) plan.log = NEXT(open)(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  const char *text = getenv("MUNINN_FAULT");
  while (text && plan.count < 4) {
    read_fault(text, &plan.faults[plan.count++]);
    text = strchr(text, ',');
    if (text) text++;
  }
}

static void note(const char *mark, const char *call, const char *path) {
  char line[PATH_MAX + 64];
  int count = snprintf(line, sizeof line, "%s%s %s\n", mark, call, path);
  if (plan.log != -1) syscall(SYS_write, plan.log, line, count);
}

// Writes a copy of a file of which one byte differs.
static void copy(const char *path, const char *other, size_t count) {
  unsigned char *bytes = malloc(count + 1);
  int source = NEXT(open)(path, O_RDONLY | O_CLOEXEC);
  int target = NEXT(open)(other, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (NEXT(pread)(source, bytes, count, 0) != (ssize_t)count) abort();
  bytes[count / 2] ^= 1;
  if (NEXT(pwrite)(target, bytes, count, 0) != (ssize_t)count) abort();
  NEXT(close)(source);
  NEXT(close)(target);
  free(bytes);
}

// Changes a file behind the back of its reader.
static void change(const char *path, enum kind kind) {
  struct stat status;
  if (kind == SWAP) {
    char pack[PATH_MAX], other[PATH_MAX];
    snprintf(pack, sizeof pack, "%s/pack", plan.root);
    snprintf(other, sizeof other, "%s/other", plan.root);
    if (NEXT(syscall)(SYS_renameat2, AT_FDCWD, pack, AT_FDCWD, other, 2 /* exchange */)) abort();
    return;
  }
  if (NEXT(stat)(path, &status) != 0 || !S_ISREG(status.st_mode)) return;
  if (kind == REPLACE) {
    char other[PATH_MAX + 8];
    snprintf(other, sizeof other, "%s.other", path);
    copy(path, other, status.st_size);
    NEXT(rename)(other, path);
    return;
  }
  int fd = NEXT(open)(path, O_RDWR | O_CLOEXEC);
  unsigned char bytes[4096] = {0};
  if (kind == CUT) NEXT(ftruncate)(fd, status.st_size / 2);
  if (kind == GROW) NEXT(pwrite)(fd, bytes, sizeof bytes, status.st_size);
  if (kind == REWRITE) {
    NEXT(pread)(fd, bytes, 1, status.st_size / 2);
    bytes[0] ^= 1;
    NEXT(pwrite)(fd, bytes, 1, status.st_size / 2);
  }
  NEXT(close)(fd);
}

// What is to become of a call on a path.
static struct strike struck(const char *call, const char *path) {
  struct strike none = {NONE, 0};
  if (!plan.root || strncmp(path, plan.root, strlen(plan.root)) != 0) return none;
  int error = errno;
  if (plan.pause) usleep(plan.pause);
  note("", call, path);
  errno = error;
  for (int i = 0; i < plan.count; i++) {
    struct fault *fault = &plan.faults[i];
    if (strcmp(call, fault->call) != 0) continue;
    long occurrence = atomic_fetch_add(&fault->occurrences, 1) + 1;
    if (occurrence != fault->first && !(fault->goes_on && occurrence > fault->first)) continue;
    note("! ", call, path);
    if (fault->strike.kind == KILL) syscall(SYS_kill, getpid(), SIGKILL);
    if (fault->strike.kind < CUT) return fault->strike;
    change(path, fault->strike.kind);
    errno = error;
  }
  return none;
}

// The same for a call on a descriptor.
static struct strike struck_fd(const char *call, int fd) {
  char link[64], path[PATH_MAX];
  int error = errno;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t count = NEXT(readlink)(link, path, sizeof path - 1);
  errno = error;
  path[count < 0 ? 0 : count] = 0;
  return struck(call, path);
}

// The same for a call on a name in an open directory.
static struct strike struck_at(const char *call, int fd, const char *name) {
  if (fd == AT_FDCWD || name[0] == '/') return struck(call, name);
  char link[64], path[PATH_MAX];
  int error = errno;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t count = NEXT(readlink)(link, path, sizeof path - 1);
  errno = error;
  if (count < 0) count = 0;
  snprintf(path + count, sizeof path - count, "/%s", name);
  return struck(call, path);
}

// Where the call is to fail, it fails.
#define FAIL(strike_of_call, failed)                                                         \
  do {                                                                                       \
    struct strike strike = strike_of_call;                                                   \
    if (strike.kind == ERRNO) {                                                              \
      errno = strike.error;                                                                  \
      return failed;                                                                         \
    }                                                                                        \
  } while (0)

// Calls that move bytes may also fall short.
#define MOVE(name)                                                                           \
  struct strike strike = struck_fd(#name, fd);                                               \
  if (strike.kind == ERRNO) {                                                                \
    errno = strike.error;                                                                    \
    return -1;                                                                               \
  }                                                                                          \
  if (strike.kind == ZERO) return 0;                                                         \
  if (strike.kind == SHORT && count > 1) count /= 2;

ssize_t read(int fd, void *bytes, size_t count) {
  MOVE(read)
  return NEXT(read)(fd, bytes, count);
}

ssize_t pread(int fd, void *bytes, size_t count, off_t offset) {
  MOVE(pread)
  return NEXT(pread)(fd, bytes, count, offset);
}

ssize_t pread64(int fd, void *bytes, size_t count, off64_t offset) {
  return pread(fd, bytes, count, offset);
}

ssize_t write(int fd, const void *bytes, size_t count) {
  MOVE(write)
  return NEXT(write)(fd, bytes, count);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
  MOVE(pwrite)
  return NEXT(pwrite)(fd, bytes, count, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
  return pwrite(fd, bytes, count, offset);
}

// Opening for reading, and opening to create, are counted apart.
static struct strike struck_open(const char *path, int flags) {
  return struck(flags & O_CREAT ? "create" : "open", path);
}

#define OPEN(name)                                                                           \
  int name(const char *path, int flags, ...) {                                               \
    va_list list;                                                                            \
    va_start(list, flags);                                                                   \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;                  \
    va_end(list);                                                                            \
    FAIL(struck_open(path, flags), -1);                                                      \
    return NEXT(name)(path, flags, mode);                                                    \
  }

OPEN(open)
OPEN(open64)

#define OPEN_AT(name)                                                                        \
  int name(int fd, const char *path, int flags, ...) {                                       \
    va_list list;                                                                            \
    va_start(list, flags);                                                                   \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;                  \
    va_end(list);                                                                            \
    FAIL(struck_at(flags & O_CREAT ? "create" : "open", fd, path), -1);                      \
    return NEXT(name)(fd, path, flags, mode);                                                \
  }

OPEN_AT(openat)
OPEN_AT(openat64)

// What follows links is a stat, what does not an lstat.
#define STAT_AT(name, type)                                                                  \
  int name(int fd, const char *path, struct type *status, int flags) {                       \
    FAIL(struck_at(flags & AT_SYMLINK_NOFOLLOW ? "lstat" : "stat", fd, path), -1);           \
    return NEXT(name)(fd, path, status, flags);                                              \
  }

STAT_AT(fstatat, stat)
STAT_AT(fstatat64, stat64)

int renameat(int from, const char *path, int to, const char *target) {
  FAIL(struck_at("rename", from, path), -1);
  return NEXT(renameat)(from, path, to, target);
}

#define ON_FD(name, parameters, ...)                                                         \
  int name parameters {                                                                      \
    FAIL(struck_fd(#name, fd), -1);                                                          \
    return NEXT(name)(__VA_ARGS__);                                                          \
  }

#define ON_PATH(name, result, failed, parameters, ...)                                       \
  result name parameters {                                                                   \
    FAIL(struck(#name, path), failed);                                                       \
    return NEXT(name)(__VA_ARGS__);                                                          \
  }

ON_FD(fallocate, (int fd, int mode, off_t offset, off_t count), fd, mode, offset, count)
ON_FD(fallocate64, (int fd, int mode, off64_t offset, off64_t count), fd, mode, offset, count)
ON_FD(ftruncate, (int fd, off_t count), fd, count)
ON_FD(ftruncate64, (int fd, off64_t count), fd, count)
ON_FD(fsync, (int fd), fd)
ON_FD(fdatasync, (int fd), fd)
ON_FD(flock, (int fd, int operation), fd, operation)
ON_FD(fstat, (int fd, struct stat *status), fd, status)
ON_FD(fstat64, (int fd, struct stat64 *status), fd, status)
ON_PATH(stat, int, -1, (const char *path, struct stat *status), path, status)
ON_PATH(stat64, int, -1, (const char *path, struct stat64 *status), path, status)
ON_PATH(lstat, int, -1, (const char *path, struct stat *status), path, status)
ON_PATH(lstat64, int, -1, (const char *path, struct stat64 *status), path, status)
ON_PATH(statvfs, int, -1, (const char *path, struct statvfs *status), path, status)
ON_PATH(statvfs64, int, -1, (const char *path, struct statvfs64 *status), path, status)
ON_PATH(readlink, ssize_t, -1, (const char *path, char *text, size_t count), path, text, count)
ON_PATH(mkdir, int, -1, (const char *path, mode_t mode), path, mode)
ON_PATH(rmdir, int, -1, (const char *path), path)
ON_PATH(unlink, int, -1, (const char *path), path)
ON_PATH(rename, int, -1, (const char *path, const char *target), path, target)
ON_PATH(opendir, DIR *, NULL, (const char *path), path)

DIR *fdopendir(int fd) {
  FAIL(struck_fd("fdopendir", fd), NULL);
  return NEXT(fdopendir)(fd);
}

struct dirent *readdir(DIR *directory) {
  FAIL(struck_fd("readdir", dirfd(directory)), NULL);
  return NEXT(readdir)(directory);
}

struct dirent64 *readdir64(DIR *directory) {
  FAIL(struck_fd("readdir", dirfd(directory)), NULL);
  return NEXT(readdir64)(directory);
}

int unlinkat(int fd, const char *name, int flags) {
  FAIL(struck_at("unlinkat", fd, name), -1);
  return NEXT(unlinkat)(fd, name, flags);
}

// The descriptor is gone, whatever it says.
int close(int fd) {
  struct strike strike = struck_fd("close", fd);
  int result = NEXT(close)(fd);
  if (strike.kind != ERRNO) return result;
  errno = strike.error;
  return -1;
}

void *mmap(void *address, size_t count, int protection, int flags, int fd, off_t offset) {
  if (fd != -1) FAIL(struck_fd("mmap", fd), MAP_FAILED);
  return NEXT(mmap)(address, count, protection, flags, fd, offset);
}

void *mmap64(void *address, size_t count, int protection, int flags, int fd, off64_t offset) {
  return mmap(address, count, protection, flags, fd, offset);
}

// It has no path; without a thread, fewer do the work.
int pthread_create(
    pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *argument) {
  struct strike strike = struck("pthread_create", plan.root ? plan.root : "");
  if (strike.kind == ERRNO) return strike.error;
  return NEXT(pthread_create)(thread, attributes, body, argument);
}

// renameat2 is called by its number.
long syscall(long number, ...) {
  va_list list;
  va_start(list, number);
  long a = va_arg(list, long), b = va_arg(list, long), c = va_arg(list, long);
  long d = va_arg(list, long), e = va_arg(list, long), f = va_arg(list, long);
  va_end(list);
  if (number == SYS_renameat2) FAIL(struck_at("renameat2", (int)a, (const char *)b), -1);
  return NEXT(syscall)(number, a, b, c, d, e, f);
}
