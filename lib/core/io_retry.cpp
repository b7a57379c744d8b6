#include "core/io_retry.h"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstring>
#include <thread>

#include "core/interrupt.h"

namespace bteval {
namespace {

using std::chrono::steady_clock;

std::atomic<int> retries{kDefaultIoRetries};
std::atomic<std::uint64_t> helped{0};

std::chrono::milliseconds pause_after(int failures) {
  constexpr double kFirst = 100, kFactor = 4, kLongest = 10'000;  // milliseconds
  const double pause = std::min(kFirst * std::pow(kFactor, std::min(failures, 10)), kLongest);
  return std::chrono::milliseconds(static_cast<std::int64_t>(pause));
}

bool lies_in_the_file(int error) {
  return error == ENOENT || error == ENOTDIR || error == EISDIR || error == ELOOP || error == ENAMETOOLONG ||
         error == EINVAL || error == ENXIO;
}

}  // namespace

bool is_transient_io_error(int error) {
  switch (error) {
    case EIO:
    case EREMOTEIO:
    case ESTALE:
    case ETIMEDOUT:
    case EAGAIN:
    case EBUSY:
    case ENOBUFS:
    case ENETDOWN:
    case ENETUNREACH:
    case ENETRESET:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ECONNABORTED:
    case ECONNREFUSED:
    case ECONNRESET:
    case ENOTCONN:
    case ESHUTDOWN:
      return true;
    default:
      return false;
  }
}

void set_io_retries(int count) { retries = std::max(count, 0); }
std::uint64_t io_retries_that_helped() { return helped; }

bool wait_for_io(int error, int failures) {
  if (failures >= retries || !is_transient_io_error(error)) return false;
  constexpr std::chrono::milliseconds kSlice(20);  // how late an interrupt is noticed at most
  const auto end = steady_clock::now() + pause_after(failures);
  while (steady_clock::now() < end) {
    throw_if_interrupted();
    std::this_thread::sleep_for(kSlice);
  }
  throw_if_interrupted();
  return true;
}

void note_io_success(int failures) {
  if (failures > 0) ++helped;
}

void throw_io_error(ErrorCode code, const char* what, int error, const std::filesystem::path& path) {
  const ErrorContext context{path.string(), "", std::nullopt};
  const std::string message = fmt::format("{}: {}", what, std::strerror(error));
  if (lies_in_the_file(error)) throw Error(code, message, context);
  const int tries = is_transient_io_error(error) ? retries + 1 : 1;
  throw IoError(code, tries == 1 ? message : fmt::format("{} (tried {} times)", message, tries), context);
}

bool path_exists(const std::filesystem::path& path, ErrorCode code) {
  struct stat info {};
  if (retry_io([&] { return ::stat(path.c_str(), &info); }) == 0) return true;
  if (is_transient_io_error(errno)) throw_io_error(code, "cannot look at the file", errno, path);
  return false;
}

}  // namespace bteval
