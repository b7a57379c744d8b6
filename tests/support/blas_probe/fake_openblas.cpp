// A shared library that looks like an OpenBLAS with an out-of-date table of processors.
#include <cstdlib>

extern "C" {

// Never called: it is looked up to find out which library LibTorch's products come from.
void sgemm_() { std::abort(); }

// As the real one: believes the variable, else takes the processor for the oldest it knows.
const char* openblas_get_corename() {
  const char* const told = std::getenv("OPENBLAS_CORETYPE");
  return told != nullptr ? told : "Prescott";
}
}
