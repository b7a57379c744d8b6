// Makes calls of the C library fail, as BTEVAL_FAULTS says: rules "call:action:what:skip:times", separated by
// semicolons.
//
//   call    open, pread, write (and pwrite), sync (fsync and fdatasync), mmap, thread, alloc, clock
//   action  a number: that errno; short: half of the bytes; end: as at the end of the file; throw: a C++
//   exception
//           that is no std::exception; slow: 0.1 s more; hang: for ever; truncate: the mapped file is cut to
//           4 KiB; a number of seconds: the jump
//   what    part of the file's path; alloc: the least number of bytes, outside the main thread
//   skip    how many such calls go well first; times: how many are hit then, 0: all
//
// alloc hits posix_memalign (LibTorch's tensors) and operator new. clock moves the wall clock back and forth
// by that many seconds from call to call; the monotonic one goes on.
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <new>

namespace {

struct Rule {
  char call[16] = {}, action[16] = {}, what[128] = {};
  long skip = 0, times = 0;
  std::atomic<long> seen{0};
};

constexpr int kMaxRules = 8;
Rule rules[kMaxRules];
int num_rules = 0;

void parse_rules() {
  const char* text = std::getenv("BTEVAL_FAULTS");
  while (text != nullptr && *text != '\0' && num_rules < kMaxRules) {
    Rule& rule = rules[num_rules++];
    char* fields[] = {rule.call, rule.action, rule.what};
    const std::size_t sizes[] = {sizeof rule.call, sizeof rule.action, sizeof rule.what};
    for (int i = 0; i < 3; ++i) {
      const std::size_t length = std::strcspn(text, ":;");
      std::strncat(fields[i], text, length < sizes[i] ? length : sizes[i] - 1);
      text += length + (text[length] == ':' ? 1 : 0);
    }
    char* end = nullptr;
    rule.skip = std::strtol(text, &end, 10);
    if (*end == ':') rule.times = std::strtol(end + 1, &end, 10);
    text = *end == ';' ? end + 1 : end;
  }
}

struct ParseAtLoad {
  ParseAtLoad() { parse_rules(); }
} parse_at_load;

/// The action of the rule that hits this call, or null.
template <typename Fits>
const char* hit(const char* call, const Fits& fits) {
  for (int i = 0; i < num_rules; ++i) {
    Rule& rule = rules[i];
    if (std::strcmp(rule.call, call) != 0 || !fits(rule.what)) continue;
    const long number = rule.seen.fetch_add(1);
    if (number >= rule.skip && (rule.times == 0 || number < rule.skip + rule.times)) return rule.action;
  }
  return nullptr;
}

const char* hit_path(const char* call, const char* path) {
  return hit(call, [&](const char* what) { return std::strstr(path, what) != nullptr; });
}

const char* hit_fd(const char* call, int fd, char (&path)[4096]) {
  char link[64];
  std::strcpy(link, "/proc/self/fd/");
  char digits[16];
  int length = 0;
  for (int rest = fd; length == 0 || rest > 0; rest /= 10)
    digits[length++] = static_cast<char>('0' + rest % 10);
  char* at = link + std::strlen(link);
  while (length > 0) *at++ = digits[--length];
  *at = '\0';
  const int error = errno;
  const ssize_t size = ::readlink(link, path, sizeof path - 1);
  errno = error;
  if (size < 0) return nullptr;
  path[size] = '\0';
  return hit_path(call, path);
}

template <typename Function>
Function next(const char* name) {
  void* address = ::dlsym(RTLD_NEXT, name);
  Function function;
  std::memcpy(&function, &address, sizeof function);
  return function;
}

int fail(const char* action) {
  errno = std::atoi(action);
  return -1;
}

bool hits_allocation(std::size_t size) {
  if (num_rules == 0 || ::syscall(SYS_gettid) == ::getpid()) return false;
  return hit("alloc", [&](const char* what) { return size >= std::strtoull(what, nullptr, 10); }) != nullptr;
}

long clock_jump() {
  static std::atomic<long> calls{0};
  const char* action = hit("clock", [](const char*) { return true; });
  if (action == nullptr) return 0;
  return calls.fetch_add(1) % 2 == 0 ? std::atol(action) : -std::atol(action);
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  if (const char* action = hit_path("open", path)) return fail(action);
  static const auto real = next<int (*)(const char*, int, ...)>("open");
  return real(path, flags, mode);
}

ssize_t pread(int fd, void* buffer, size_t size, off_t offset) {
  static const auto real = next<ssize_t (*)(int, void*, size_t, off_t)>("pread");
  char path[4096];
  if (const char* action = hit_fd("pread", fd, path)) {
    if (std::strcmp(action, "throw") == 0) throw 42;
    if (std::strcmp(action, "end") == 0) return 0;
    while (std::strcmp(action, "hang") == 0) ::pause();
    if (std::strcmp(action, "slow") == 0) {
      ::usleep(100'000);
    } else if (std::strcmp(action, "short") == 0) {
      size = size > 1 ? size / 2 : size;
    } else {
      return fail(action);
    }
  }
  return real(fd, buffer, size, offset);
}

ssize_t write(int fd, const void* buffer, size_t size) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t)>("write");
  char path[4096];
  if (const char* action = hit_fd("write", fd, path)) {
    if (std::strcmp(action, "short") != 0) return fail(action);
    size = size > 1 ? size / 2 : size;
  }
  return real(fd, buffer, size);
}

ssize_t pwrite(int fd, const void* buffer, size_t size, off_t offset) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
  char path[4096];
  if (const char* action = hit_fd("write", fd, path)) {
    if (std::strcmp(action, "short") != 0) return fail(action);
    size = size > 1 ? size / 2 : size;
  }
  return real(fd, buffer, size, offset);
}

int fsync(int fd) {
  static const auto real = next<int (*)(int)>("fsync");
  char path[4096];
  if (const char* action = hit_fd("sync", fd, path)) return fail(action);
  return real(fd);
}

int fdatasync(int fd) {
  static const auto real = next<int (*)(int)>("fdatasync");
  char path[4096];
  if (const char* action = hit_fd("sync", fd, path)) return fail(action);
  return real(fd);
}

void* mmap(void* address, size_t size, int protection, int flags, int fd, off_t offset) noexcept {
  static const auto real = next<void* (*)(void*, size_t, int, int, int, off_t)>("mmap");
  void* mapped = real(address, size, protection, flags, fd, offset);
  char path[4096];
  if (fd >= 0 && num_rules > 0 && hit_fd("mmap", fd, path) != nullptr) {
    if (::truncate(path, 4096) != 0) std::abort();
  }
  return mapped;
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*),
                   void* argument) noexcept {
  static const auto real =
      next<int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*)>("pthread_create");
  if (const char* action = hit("thread", [](const char*) { return true; })) return std::atoi(action);
  return real(thread, attributes, start, argument);
}

int posix_memalign(void** memory, size_t alignment, size_t size) noexcept {
  static const auto real = next<int (*)(void**, size_t, size_t)>("posix_memalign");
  return hits_allocation(size) ? ENOMEM : real(memory, alignment, size);
}

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  static const auto real = next<int (*)(clockid_t, timespec*)>("clock_gettime");
  const int result = real(clock, time);
  if (result == 0 && clock == CLOCK_REALTIME) time->tv_sec += clock_jump();
  return result;
}

time_t time(time_t* out) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}

}  // extern "C"

void* operator new(std::size_t size) {
  void* memory = hits_allocation(size) ? nullptr : std::malloc(size > 0 ? size : 1);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void* operator new[](std::size_t size) { return operator new(size); }

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
