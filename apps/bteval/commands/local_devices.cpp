#include "commands/local_devices.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>

#include "core/error.h"
#include "distributed/local_ranks.h"
#include "tasks/prove_invariance.h"

namespace bteval::app {
namespace {

bool is_number(const std::string& text) {
  return !text.empty() && text.size() <= 4 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::string device_name(const std::string& text) {
  if (is_number(text)) return "cuda:" + text;
  if (text == "cpu" || (text.starts_with("cuda:") && is_number(text.substr(5)))) return text;
  throw Error(ErrorCode::kUsage,
              fmt::format("\"{}\" is no device: --devices 0,1 starts a process on each of two GPUs, "
                          "--devices cpu,cpu two on the processor",
                          printable(text, 40)));
}

constexpr const char* kProofSamples = "200";

/// The command line of one run of a proof, but for its --out and --batch-size.
Words proof_command(const EvalOptions& eval) {
  Words base;
  for (std::size_t i = 0; i < eval.command.size(); ++i) {
    if (eval.command[i] == "--prove-invariance") {
      if (i + 1 < eval.command.size() && is_number(eval.command[i + 1])) ++i;
    } else if (!eval.command[i].starts_with("--prove-invariance=")) {
      base.push_back(eval.command[i]);
    }
  }
  base = without_option(base, {"--out", "-o", "--batch-size"});
  const bool retrieval = eval.task == "flickr30k" || eval.task == "coco";
  if (eval.engine.plan.limit == 0 && !retrieval) {
    base = with_option(base, {"--limit"}, kProofSamples);
  }
  return base;
}

}  // namespace

Words parse_device_list(const std::string& text) {
  Words devices;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    devices.push_back(device_name(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return devices;
}

int run_on_devices(const Words& command, const Words& devices) {
  Words base = without_option(command, {"--devices", "--device"});
  base.front() = std::filesystem::read_symlink("/proc/self/exe").string();
  std::vector<Words> ranks;
  for (const std::string& device : devices) {
    ranks.push_back(base);
    ranks.back().insert(ranks.back().end(), {"--device", device});
  }
  return distributed::run_local_ranks(ranks);
}

void prove_on_devices(const EvalOptions& eval, bool is_suite, const Words& devices, std::uint32_t processes) {
  if (is_suite) throw Error(ErrorCode::kUsage, "--prove-invariance is for one task, not for a suite");
  if (eval.shard.count != 0 || eval.dry_run)
    throw Error(ErrorCode::kUsage, "--prove-invariance makes whole runs: leave --shard and --dry-run out");
  if (processes == 0) processes = std::max<std::uint32_t>(2, static_cast<std::uint32_t>(devices.size()));
  const Words base = proof_command(eval);
  const bool holds = prove_invariance(eval.out, processes, [&](const InvarianceRun& run) {
    Words command = with_option(base, {"--out"}, run.out.string());
    const std::uint32_t batch = run.batch_size != 0 ? run.batch_size : eval.engine.pairs_per_batch;
    if (batch != 0) command.insert(command.end(), {"--batch-size", std::to_string(batch)});
    Words chosen;
    for (std::size_t i = 0; i < run.processes; ++i) chosen.push_back(devices[i % devices.size()]);
    return run_on_devices(command, chosen);
  });
  if (holds) return;
  fmt::print(stderr, "bteval: {}: results depend on the number of processes or on the batch size\n",
             printable((eval.out / "invariance.json").string(), 4096));
  throw CLI::RuntimeError(kVaries);
}

}  // namespace bteval::app
