// Showing that a score does not depend on how many processes computed it, nor its answers on the batch size.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace bteval::app {

/// One evaluation of the sample.
struct InvarianceRun {
  std::uint32_t processes = 1;
  std::uint32_t batch_size = 0;  ///< pairs; 0: what an evaluation chooses
  std::filesystem::path out;
};

/// Makes a run; returns the exit status.
using MakeRun = std::function<int(const InvarianceRun&)>;

/// Makes runs in folders of `out` with 1 and `processes` processes, each with the default batch size and with
/// half of it; compares every one with the first, and those of one batch size with each other. Writes
/// invariance.json there and a table on standard output.
/// True where the numbers of processes agree in every bit and the batch sizes in every answer. Errors of a
/// run are Error(kInternal) with its exit status; its own message stands on standard error.
bool prove_invariance(const std::filesystem::path& out, std::uint32_t processes, const MakeRun& make);

}  // namespace bteval::app
