#include "commands/commands.h"

namespace bteval::app {

void setup_eval(CLI::App&) {}

}  // namespace bteval::app
