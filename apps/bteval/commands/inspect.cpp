#include "commands/commands.h"

namespace bteval::app {

void setup_inspect(CLI::App&) {}

}  // namespace bteval::app
