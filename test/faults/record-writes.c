/*
 * Preloaded into a process, records all that it does to the files below MILLRACE_RECORD_DIR, in the order it happens, into
 * MILLRACE_RECORD_FILE. crash-trace.ts reads it. A flush is recorded when it is over, with what had been written when it began,
 * since only that is on disk by then; MILLRACE_RECORD_FLUSH_MICROS makes flushes slower, as disks are.
 *
 * A record, in the machine's byte order: u32 kind, u32 bytes of the path, u32 bytes of data, u32 0, u64 inode, u64 offset (for a
 * sync: how many records there were when it began), then the path, then the data.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { OPEN = 1, WRITE, SYNC, TRUNCATE, RENAME, UNLINK, SYNC_DIRECTORY };
enum { FILES = 4096 };

struct header {
  uint32_t kind, path_bytes, data_bytes, zero;
  uint64_t inode, offset;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int out = -1;
static uint64_t records;
static char directory[4096];
static size_t directory_bytes;
static long flush_micros;
/* What is known of an open descriptor. */
static struct { char recorded, is_directory, flushes_itself; uint64_t inode; } files[FILES];

#define REAL(name) ((__typeof__(&name))real(#name))
static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void begin(void) {
  const char *where = getenv("MILLRACE_RECORD_DIR"), *file = getenv("MILLRACE_RECORD_FILE");
  const char *micros = getenv("MILLRACE_RECORD_FLUSH_MICROS");
  if (!where || !file) return;
  strncpy(directory, where, sizeof directory - 1);
  directory_bytes = strlen(directory);
  if (micros) flush_micros = atol(micros);
  out = ((int (*)(const char *, int, ...))real("open"))(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
}

static int is_ours(const char *path) {
  return out >= 0 && path && strncmp(path, directory, directory_bytes) == 0 &&
         (path[directory_bytes] == '/' || path[directory_bytes] == 0);
}

static int known(int fd) { return out >= 0 && fd >= 0 && fd < FILES && files[fd].recorded; }

static void put(const void *bytes, size_t length) {
  const char *at = bytes;
  while (length > 0) {
    ssize_t done = REAL(write)(out, at, length);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) abort();
    at += done;
    length -= (size_t)done;
  }
}

/* The caller holds the lock. */
static void record(enum kind kind, uint64_t inode, uint64_t offset, const char *path, const struct iovec *data, int count) {
  struct header header = {kind, path ? (uint32_t)strlen(path) : 0, 0, 0, inode, offset};
  for (int i = 0; i < count; i++) header.data_bytes += (uint32_t)data[i].iov_len;
  put(&header, sizeof header);
  if (path) put(path, header.path_bytes);
  for (int i = 0; i < count; i++) put(data[i].iov_base, data[i].iov_len);
  records++;
}

static void opened(int fd, const char *path, int flags) {
  struct stat stat;
  if (fd < 0 || fd >= FILES || !is_ours(path) || fstat(fd, &stat) != 0) return;
  pthread_mutex_lock(&lock);
  files[fd].recorded = 1;
  files[fd].is_directory = S_ISDIR(stat.st_mode) ? 1 : 0;
  files[fd].flushes_itself = (flags & O_DSYNC) ? 1 : 0;
  files[fd].inode = stat.st_ino;
  if (!files[fd].is_directory) record(OPEN, stat.st_ino, (flags & O_TRUNC) ? 1 : 0, path, NULL, 0);
  pthread_mutex_unlock(&lock);
}

#define OPEN_LIKE(name)                                              \
  int name(const char *path, int flags, ...) {                       \
    va_list rest;                                                    \
    va_start(rest, flags);                                           \
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0; \
    va_end(rest);                                                    \
    int fd = ((int (*)(const char *, int, ...))real(#name))(path, flags, mode); \
    int saved = errno;                                               \
    opened(fd, path, flags);                                         \
    errno = saved;                                                   \
    return fd;                                                       \
  }
OPEN_LIKE(open)
OPEN_LIKE(open64)

int close(int fd) {
  if (known(fd)) files[fd].recorded = 0;
  return REAL(close)(fd);
}

/* Records the write before it is done, so that what is recorded of it later stands behind it. */
static uint64_t writing(int fd, const struct iovec *data, int count, int64_t offset) {
  pthread_mutex_lock(&lock);
  uint64_t at = offset >= 0 ? (uint64_t)offset : (uint64_t)lseek(fd, 0, SEEK_CUR);
  record(WRITE, files[fd].inode, at, NULL, data, count);
  uint64_t after = records;
  pthread_mutex_unlock(&lock);
  return after;
}

static void written(int fd, uint64_t after) {
  if (!files[fd].flushes_itself) return;
  pthread_mutex_lock(&lock);
  record(SYNC, files[fd].inode, after, NULL, NULL, 0);
  pthread_mutex_unlock(&lock);
}

#define RECORDED(call, data, count, offset)                 \
  if (!known(fd)) return call;                              \
  uint64_t after = writing(fd, data, count, offset);        \
  ssize_t done = call;                                      \
  int saved = errno;                                        \
  written(fd, after);                                       \
  errno = saved;                                            \
  return done;

ssize_t write(int fd, const void *bytes, size_t length) {
  struct iovec data = {(void *)bytes, length};
  RECORDED(REAL(write)(fd, bytes, length), &data, 1, -1)
}
ssize_t writev(int fd, const struct iovec *data, int count) {
  RECORDED(REAL(writev)(fd, data, count), data, count, -1)
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
  struct iovec data = {(void *)bytes, length};
  RECORDED(REAL(pwrite)(fd, bytes, length, offset), &data, 1, offset)
}
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
  struct iovec data = {(void *)bytes, length};
  RECORDED(REAL(pwrite64)(fd, bytes, length, offset), &data, 1, offset)
}
ssize_t pwritev(int fd, const struct iovec *data, int count, off_t offset) {
  RECORDED(REAL(pwritev)(fd, data, count, offset), data, count, offset)
}
ssize_t pwritev64(int fd, const struct iovec *data, int count, off64_t offset) {
  RECORDED(REAL(pwritev64)(fd, data, count, offset), data, count, offset)
}

static int flush(int fd, int (*call)(int)) {
  if (!known(fd)) return call(fd);
  pthread_mutex_lock(&lock);
  uint64_t before = records;
  pthread_mutex_unlock(&lock);
  if (flush_micros > 0) usleep((useconds_t)flush_micros);
  int result = call(fd), saved = errno;
  if (result == 0) {
    pthread_mutex_lock(&lock);
    record(files[fd].is_directory ? SYNC_DIRECTORY : SYNC, files[fd].inode, before, NULL, NULL, 0);
    pthread_mutex_unlock(&lock);
  }
  errno = saved;
  return result;
}
int fdatasync(int fd) { return flush(fd, REAL(fdatasync)); }
int fsync(int fd) { return flush(fd, REAL(fsync)); }

#define TRUNCATE_LIKE(name, type)                                        \
  int name(int fd, type size) {                                          \
    int result = ((int (*)(int, type))real(#name))(fd, size);            \
    if (result == 0 && known(fd)) {                                      \
      pthread_mutex_lock(&lock);                                         \
      record(TRUNCATE, files[fd].inode, (uint64_t)size, NULL, NULL, 0);  \
      pthread_mutex_unlock(&lock);                                       \
    }                                                                    \
    return result;                                                       \
  }
TRUNCATE_LIKE(ftruncate, off_t)
TRUNCATE_LIKE(ftruncate64, off64_t)

int rename(const char *from, const char *to) {
  int result = REAL(rename)(from, to);
  if (result == 0 && is_ours(from)) {
    struct iovec data = {(void *)to, strlen(to)};
    pthread_mutex_lock(&lock);
    record(RENAME, 0, 0, from, &data, 1);
    pthread_mutex_unlock(&lock);
  }
  return result;
}

int unlink(const char *path) {
  int result = REAL(unlink)(path);
  if (result == 0 && is_ours(path)) {
    pthread_mutex_lock(&lock);
    record(UNLINK, 0, 0, path, NULL, 0);
    pthread_mutex_unlock(&lock);
  }
  return result;
}
