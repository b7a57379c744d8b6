#include "tasks/command_words.h"

#include <algorithm>

namespace bteval::app {
namespace {

/// "--out=X", "-oX".
bool holds_value(const std::string& word, const std::string& name) {
  const bool is_long = name.starts_with("--");
  return word.size() > name.size() && word.starts_with(name) && (!is_long || word[name.size()] == '=');
}

}  // namespace

Words without_option(const Words& command, const Words& names) {
  Words kept;
  for (std::size_t i = 0; i < command.size(); ++i) {
    if (std::ranges::find(names, command[i]) != names.end()) {
      ++i;  // its value
    } else if (std::ranges::none_of(names, [&](const auto& name) { return holds_value(command[i], name); })) {
      kept.push_back(command[i]);
    }
  }
  return kept;
}

Words with_option(const Words& command, const Words& names, const std::string& value) {
  Words words = without_option(command, names);
  words.insert(words.end(), {names.front(), value});
  return words;
}

}  // namespace bteval::app
