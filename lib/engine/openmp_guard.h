// Keeps OpenMP's variables from making results wrong without a word.
//
// Some of LibTorch's and oneDNN's loops give each thread that they asked for its part, and look for no more.
// Where OpenMP starts fewer, because of OMP_THREAD_LIMIT or because OMP_DYNAMIC lets it choose, the other
// parts are left out: measured with LibTorch 2.13, logits come out as whatever was in memory.
#pragma once

#include <map>
#include <optional>
#include <string>

namespace bteval::engine {

/// Threads that OMP_THREAD_LIMIT allows, where it is set to a positive number.
std::optional<int> openmp_thread_limit();

/// What of the variables has to be set, and to what, so that OpenMP starts as many threads as it is asked
/// for: OMP_DYNAMIC to "false"; OMP_NUM_THREADS to the limit where it is not set or larger. `value`: of a
/// variable, nothing where it is not set.
std::map<std::string, std::string> openmp_repairs(const std::optional<std::string>& dynamic,
                                                  const std::optional<std::string>& thread_limit,
                                                  const std::optional<std::string>& num_threads);

/// Call it first thing in main: OpenMP reads its variables before. Where one has to be changed, starts the
/// same program again with it: same process, same arguments. EngineOptions::resolve() refuses more threads
/// than the limit.
void prepare_openmp(char** argv);

}  // namespace bteval::engine
