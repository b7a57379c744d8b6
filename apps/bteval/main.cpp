#include "commands/commands.h"
#include "engine/blas_guard.h"
#include "engine/openmp_guard.h"

int main(int argc, char** argv) {
  bteval::engine::prepare_openmp(argv);
  bteval::engine::prepare_blas(argv);
  return bteval::app::run_command_line(argc, argv);
}
