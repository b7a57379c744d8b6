#include "commands/commands.h"

namespace bteval::app {

void setup_probe_forward(CLI::App&) {}

}  // namespace bteval::app
