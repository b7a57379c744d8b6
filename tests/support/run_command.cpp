#include "support/run_command.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string_view>

extern char** environ;

namespace bteval::testing {
namespace {

[[noreturn]] void fail(const std::string& what, int error) {
  throw std::runtime_error(what + ": " + std::strerror(error));
}

/// A pipe that closes itself. The ends are not inherited by other programs.
struct Pipe {
  Pipe() {
    if (::pipe2(fds.data(), O_CLOEXEC) != 0) fail("pipe", errno);
  }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close_end(std::size_t end) {
    if (fds[end] >= 0) ::close(fds[end]);
    fds[end] = -1;
  }
  std::array<int, 2> fds{-1, -1};
};

/// Reads what is there into `text`; false at the end of the stream.
bool read_some(int fd, std::string& text) {
  std::array<char, 65536> buffer;
  const ssize_t count = ::read(fd, buffer.data(), buffer.size());
  if (count < 0) return errno == EINTR || errno == EAGAIN;
  text.append(buffer.data(), static_cast<std::size_t>(count));
  return count > 0;
}

/// Writes what fits; false when nothing is left to write or the reader has gone.
bool write_some(int fd, std::string_view& rest) {
  const ssize_t count = rest.empty() ? 0 : ::write(fd, rest.data(), rest.size());
  if (count < 0) return errno == EINTR || errno == EAGAIN;
  rest.remove_prefix(static_cast<std::size_t>(count));
  return !rest.empty();
}

/// Serves all three streams at once, so that neither side waits for the other for ever.
void exchange(Pipe& in, Pipe& out, Pipe& err, std::string_view input, CommandResult& result) {
  ::fcntl(in.fds[1], F_SETFL, O_NONBLOCK);
  while (in.fds[1] >= 0 || out.fds[0] >= 0 || err.fds[0] >= 0) {
    std::array<pollfd, 3> polled = {
        {{in.fds[1], POLLOUT, 0}, {out.fds[0], POLLIN, 0}, {err.fds[0], POLLIN, 0}}};
    if (::poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) fail("poll", errno);
    if (polled[0].revents != 0 && !write_some(in.fds[1], input)) in.close_end(1);
    if (polled[1].revents != 0 && !read_some(out.fds[0], result.out)) out.close_end(0);
    if (polled[2].revents != 0 && !read_some(err.fds[0], result.err)) err.close_end(0);
  }
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

pid_t start(const std::vector<std::string>& argv, const Pipe& in, const Pipe& out, const Pipe& err) {
  std::vector<char*> arguments;
  for (const std::string& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in.fds[0], STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out.fds[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, err.fds[1], STDERR_FILENO);
  pid_t pid = -1;
  const int error = ::posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) fail("cannot start " + argv[0], error);
  return pid;
}

}  // namespace

CommandResult run_command(std::vector<std::string> argv, std::string stdin_text) {
  if (argv.empty()) throw std::runtime_error("run_command: no program");
  ::signal(SIGPIPE, SIG_IGN);  // a program may end without reading all of its input
  CommandResult result;
  Pipe in, out, err;
  const pid_t pid = start(argv, in, out, err);
  in.close_end(0);
  out.close_end(1);
  err.close_end(1);
  exchange(in, out, err, stdin_text, result);
  int status = 0;
  rusage used{};
  while (::wait4(pid, &status, 0, &used) < 0) {
    if (errno != EINTR) fail("wait4", errno);
  }
  result.processor_seconds = seconds(used.ru_utime) + seconds(used.ru_stime);
  result.peak_bytes = static_cast<std::uint64_t>(used.ru_maxrss) * 1024;
  result.exit_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return result;
}

}  // namespace bteval::testing
