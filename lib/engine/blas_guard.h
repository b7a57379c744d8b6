// Keeps a badly chosen BLAS from making bteval slow without a word.
//
// LibTorch's own builds carry their matrix library inside. Debian's calls whatever libblas.so.3 is, and there
//   - the reference BLAS is a plain triple loop, some forty times slower than OpenBLAS;
//   - OpenBLAS 0.3.21 takes processors that are newer than itself for a Prescott of 2004 and leaves AVX2 and
//     AVX-512 idle; its variable OPENBLAS_CORETYPE tells it better, but only before the library is loaded.
// docs/dependencies.md has the measurements.
#pragma once

#include <optional>
#include <string>

namespace bteval::engine {

/// Whose matrix products LibTorch calls.
enum class BlasKind {
  kBuiltIn,    ///< inside LibTorch (MKL, or OpenBLAS linked statically)
  kOpenBlas,   ///< a shared OpenBLAS
  kReference,  ///< Netlib's reference BLAS
  kOther,      ///< another shared library: BLIS, ATLAS, MKL
};

/// The BLAS of this process.
struct Blas {
  BlasKind kind = BlasKind::kBuiltIn;
  std::string library;  ///< path of the shared library; empty for kBuiltIn
  std::string core;     ///< OpenBLAS's name for the processor: "Haswell", "Prescott"; empty for others
};

/// Vector instructions that the processor has and the operating system lets programs use.
struct CpuFeatures {
  bool avx2_fma = false;  ///< AVX2 and FMA
  bool avx512 = false;    ///< AVX-512 F, CD, BW, DQ and VL: what OpenBLAS's SkylakeX kernels need
};

Blas find_blas();
CpuFeatures find_cpu_features();

/// The value of OPENBLAS_CORETYPE that fits the processor, where OpenBLAS's own choice `core` leaves its
/// vector instructions idle; empty where the choice is good. Any value that is returned runs on the
/// processor.
std::optional<std::string> better_openblas_core(const std::string& core, const CpuFeatures& features);

/// What the user should know about this BLAS, as one line with the cure; empty where there is nothing to say.
std::optional<std::string> blas_warning(const Blas& blas, const CpuFeatures& features);

/// Call it first thing in main. Where OpenBLAS chose a wrong core, and OPENBLAS_CORETYPE is not set, starts
/// the same program again with the variable set: same process, same arguments, at most once. Where that does
/// not help, or the BLAS is the reference one, prints one line of warning to stderr. `argv` is main's.
void prepare_blas(char** argv);

}  // namespace bteval::engine
