// vocab.json and merges.txt.
#include <limits>

#include "core/utf8.h"
#include "text/tokenizer_spec.h"

namespace bteval::text {
namespace {

[[noreturn]] void refuse(const std::string& file, std::string record, std::string message) {
  throw Error(ErrorCode::kCheckpoint, std::move(message), {file, std::move(record), std::nullopt});
}

}  // namespace

void read_vocabulary(const Json& object, const std::string& record, BpeSpec& spec) {
  const std::string prefix = record.empty() ? "" : record + ": ";
  if (!object.is_object()) {
    refuse(spec.vocabulary_file, record,
           fmt::format("is no vocabulary: not an object of token and id, but {}", object.type_name()));
  }
  if (object.empty()) refuse(spec.vocabulary_file, record, "the vocabulary is empty");
  spec.vocabulary.reserve(object.size());
  for (const auto& [token, id] : object.items()) {
    constexpr std::int64_t kLargest = std::numeric_limits<std::int32_t>::max() - 1;
    const bool fits = id.is_number_unsigned() ? id.get<std::uint64_t>() <= kLargest
                                              : id.is_number_integer() && id.get<std::int64_t>() >= 0 &&
                                                    id.get<std::int64_t>() <= kLargest;
    if (!fits) {
      refuse(
          spec.vocabulary_file, fmt::format("{}token '{}'", prefix, printable(token)),
          fmt::format("its id is {}, not a whole number from 0 to {}", printable(id.dump(), 40), kLargest));
    }
    spec.vocabulary.emplace_back(token, static_cast<std::int32_t>(id.get<std::int64_t>()));
  }
}

std::string merge_record(const BpeSpec& spec, std::size_t position) {
  return spec.merges_in_lines ? fmt::format("line {}", position) : fmt::format("model.merges[{}]", position);
}

void read_merge(std::string_view text, std::size_t position, BpeSpec& spec) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos || text.find(' ', space + 1) != std::string_view::npos) {
    refuse(
        spec.merges_file, merge_record(spec, position),
        fmt::format("is no merge: '{}' is not two tokens with one space between them", printable(text, 60)));
  }
  spec.merges.push_back({std::string(text.substr(0, space)), std::string(text.substr(space + 1)), position});
}

BpeSpec read_vocabulary_and_merges(const Bytes& vocabulary, const Bytes& merges) {
  BpeSpec spec;
  spec.vocabulary_file = vocabulary.name();
  spec.merges_file = merges.name();
  read_vocabulary(parse_json(vocabulary.text(), vocabulary.name(), ErrorCode::kCheckpoint), "", spec);

  std::string_view rest = merges.text();
  constexpr std::string_view kLfsPrefix = "version https://git-lfs.github.com/spec/";
  if (rest.starts_with(kLfsPrefix)) {
    refuse(spec.merges_file, "", "is a Git LFS pointer, not the file itself: fetch it with 'git lfs pull'");
  }
  if (const std::size_t invalid = utf8_first_invalid(rest); invalid != std::string_view::npos) {
    throw Error(ErrorCode::kCheckpoint, "is not valid UTF-8", {spec.merges_file, "", invalid});
  }
  // Blank lines at the end are let pass; elsewhere they are as wrong as they are for `tokenizers`.
  while (rest.ends_with('\n') || rest.ends_with('\r')) rest.remove_suffix(1);
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::size_t newline = rest.find('\n');
    std::string_view line = rest.substr(0, newline);
    rest.remove_prefix(newline == std::string_view::npos ? rest.size() : newline + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.starts_with("#version")) read_merge(line, number, spec);
  }
  return spec;
}

}  // namespace bteval::text
