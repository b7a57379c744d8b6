#include "engine/openmp_guard.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdio>
#include <cstdlib>

namespace bteval::engine {
namespace {

constexpr const char* kDynamic = "OMP_DYNAMIC";
constexpr const char* kThreadLimit = "OMP_THREAD_LIMIT";
constexpr const char* kNumThreads = "OMP_NUM_THREADS";

std::optional<std::string> variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

/// The first number of a list such as "4,2"; nothing where OpenMP would not take it either.
std::optional<int> positive(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  const char* begin = text->data();
  const char* const end = begin + text->size();
  while (begin != end && std::isspace(static_cast<unsigned char>(*begin)) != 0) ++begin;
  int number = 0;
  const auto parsed = std::from_chars(begin, end, number);
  return parsed.ec == std::errc() && number > 0 ? std::optional<int>(number) : std::nullopt;
}

bool says_true(std::string text) {
  std::erase_if(text, [](unsigned char c) { return std::isspace(c) != 0; });
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text == "true" || text == "1";
}

}  // namespace

std::optional<int> openmp_thread_limit() { return positive(variable(kThreadLimit)); }

std::map<std::string, std::string> openmp_repairs(const std::optional<std::string>& dynamic,
                                                  const std::optional<std::string>& thread_limit,
                                                  const std::optional<std::string>& num_threads) {
  std::map<std::string, std::string> repairs;
  if (dynamic && says_true(*dynamic)) repairs[kDynamic] = "false";
  if (const auto limit = positive(thread_limit)) {
    const auto threads = positive(num_threads);
    if (!threads || *threads > *limit) repairs[kNumThreads] = std::to_string(*limit);
  }
  return repairs;
}

void prepare_openmp(char** argv) {
  const auto repairs = openmp_repairs(variable(kDynamic), variable(kThreadLimit), variable(kNumThreads));
  if (repairs.empty()) return;
  for (const auto& [name, value] : repairs) setenv(name.c_str(), value.c_str(), 1);
  execv("/proc/self/exe", argv);
  // Still here: no /proc.
  std::fputs("bteval: warning: OMP_DYNAMIC or OMP_THREAD_LIMIT makes results wrong; unset them\n", stderr);
}

}  // namespace bteval::engine
