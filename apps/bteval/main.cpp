#include "commands/commands.h"
#include "engine/blas_guard.h"

int main(int argc, char** argv) {
  bteval::engine::prepare_blas(argv);
  return bteval::app::run_command_line(argc, argv);
}
