#include "commands/commands.h"

int main(int argc, char** argv) { return bteval::app::run_command_line(argc, argv); }
