#include "distributed/local_ranks.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>

#include "core/error.h"

extern char** environ;

namespace bteval::distributed {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kGraceAfterFailure = std::chrono::seconds(5);
constexpr auto kGraceAfterSuccess = std::chrono::seconds(60);
constexpr const char* kParent = "BTEVAL_PARENT_PID";

[[noreturn]] void fail(const char* what, int error) {
  throw Error(ErrorCode::kDevice, fmt::format("{}: {}", what, std::strerror(error)));
}

/// A port that nobody listens at now.
std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("cannot make a socket", errno);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  const bool bound = ::bind(fd, any, size) == 0 && ::getsockname(fd, any, &size) == 0;
  const int error = errno;
  ::close(fd);
  if (!bound) fail("cannot find a free port", error);
  return ntohs(address.sin_port);
}

/// This process's variables with others in place of those of the same names.
std::vector<std::string> environment_with(const std::vector<std::pair<std::string, std::string>>& changes) {
  std::vector<std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const bool changed = std::ranges::any_of(
        changes, [&](const auto& change) { return text.starts_with(change.first + "="); });
    if (!changed) variables.emplace_back(text);
  }
  for (const auto& [name, value] : changes) variables.push_back(name + "=" + value);
  return variables;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> all;
  for (std::string& string : strings) all.push_back(string.data());
  all.push_back(nullptr);
  return all;
}

/// Signals that this process waits for. Handlers, not a mask and a signalfd: other threads of the process
/// (those of an allocator, say) do not have the mask, and what the kernel hands to one of them would be lost.
class WaitedSignals {
 public:
  WaitedSignals() {
    sigemptyset(&set_);
    if (::pipe2(pipe_.data(), O_CLOEXEC | O_NONBLOCK) != 0) fail("cannot wait for signals", errno);
    write_fd = pipe_[1];
    struct sigaction action {};
    action.sa_handler = note;
    action.sa_flags = SA_RESTART;
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
      sigaddset(&set_, kSignals[i]);
      ::sigaction(kSignals[i], &action, &before_[i]);
    }
  }
  ~WaitedSignals() {
    for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &before_[i], nullptr);
    for (const int fd : pipe_) ::close(fd);
  }
  WaitedSignals(const WaitedSignals&) = delete;
  WaitedSignals& operator=(const WaitedSignals&) = delete;

  int fd() const { return pipe_[0]; }
  const sigset_t& set() const { return set_; }
  std::optional<int> next() const {
    unsigned char signal = 0;
    if (::read(pipe_[0], &signal, 1) != 1) return std::nullopt;
    return signal;
  }

 private:
  static constexpr std::array<int, 3> kSignals = {SIGCHLD, SIGINT, SIGTERM};
  static inline volatile sig_atomic_t write_fd = -1;

  static void note(int signal) {
    const int error = errno;
    const auto byte = static_cast<unsigned char>(signal);
    // A full pipe wakes the reader as well, and every byte of it is looked at.
    [[maybe_unused]] const ssize_t written = ::write(write_fd, &byte, 1);
    errno = error;
  }

  std::array<int, 2> pipe_ = {-1, -1};
  sigset_t set_{};
  std::array<struct sigaction, kSignals.size()> before_{};
};

class Ranks {
 public:
  ~Ranks() {
    for (Process& process : processes_) {
      if (process.pid > 0 && !process.status) {
        ::kill(process.pid, SIGKILL);
        int ignored = 0;
        ::waitpid(process.pid, &ignored, 0);
      }
      if (process.error_fd >= 0) ::close(process.error_fd);
    }
  }
  Ranks() = default;
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;

  void start(std::vector<std::string> command, std::size_t size, std::uint16_t port,
             const WaitedSignals& signals);
  int wait(const WaitedSignals& signals);

 private:
  struct Process {
    pid_t pid = -1;
    int error_fd = -1;      // what it writes to standard error; rank 0 writes to ours
    std::string line = {};  // its beginning
    std::optional<int> status = {};
  };
  void send(int signal) const;
  void reap();
  void forward(std::size_t rank);
  void wait_for_something(const WaitedSignals& signals);
  void hurry_after_rank_0();
  bool all_ended() const {
    return std::ranges::all_of(processes_, [](const Process& p) { return p.status.has_value(); });
  }

  std::vector<Process> processes_;
  std::optional<Clock::time_point> deadline_;  // for the others, once rank 0 has ended
  bool told_to_end_ = false;
};

void Ranks::start(std::vector<std::string> command, std::size_t size, std::uint16_t port,
                  const WaitedSignals& signals) {
  const std::size_t rank = processes_.size();
  std::vector<std::string> variables = environment_with({{"RANK", std::to_string(rank)},
                                                         {"WORLD_SIZE", std::to_string(size)},
                                                         {"LOCAL_RANK", std::to_string(rank)},
                                                         {"LOCAL_WORLD_SIZE", std::to_string(size)},
                                                         {"MASTER_ADDR", "127.0.0.1"},
                                                         {"MASTER_PORT", std::to_string(port)},
                                                         {kParent, std::to_string(::getpid())}});
  std::array<int, 2> pipe = {-1, -1};
  if (rank != 0 && ::pipe2(pipe.data(), O_CLOEXEC) != 0) fail("cannot make a pipe", errno);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  if (rank != 0) {
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&files, pipe[1], STDERR_FILENO);
  }
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigdefault(&attributes, &signals.set());
  // A group of its own: what is typed at the terminal reaches it once, through this process.
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  Process process;
  const int error = ::posix_spawnp(&process.pid, command.front().c_str(), &files, &attributes,
                                   pointers(command).data(), pointers(variables).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (pipe[1] >= 0) ::close(pipe[1]);
  process.error_fd = pipe[0];
  if (process.error_fd >= 0) ::fcntl(process.error_fd, F_SETFL, O_NONBLOCK);
  if (error != 0) {
    if (pipe[0] >= 0) ::close(pipe[0]);
    fail("cannot start a process for each device", error);
  }
  processes_.push_back(process);
}

void Ranks::send(int signal) const {
  for (const Process& process : processes_) {
    if (!process.status) ::kill(process.pid, signal);
  }
}

void Ranks::reap() {
  for (std::size_t rank = 0; rank < processes_.size(); ++rank) {
    Process& process = processes_[rank];
    int status = 0;
    if (process.status || ::waitpid(process.pid, &status, WNOHANG) != process.pid) continue;
    process.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    if (rank != 0) continue;
    deadline_ = Clock::now() + (*process.status == 0 ? kGraceAfterSuccess : kGraceAfterFailure);
    if (*process.status == 0) continue;
    told_to_end_ = true;
    send(SIGTERM);
  }
}

/// Whole lines only, so that those of several ranks do not mix.
void Ranks::forward(std::size_t rank) {
  Process& process = processes_[rank];
  std::array<char, 4096> buffer{};
  const ssize_t size = ::read(process.error_fd, buffer.data(), buffer.size());
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size > 0) process.line.append(buffer.data(), static_cast<std::size_t>(size));
  if (size <= 0) {
    ::close(std::exchange(process.error_fd, -1));
    if (!process.line.empty()) process.line += '\n';
  }
  for (std::size_t end = 0; (end = process.line.find('\n')) != std::string::npos;) {
    fmt::print(stderr, "rank {}: {}\n", rank, process.line.substr(0, end));
    process.line.erase(0, end + 1);
  }
}

void Ranks::wait_for_something(const WaitedSignals& signals) {
  std::vector<pollfd> waited = {{signals.fd(), POLLIN, 0}};
  std::vector<std::size_t> rank_of = {0};
  for (std::size_t rank = 0; rank < processes_.size(); ++rank) {
    if (processes_[rank].error_fd < 0) continue;
    waited.push_back({processes_[rank].error_fd, POLLIN, 0});
    rank_of.push_back(rank);
  }
  ::poll(waited.data(), waited.size(), deadline_ ? 100 : -1);
  for (std::size_t i = 1; i < waited.size(); ++i) {
    if (waited[i].revents != 0) forward(rank_of[i]);
  }
}

void Ranks::hurry_after_rank_0() {
  if (!deadline_ || Clock::now() < *deadline_) return;
  send(told_to_end_ ? SIGKILL : SIGTERM);
  told_to_end_ = true;
  deadline_ = Clock::now() + kGraceAfterFailure;
}

int Ranks::wait(const WaitedSignals& signals) {
  while (!all_ended()) {
    wait_for_something(signals);
    while (const auto signal = signals.next()) {
      if (*signal != SIGCHLD) send(*signal);
    }
    reap();
    hurry_after_rank_0();
  }
  for (std::size_t rank = 0; rank < processes_.size(); ++rank) {
    // What is in the pipes still; a grandchild that holds one open is not waited for.
    for (pollfd left{processes_[rank].error_fd, POLLIN, 0};
         processes_[rank].error_fd >= 0 && ::poll(&left, 1, 0) > 0;) {
      forward(rank);
    }
  }
  return *processes_.front().status;
}

}  // namespace

int run_local_ranks(const std::vector<std::vector<std::string>>& commands) {
  if (commands.empty()) throw Error(ErrorCode::kInternal, "a world without ranks");
  const WaitedSignals signals;
  const std::uint16_t port = free_port();
  Ranks ranks;
  for (const std::vector<std::string>& command : commands)
    ranks.start(command, commands.size(), port, signals);
  return ranks.wait(signals);
}

void end_with_parent() {
  const char* const parent = std::getenv(kParent);
  if (parent == nullptr) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // It may have ended before that call.
  if (std::to_string(::getppid()) != parent) ::raise(SIGKILL);
}

}  // namespace bteval::distributed
