#include "tasks/resume.h"

#include "core/error.h"

namespace bteval::app {

void print_resumed(std::uint64_t done, const char* parts) {
  fmt::print(stderr, "bteval: going on with an interrupted run: {} {} are done\n", done, parts);
}

void throw_interrupted(std::uint64_t done, const char* parts) {
  throw Error(ErrorCode::kInterrupted,
              fmt::format("interrupted: {} {} are done; the same command goes on from there", done, parts));
}

std::optional<EvalResult> kept_result(const RunDirectory& directory, const EvalOptions& options,
                                      const records::RunManifest& manifest) {
  if (!options.keep_finished || options.force) return std::nullopt;
  const Json finished = directory.finished_manifest();
  if (finished.is_null()) return std::nullopt;
  const Json counts = finished.value("counts", Json::object());
  const std::string signature = finished.value("signature", manifest.signature);
  fmt::print("{}\nfinished before in {}\n", printable(signature, 4096),
             printable(directory.path().string(), 4096));
  return EvalResult{options.name.empty() ? manifest.task : options.name,
                    manifest.split,
                    std::nullopt,
                    counts.value("samples", counts.value("captions", std::uint64_t{0})),
                    counts.value("refused", std::uint64_t{0}),
                    signature};
}

}  // namespace bteval::app
