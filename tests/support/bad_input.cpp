#include "support/bad_input.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>

#include "core/bytes.h"
#include "core/utf8.h"
#include "support/mini_vqav2.h"
#include "support/run_command.h"

namespace bteval::testing {

namespace fs = std::filesystem;

namespace {

/// What shows that an exception came out as it was, or that a program in another language spoke.
constexpr std::string_view kTraces[] = {
    "terminate called", "what():",         "std::",     "c10::",   "Traceback", "basic_string",
    "nlohmann",         "[json.exception", "bad_alloc", "frame #", " at ../",   "internal error",
    "filesystem error", "CLI::",           "vector::",  "map::at", "stoi",      "Exception raised"};

std::set<std::string> all_files(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    names.insert(entry.path().lexically_relative(folder).string());
  return names;
}

/// "@" at the begin of a word becomes the folder.
std::string in_folder(const std::string& text, const fs::path& folder) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins = i == 0 || std::string_view(" \"'([=").find(text[i - 1]) != std::string_view::npos;
    if (text[i] == '@' && begins) {
      out += folder.string() + "/";
    } else {
      out += text[i];
    }
  }
  return out;
}

std::vector<std::string> words_of(const BadInput& row, const std::string& binary, const fs::path& folder) {
  std::vector<std::string> argv = {binary};
  std::istringstream words(row.command);
  for (std::string word; words >> word;) argv.push_back(in_folder(word, folder));
  for (const std::string& word : row.more) argv.push_back(in_folder(word, folder));
  return argv;
}

void expect_printable(const std::string& text) {
  EXPECT_EQ(utf8_first_invalid(text), std::string::npos) << text;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    EXPECT_FALSE((byte < 0x20 && c != '\n') || byte == 0x7f) << "a control character in: " << text;
  }
}

}  // namespace

void BadInputFiles::write(const std::string& name, std::string_view content) const {
  fs::create_directories(path(name).parent_path());
  std::ofstream file(path(name), std::ios::binary);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  if (!file) throw std::runtime_error("cannot write " + name);
}

std::string BadInputFiles::read(const std::string& name) const {
  return std::string(Bytes::map_file(path(name))->text());
}

void BadInputFiles::replace(const std::string& name, std::string_view before, std::string_view now) const {
  std::string text = read(name);
  const std::size_t at = text.find(before);
  if (at == std::string::npos) throw std::runtime_error(name + " does not have " + std::string(before));
  write(name, text.replace(at, before.size(), now));
}

void BadInputFiles::cut(const std::string& name, std::size_t bytes) const {
  fs::resize_file(path(name), bytes);
}

void BadInputFiles::copy(const std::string& mini, const std::string& name) const {
  fs::create_directories(path(name).parent_path());
  fs::copy(mini_suite() / mini, path(name), fs::copy_options::recursive);
}

void BadInputFiles::remove(const std::string& name) const { fs::remove_all(path(name)); }

bool fits(std::string_view text, std::string_view pattern) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return text == pattern;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  text.remove_prefix(star);
  pattern.remove_prefix(star + 1);
  for (std::size_t skip = 0; skip <= text.size(); ++skip) {
    if (fits(text.substr(skip), pattern)) return true;
    if (skip < text.size() && text[skip] == '\n') return false;
  }
  return false;
}

void PrintTo(const BadInput& row, std::ostream* out) { *out << row.name; }

void expect_refused(const BadInput& row, const std::string& binary) {
  const BadInputFiles files;
  if (row.files) row.files(files);
  const fs::path folder = files.path("").parent_path();
  const std::set<std::string> before = all_files(folder);
  const CommandResult result = run_command(words_of(row, binary, folder));
  EXPECT_EQ(result.exit_status, row.exit_status);
  EXPECT_TRUE(fits(result.err, "bteval: " + in_folder(row.message, folder) + "\n"))
      << "said:     " << result.err << "expected: bteval: " << in_folder(row.message, folder);
  EXPECT_TRUE(row.out == "**" ? !result.out.empty() : fits(result.out, row.out)) << "printed:\n"
                                                                                 << result.out << "end";
  EXPECT_LT(result.err.size(), 5000U);
  expect_printable(result.err);
  expect_printable(result.out);
  for (const std::string_view trace : kTraces)
    EXPECT_EQ(result.err.find(trace), std::string::npos) << trace << " in: " << result.err;
  std::set<std::string> expected = before;
  expected.insert(row.leaves.begin(), row.leaves.end());
  for (const std::string& name : all_files(folder))
    EXPECT_TRUE(expected.contains(name)) << name << " is left behind";
}

}  // namespace bteval::testing
