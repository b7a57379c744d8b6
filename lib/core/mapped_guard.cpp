#include "core/mapped_guard.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <string>

namespace bteval {
namespace {

// The handler may only read what is there already, so everything is prepared, without locks.
struct Slot {
  enum State : int { kFree, kInWork, kReady };
  std::atomic<int> state{kFree};
  std::uintptr_t begin = 0, end = 0;
  std::array<char, 768> line{};
  std::size_t length = 0;
  int status = 0;
};

std::array<Slot, 256> slots;
static_assert(std::atomic<int>::is_always_lock_free);

extern "C" void on_bus_error(int signal, siginfo_t* info, void*) {
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  for (const Slot& slot : slots) {
    if (slot.state.load(std::memory_order_acquire) != Slot::kReady) continue;
    if (address < slot.begin || address >= slot.end) continue;
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, slot.line.data(), slot.length);
    ::_exit(slot.status);
  }
  ::signal(signal, SIG_DFL);  // the read is repeated, and ends the process
}

}  // namespace

void install_mapped_guard() {
  struct sigaction action {};
  action.sa_sigaction = on_bus_error;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGBUS, &action, nullptr);
}

MappedGuard::MappedGuard(std::span<const std::byte> mapped, const std::filesystem::path& path,
                         ErrorCode code) {
  const std::string line = fmt::format(
      "bteval: {}: a part of the file cannot be read any more: it was shortened, or its file system has "
      "failed\n",
      printable(path.string(), 600));
  for (Slot& slot : slots) {
    int expected = Slot::kFree;
    if (!slot.state.compare_exchange_strong(expected, Slot::kInWork)) continue;
    slot.begin = reinterpret_cast<std::uintptr_t>(mapped.data());
    slot.end = slot.begin + mapped.size();
    slot.length = line.copy(slot.line.data(), slot.line.size());
    slot.status = exit_status(code);
    slot.state.store(Slot::kReady, std::memory_order_release);
    slot_ = &slot;
    return;
  }
}

MappedGuard::~MappedGuard() {
  if (slot_ != nullptr) static_cast<Slot*>(slot_)->state.store(Slot::kFree, std::memory_order_release);
}

}  // namespace bteval
