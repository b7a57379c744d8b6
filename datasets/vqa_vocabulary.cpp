#include "datasets/vqa_vocabulary.h"

#include <algorithm>
#include <charconv>

#include "core/checked.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/read_file.h"
#include "core/utf8.h"

namespace bteval::datasets {
namespace {

[[noreturn]] void fail(const std::string& name, const std::string& message) {
  throw Error(ErrorCode::kData, message, {name, "", std::nullopt});
}

std::uint64_t label_number(const std::string& name, const std::string& text) {
  std::uint64_t label = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), label);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    fail(name, fmt::format("expected a label from 0 on, found \"{}\"", printable(text, 40)));
  }
  return label;
}

// Answers by label, each label exactly once.
std::vector<std::string> by_label(const std::string& name,
                                  std::vector<std::pair<std::uint64_t, std::string>> entries) {
  std::sort(entries.begin(), entries.end());
  std::vector<std::string> answers;
  answers.reserve(entries.size());
  for (auto& [label, answer] : entries) {
    if (label < answers.size()) {
      fail(name, fmt::format("label {} is given to \"{}\" and to \"{}\"", label,
                             printable(answers[label], 60), printable(answer, 60)));
    }
    if (label > answers.size()) fail(name, fmt::format("label {} has no answer", answers.size()));
    answers.push_back(std::move(answer));
  }
  return answers;
}

std::vector<std::string> from_object(const std::string& name, const Json& object) {
  std::vector<std::pair<std::uint64_t, std::string>> entries;
  if (object.empty()) return {};
  const bool from_answers = object.begin()->is_number();
  for (const auto& [key, value] : object.items()) {
    if (from_answers && value.is_number_unsigned()) {
      entries.emplace_back(value.get<std::uint64_t>(), key);
    } else if (!from_answers && value.is_string()) {
      entries.emplace_back(label_number(name, key), value.get<std::string>());
    } else {
      fail(name, fmt::format("\"{}\" should have {}, but has {}", printable(key, 40),
                             from_answers ? "a label from 0 on" : "an answer", printable(value.dump(), 40)));
    }
  }
  return by_label(name, std::move(entries));
}

std::vector<std::string> from_list(const std::string& name, const Json& list) {
  if (list.size() == 2 && list[0].is_object() && list[1].is_object()) {
    std::vector<std::string> answers = from_object(name, list[0]);
    if (answers != from_object(name, list[1])) fail(name, "its two objects give different vocabularies");
    return answers;
  }
  std::vector<std::string> answers;
  for (const Json& item : list) {
    if (!item.is_string()) {
      throw Error(ErrorCode::kData, fmt::format("expected an answer, found {}", printable(item.dump(), 40)),
                  {name, fmt::format("label {}", answers.size()), std::nullopt});
    }
    answers.push_back(item.get<std::string>());
  }
  return answers;
}

std::vector<std::string> from_config(const std::string& name, const Json& id2label) {
  if (!id2label.is_object()) fail(name, "\"id2label\" is no object");
  std::vector<std::string> answers = from_object(name, id2label);
  if (!answers.empty() && answers.front() == "LABEL_0") {
    fail(name, "\"id2label\" holds placeholders (\"LABEL_0\"), no answers");
  }
  return answers;
}

std::vector<std::string> from_lines(const std::string& name, std::string_view text) {
  if (text.starts_with("version https://git-lfs")) refuse_if_not_json(text, name);
  if (const std::size_t bad = utf8_first_invalid(text); bad != std::string_view::npos) {
    throw Error(ErrorCode::kData, "is not UTF-8", {name, "", bad});
  }
  std::vector<std::string> answers;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    answers.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return answers;
}

}  // namespace

AnswerVocabulary::AnswerVocabulary(std::vector<std::string> answers, const std::string& name)
    : answers_(std::move(answers)) {
  if (answers_.empty()) fail(name, "has no answers");
  checked_cast<std::uint32_t>(answers_.size(), "the number of answers");
  for (std::size_t i = 0; i < answers_.size(); ++i) {
    const auto [found, is_new] = labels_.try_emplace(answers_[i], static_cast<std::uint32_t>(i));
    if (!is_new) {
      fail(name, fmt::format("\"{}\" stands twice: label {} and label {}", printable(answers_[i], 60),
                             found->second, i));
    }
  }
  try {
    sha256_ = bteval::sha256(Json(answers_).dump());
  } catch (const Json::exception&) {
    fail(name, "has an answer that is not UTF-8");
  }
}

AnswerVocabulary AnswerVocabulary::read(const std::filesystem::path& path) { return parse(*read_file(path)); }

AnswerVocabulary AnswerVocabulary::parse(const Bytes& file) {
  const std::string& name = file.name();
  if (name.ends_with(".txt")) return {from_lines(name, file.text()), name};
  const Json json = parse_json(file.text(), name);
  if (json.is_array()) return {from_list(name, json), name};
  if (!json.is_object()) fail(name, "is neither a list nor an object, so it is no answer vocabulary");
  const auto id2label = json.find("id2label");
  if (id2label != json.end() && !id2label->is_number()) return {from_config(name, *id2label), name};
  return {from_object(name, json), name};
}

std::optional<std::uint32_t> AnswerVocabulary::label(std::string_view answer) const {
  const auto found = labels_.find(std::string(answer));
  return found == labels_.end() ? std::nullopt : std::optional(found->second);
}

void VocabularyBuilder::add(const records::VqaAnnotations& annotations) {
  std::vector<std::optional<records::StringPool::Id>> known(annotations.strings.size());
  for (const records::VqaAnnotation& annotation : annotations.annotations) {
    auto& id = known[annotation.multiple_choice_answer];
    if (!id) id = answers_.intern(normalise_(annotations.strings.text(annotation.multiple_choice_answer)));
    counts_.resize(answers_.size());
    ++counts_[*id];
  }
}

AnswerVocabulary VocabularyBuilder::build(std::size_t min_count) const {
  std::vector<std::string> answers;
  for (std::size_t id = 0; id < counts_.size(); ++id) {
    if (counts_[id] >= min_count)
      answers.emplace_back(answers_.text(static_cast<records::StringPool::Id>(id)));
  }
  return {std::move(answers), fmt::format("vocabulary rebuilt with at least {} occurrences", min_count)};
}

}  // namespace bteval::datasets
