#include "support/made_up_run.h"

#include <fstream>
#include <stdexcept>

#include "core/file.h"

namespace bteval::testing {

MadeUpRun::MadeUpRun(const std::string& task) {
  const auto input = [](const char* role, char digit) {
    return OrderedJson{{"role", role}, {"path", role}, {"sha256", std::string(64, digit)}, {"bytes", 1}};
  };
  manifest = {{"schema", 1},
              {"task", task},
              {"split", "val"},
              {"signature", task + "|split:val|scorer:made-up"},
              {"inputs", OrderedJson::array({input("annotations", 'a'), input("checkpoint", 'c')})},
              {"options", {{"scorer", "made-up"}, {"dtype", "fp32"}}}};
}

OrderedJson& MadeUpRun::add(const std::string& id, const std::string& cluster, double value) {
  return samples.emplace_back(OrderedJson{{"id", id},
                                          {"cluster", cluster},
                                          {"value", value},
                                          {"prediction", value > 0 ? "right" : "wrong"},
                                          {"targets", {"right"}},
                                          {"text", "what is it"},
                                          {"images", {cluster + ".jpg"}},
                                          {"slices", OrderedJson::object()}});
}

OrderedJson& MadeUpRun::digest(const std::string& role) {
  for (OrderedJson& input : manifest.at("inputs")) {
    if (input.at("role") == role) return input.at("sha256");
  }
  throw std::runtime_error("the run has no " + role);
}

void MadeUpRun::write(const std::filesystem::path& folder) const {
  make_folder(folder);
  // Not by write_file_atomic(): waiting for the disk would be most of the tests' time.
  std::ofstream lines(folder / "samples.jsonl", std::ios::binary);
  for (const OrderedJson& sample : samples) lines << sample.dump() << '\n';
  std::ofstream(folder / "manifest.json", std::ios::binary) << manifest.dump();
}

}  // namespace bteval::testing
