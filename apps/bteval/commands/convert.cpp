#include "commands/commands.h"

namespace bteval::app {

void setup_convert(CLI::App&) {}

}  // namespace bteval::app
