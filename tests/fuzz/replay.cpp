// Runs a fuzz target without a fuzzer: on the empty input, on every file of a folder (which may be absent),
// and on small changes of each, chosen by a fixed seed. Ends with status 0 unless the target crashes.
//
//     fuzz_NAME_replay [--changes N] FOLDER...     N changes of each file instead of 200
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr int kChangesPerInput = 200;
constexpr std::size_t kLargestChangedInput = 64 * 1024;

void run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

// Cuts the input, overwrites or swaps bytes, or doubles a piece.
std::string changed(std::string input, std::mt19937& random) {
  const auto below = [&](std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
  };
  for (std::size_t times = 1 + below(3); times > 0; --times) {
    if (input.empty()) return std::string(1 + below(16), static_cast<char>(below(256)));
    switch (below(4)) {
      case 0:
        input.resize(below(input.size()));
        break;
      case 1:
        input[below(input.size())] = static_cast<char>(below(256));
        break;
      case 2:
        std::swap(input[below(input.size())], input[below(input.size())]);
        break;
      default: {
        const std::size_t start = below(input.size());
        input.insert(below(input.size()), input.substr(start, 1 + below(32)));
      }
    }
  }
  return input;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::filesystem::path> files;
  int changes = kChangesPerInput;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--changes" && i + 1 < argc) changes = std::atoi(argv[++i]);
    if (!std::filesystem::is_directory(argv[i])) continue;
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> inputs{""};
  for (const auto& path : files) {
    std::ifstream file(path, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  std::mt19937 random(20240229);
  std::size_t runs = 0;
  for (const std::string& input : inputs) {
    run(input);
    ++runs;
    if (input.size() > kLargestChangedInput) continue;
    for (int i = 0; i < changes; ++i, ++runs) run(changed(input, random));
  }
  std::printf("%zu files, %zu runs\n", files.size(), runs);
  return 0;
}
