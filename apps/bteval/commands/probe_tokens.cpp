// `bteval probe tokens`: lines in, token ids out, for comparison with any other implementation.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "commands/commands.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "core/json.h"
#include "text/tokenizer.h"

namespace bteval::app {
namespace {

struct ProbeTokensOptions {
  std::filesystem::path tokenizer;  ///< folder of the tokenizer's files
  std::size_t max_length = 0;       ///< ids a line at most, <s> and </s> included; 0: no limit
  bool json_lines = false;          ///< every line is a JSON string, so that it can hold any character
  int repeat = 0;                   ///< more passes over the input, only to be timed

  void validate() const {
    if (max_length == 1)
      throw Error(ErrorCode::kUsage, "--max-length 1 leaves no room for both <s> and </s>");
  }
};

/// Standard output through one large buffer.
class Output {
 public:
  void put_ids(const std::vector<std::int32_t>& ids) {
    buffer_ += '[';
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (i > 0) buffer_ += ", ";
      fmt::format_to(std::back_inserter(buffer_), "{}", ids[i]);
    }
    buffer_ += "]\n";
    if (buffer_.size() >= kFlushAt) flush();
  }
  void flush() {
    const bool written = std::fwrite(buffer_.data(), 1, buffer_.size(), stdout) == buffer_.size();
    buffer_.clear();
    if (!written || std::fflush(stdout) != 0)
      throw Error(ErrorCode::kData, "cannot write to standard output");
  }

 private:
  static constexpr std::size_t kFlushAt = 1 << 16;
  std::string buffer_;
};

std::string text_of_line(std::string line, bool json_lines) {
  if (!json_lines) return line;
  const Json value = parse_json(line, "standard input");
  if (!value.is_string()) throw Error(ErrorCode::kData, "is no JSON string");
  return value.get<std::string>();
}

/// Encodes `texts` as often as asked, and reports each pass as a JSON line on standard error.
void time_passes(const text::Tokenizer& tokenizer, const std::vector<std::string>& texts,
                 const ProbeTokensOptions& options) {
  for (int pass = 0; pass < options.repeat; ++pass) {
    throw_if_interrupted();
    std::size_t ids = 0;
    const auto start = std::chrono::steady_clock::now();
    for (const std::string& text : texts) ids += tokenizer.encode(text, options.max_length).ids.size();
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    fmt::print(stderr, "{{\"pass\": {}, \"texts\": {}, \"ids\": {}, \"seconds\": {:.6f}}}\n", pass,
               texts.size(), ids, elapsed.count());
  }
}

void run(const ProbeTokensOptions& options) {
  options.validate();
  const auto tokenizer = text::Tokenizer::load(options.tokenizer);
  std::ios::sync_with_stdio(false);
  Output output;
  std::vector<std::string> texts;  // kept only to be timed
  std::string line;
  for (std::size_t number = 1; std::getline(std::cin, line); ++number) {
    throw_if_interrupted();
    try {
      std::string text = text_of_line(std::move(line), options.json_lines);
      output.put_ids(tokenizer.encode(text, options.max_length).ids);
      if (options.repeat > 0) texts.push_back(std::move(text));
    } catch (const Error& error) {
      output.flush();  // what came before is still good
      throw error.with_context({"standard input", fmt::format("line {}", number), std::nullopt});
    }
  }
  if (std::cin.bad()) throw Error(ErrorCode::kData, "cannot read", {"standard input", "", std::nullopt});
  output.flush();
  time_passes(tokenizer, texts, options);
}

}  // namespace

void setup_probe_tokens(CLI::App& probe) {
  auto options = std::make_shared<ProbeTokensOptions>();
  CLI::App& command = *probe.add_subcommand(
      "tokens",
      "Encode each line of standard input and print its ids, <s> and </s> included, as a JSON list");
  command
      .add_option(
          "--tokenizer", options->tokenizer,
          "Folder with tokenizer.json, or vocab.json and merges.txt; a Hugging Face model folder will do")
      ->required();
  command
      .add_option("--max-length", options->max_length,
                  "Ids per line at most, <s> and </s> included; </s> stays (default: no limit)")
      ->check(CLI::Range(0, 1000000000));
  command.add_flag("--json-lines", options->json_lines,
                   "Read each line as a JSON string, so that a text can hold line breaks");
  command
      .add_option(
          "--repeat", options->repeat,
          "Encode everything N more times on one thread and report each pass's seconds on standard error")
      ->check(CLI::Range(0, 1000000));
  command.callback([options] { run(*options); });
}

}  // namespace bteval::app
