#include "core/shell_quote.h"

namespace bteval {

std::string shell_quoted(std::string_view argument) {
  const bool is_plain = !argument.empty() && argument.find_first_not_of(
                                                 "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                 "0123456789_-./:=,+@%") == std::string_view::npos;
  if (is_plain) return std::string(argument);
  std::string quoted = "'";
  for (const char c : argument) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string shell_command(const std::vector<std::string>& arguments) {
  std::string command;
  for (const std::string& argument : arguments)
    command += (command.empty() ? "" : " ") + shell_quoted(argument);
  return command;
}

}  // namespace bteval
