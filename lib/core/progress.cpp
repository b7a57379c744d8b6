#include "core/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace bteval {
namespace {

constexpr int kBarWidth = 28;

std::string duration(double seconds) {
  const auto total = static_cast<std::int64_t>(std::llround(std::min(seconds, 1e9)));
  const auto hours = total / 3600, minutes = total / 60 % 60, rest = total % 60;
  return hours > 0 ? fmt::format("{}:{:02}:{:02}", hours, minutes, rest)
                   : fmt::format("{}:{:02}", minutes, rest);
}

std::string bar(std::uint64_t done, std::uint64_t total) {
  const auto filled =
      total == 0 ? kBarWidth
                 : static_cast<int>(static_cast<double>(done) / static_cast<double>(total) * kBarWidth);
  return "[" + std::string(static_cast<std::size_t>(filled), '#') +
         std::string(static_cast<std::size_t>(kBarWidth - filled), '.') + "] ";
}

}  // namespace

std::string progress_line(const std::string& title, const std::string& unit, std::uint64_t done,
                          std::uint64_t total, double elapsed_s) {
  const double share = total == 0 ? 1.0 : static_cast<double>(done) / static_cast<double>(total);
  std::string line = fmt::format("{}: {}/{} {} ({:.1f} %)", title, done, total, unit, share * 100);
  if (done > 0 && elapsed_s > 0) {
    const double rate = static_cast<double>(done) / elapsed_s;
    line += fmt::format(", {:.1f}/s", rate);
    line += done < total ? fmt::format(", {} left", duration(static_cast<double>(total - done) / rate))
                         : fmt::format(", took {}", duration(elapsed_s));
  }
  return line;
}

Progress::Progress(std::string title, std::string unit, std::uint64_t total, Mode mode, std::FILE* out)
    : title_(std::move(title)),
      unit_(std::move(unit)),
      total_(total),
      mode_(mode),
      out_(out),
      is_terminal_(mode == Mode::kAuto && ::isatty(::fileno(out)) == 1),
      start_(Clock::now()),
      last_draw_(start_) {}

Progress::~Progress() {
  // A bar still needs the end of its line; a plain line need not be said twice.
  if (done_ > 0 && (is_terminal_ || drawn_ != done_)) draw(true);
}

void Progress::advance(std::uint64_t count) {
  done_ += count;
  const auto interval = is_terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(10'000);
  if (Clock::now() - last_draw_ >= interval) draw(false);
}

void Progress::draw(bool last) {
  if (mode_ == Mode::kOff) return;
  last_draw_ = Clock::now();
  drawn_ = done_;
  const double elapsed_s = std::chrono::duration<double>(last_draw_ - start_).count();
  const std::string line = progress_line(title_, unit_, done_, total_, elapsed_s);
  if (is_terminal_) {
    fmt::print(out_, "\r\x1b[K{}{}{}", bar(done_, total_), line, last ? "\n" : "");
  } else {
    fmt::print(out_, "{}\n", line);
  }
  std::fflush(out_);
}

}  // namespace bteval
