#include "commands/commands.h"

namespace bteval::app {

void setup_score(CLI::App&) {}

}  // namespace bteval::app
