#include "distributed/slurm_lists.h"

#include <charconv>

namespace bteval::distributed {
namespace {

/// Reads a number at the start of `text` and removes it from there.
std::optional<int> take_number(std::string_view& text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value < 1) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

bool take(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

}  // namespace

std::optional<std::string> first_host(std::string_view nodes) {
  std::string host;
  while (!nodes.empty() && nodes.front() != ',') {
    if (nodes.front() != '[') {
      if (nodes.front() == ']') return std::nullopt;
      host += nodes.front();
      nodes.remove_prefix(1);
      continue;
    }
    const std::size_t end = nodes.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view first = nodes.substr(1, nodes.find_first_of(",-]") - 1);
    if (first.empty() || first.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    host += first;
    nodes.remove_prefix(end + 1);
  }
  if (host.empty()) return std::nullopt;
  return host;
}

std::optional<int> tasks_of_node(std::string_view tasks_per_node, std::size_t node) {
  do {
    const auto tasks = take_number(tasks_per_node);
    if (!tasks) return std::nullopt;
    std::size_t nodes = 1;
    if (take(tasks_per_node, "(x")) {
      const auto times = take_number(tasks_per_node);
      if (!times || !take(tasks_per_node, ")")) return std::nullopt;
      nodes = static_cast<std::size_t>(*times);
    }
    if (node < nodes) return tasks;
    node -= nodes;
  } while (take(tasks_per_node, ","));
  return std::nullopt;
}

}  // namespace bteval::distributed
