#include "engine/blas_guard.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace bteval::engine {
namespace {

constexpr const char* kCoreVariable = "OPENBLAS_CORETYPE";
// Set for the second start, so that there is no third one.
constexpr const char* kRestartedVariable = "BTEVAL_BLAS_RESTARTED";

// OpenBLAS's names for cores whose kernels use AVX2 or more (its driver/others/dynamic.c).
constexpr std::array<std::string_view, 6> kModernCores = {"Haswell",  "Zen",        "Excavator",
                                                          "SkylakeX", "Cooperlake", "SapphireRapids"};

bool is_modern(std::string_view core) {
  for (const std::string_view modern : kModernCores) {
    if (core == modern) return true;
  }
  return false;
}

std::string resolve_links(const char* path) {
  std::error_code ignored;
  const std::filesystem::path resolved = std::filesystem::canonical(path, ignored);
  return ignored ? std::string(path) : resolved.string();
}

}  // namespace

Blas find_blas() {
  Blas blas;
  // The first sgemm_ in the search order is the one that LibTorch calls. Other BLAS libraries may be loaded
  // too: OpenCV's LAPACK brings OpenBLAS along even where libblas.so.3 is the reference.
  void* const sgemm = dlsym(RTLD_DEFAULT, "sgemm_");
  Dl_info info{};
  if (sgemm == nullptr || dladdr(sgemm, &info) == 0 || info.dli_fname == nullptr) return blas;
  const std::string library = resolve_links(info.dli_fname);
  const std::string name = std::filesystem::path(library).filename().string();
  if (name.starts_with("libtorch")) return blas;

  blas.library = library;
  blas.kind = BlasKind::kOther;
  void* const handle = dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
  if (handle == nullptr) return blas;
  // dlsym on a handle sees the library and what it depends on, and nothing else.
  using CoreName = const char* (*)();
  if (const auto core_name = reinterpret_cast<CoreName>(dlsym(handle, "openblas_get_corename"))) {
    blas.kind = BlasKind::kOpenBlas;
    blas.core = core_name();
  } else if (name.starts_with("libblas.so") && dlsym(handle, "bli_info_get_version_str") == nullptr &&
             dlsym(handle, "ATL_buildinfo") == nullptr) {
    blas.kind = BlasKind::kReference;
  }
  dlclose(handle);
  return blas;
}

CpuFeatures find_cpu_features() {
  CpuFeatures features;
#if defined(__x86_64__)
  __builtin_cpu_init();
  features.avx2_fma = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  features.avx512 = features.avx2_fma && __builtin_cpu_supports("avx512f") &&
                    __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512bw") &&
                    __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#endif
  return features;
}

std::optional<std::string> better_openblas_core(const std::string& core, const CpuFeatures& features) {
  if (!features.avx2_fma || is_modern(core)) return std::nullopt;
  return features.avx512 ? "SkylakeX" : "Haswell";
}

std::optional<std::string> blas_warning(const Blas& blas, const CpuFeatures& features) {
  if (blas.kind == BlasKind::kReference) {
    return fmt::format(
        "LibTorch's matrix products run on the reference BLAS ({}), which is tens of times slower than "
        "OpenBLAS; "
        "install the package libopenblas0-pthread, or build with PyTorch's own LibTorch",
        blas.library);
  }
  if (blas.kind != BlasKind::kOpenBlas) return std::nullopt;
  if (const auto better = better_openblas_core(blas.core, features)) {
    return fmt::format(
        "OpenBLAS ({}) takes this processor for a {} and leaves its vector instructions idle; set {}={}",
        blas.library, blas.core, kCoreVariable, *better);
  }
  return std::nullopt;
}

void prepare_blas(char** argv) {
  const Blas blas = find_blas();
  const CpuFeatures features = find_cpu_features();
  if (blas.kind == BlasKind::kOpenBlas && std::getenv(kCoreVariable) == nullptr &&
      std::getenv(kRestartedVariable) == nullptr) {
    if (const auto better = better_openblas_core(blas.core, features)) {
      setenv(kCoreVariable, better->c_str(), 1);
      setenv(kRestartedVariable, "1", 1);
      execv("/proc/self/exe", argv);
      // Still here: no /proc. Without the variables the warning below tells the truth.
      unsetenv(kCoreVariable);
    }
  }
  unsetenv(kRestartedVariable);  // nothing that this process starts has to know
  if (const auto warning = blas_warning(blas, features)) {
    std::fputs(("bteval: warning: " + *warning + "\n").c_str(), stderr);  // unlike fmt::print, never throws
  }
}

}  // namespace bteval::engine
