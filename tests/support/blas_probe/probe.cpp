// Calls prepare_blas() as main of bteval does, and prints what came of it and its arguments.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "engine/blas_guard.h"

int main(int argc, char** argv) {
  std::fprintf(stderr, "start in process %d\n", static_cast<int>(getpid()));
  bteval::engine::prepare_blas(argv);
  const char* const restarted = std::getenv("BTEVAL_BLAS_RESTARTED");
  std::printf("core %s, mark %s, arguments", bteval::engine::find_blas().core.c_str(),
              restarted != nullptr ? restarted : "gone");
  for (int i = 1; i < argc; ++i) std::printf(" [%s]", argv[i]);
  std::printf("\n");
  return 0;
}
