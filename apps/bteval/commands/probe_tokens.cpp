#include "commands/commands.h"

namespace bteval::app {

void setup_probe_tokens(CLI::App&) {}

}  // namespace bteval::app
