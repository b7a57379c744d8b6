// Tells people how far a run is.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

namespace bteval {

/// A bar with rate and time left where `out` is a terminal; a plain line every ten seconds otherwise, so that
/// log files stay short. Not thread-safe.
class Progress {
 public:
  enum class Mode { kAuto, kPlain, kOff };

  /// `unit` names what is counted ("questions").
  Progress(std::string title, std::string unit, std::uint64_t total, Mode mode = Mode::kAuto,
           std::FILE* out = stderr);
  /// Finishes the line.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void advance(std::uint64_t count);

 private:
  using Clock = std::chrono::steady_clock;
  void draw(bool last);

  std::string title_, unit_;
  std::uint64_t total_ = 0, done_ = 0, drawn_ = 0;
  Mode mode_;
  std::FILE* out_;
  bool is_terminal_ = false;
  Clock::time_point start_, last_draw_;
};

/// One line of progress, without the bar's movement: "eval: 1200/8977 questions (13.4 %), 85.2/s, 1:31 left".
std::string progress_line(const std::string& title, const std::string& unit, std::uint64_t done,
                          std::uint64_t total, double elapsed_s);

}  // namespace bteval
