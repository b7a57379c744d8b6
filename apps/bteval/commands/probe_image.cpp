#include "commands/commands.h"

namespace bteval::app {

void setup_probe_image(CLI::App&) {}

}  // namespace bteval::app
