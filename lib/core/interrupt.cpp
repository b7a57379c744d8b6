#include "core/interrupt.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <string_view>

#include "core/error.h"

namespace bteval {
namespace {

// Lock-free, hence safe in a signal handler.
std::atomic<bool> flag{false};
static_assert(std::atomic<bool>::is_always_lock_free);

constexpr std::string_view kNotice =
    "bteval: stopping after the work at hand; a second signal stops at once\n";

extern "C" void on_signal(int) {
  const int error = errno;  // of whatever was interrupted
  flag.store(true);
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, kNotice.data(), kNotice.size());
  errno = error;
}

}  // namespace

void install_interrupt_handlers() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() { return flag.load(); }

void throw_if_interrupted() {
  if (interrupted()) throw Error(ErrorCode::kInterrupted, "interrupted");
}

}  // namespace bteval
