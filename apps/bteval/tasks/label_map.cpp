#include "tasks/label_map.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "core/error.h"
#include "datasets/vqa_vocabulary.h"

namespace bteval::app {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

template <typename Names>
std::string listed(const Names& names) {
  constexpr std::size_t kNamed = 5;
  std::string out;
  for (std::size_t i = 0; i < std::min(kNamed, names.size()); ++i) {
    out += fmt::format("{}{}", i == 0 ? "" : ", ", printable(names[i], 40));
  }
  return out + (names.size() > kNamed ? ", …" : "");
}

// Hugging Face writes "LABEL_0" where nobody named the labels.
bool names_labels(const checkpoint::Checkpoint& checkpoint) {
  if (!checkpoint.config || !checkpoint.config->is_object()) return false;
  const auto map = checkpoint.config->find("id2label");
  if (map == checkpoint.config->end() || !map->is_object() || map->empty()) return false;
  const auto first = map->find("0");
  return first == map->end() || !first->is_string() || first->get<std::string>() != "LABEL_0";
}

LabelMap match(const datasets::AnswerVocabulary& labels, std::span<const std::string_view> names,
               std::string source, const std::string& file) {
  LabelMap map{{}, std::move(source)};
  for (const std::string& label : labels.answers()) {
    const auto found = std::find_if(names.begin(), names.end(),
                                    [&](std::string_view name) { return lower(name) == lower(label); });
    if (found == names.end()) break;
    map.class_of_label.push_back(static_cast<std::uint32_t>(found - names.begin()));
  }
  std::vector<std::uint32_t> sorted = map.class_of_label;
  std::sort(sorted.begin(), sorted.end());
  const bool each_once = std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end();
  if (labels.size() != names.size() || sorted.size() != names.size() || !each_once) {
    throw Error(ErrorCode::kCheckpoint,
                fmt::format("the label map has {} labels ({}), but the task's are {}", labels.size(),
                            listed(labels.answers()), listed(names)),
                {file, "", std::nullopt});
  }
  return map;
}

}  // namespace

bool LabelMap::is_identity() const {
  for (std::size_t i = 0; i < class_of_label.size(); ++i) {
    if (class_of_label[i] != i) return false;
  }
  return true;
}

LabelMap choose_label_map(const EvalOptions& options, const checkpoint::Checkpoint& checkpoint,
                          std::span<const std::string_view> names) {
  if (!options.vocabulary.empty()) {
    return match(datasets::AnswerVocabulary::read(options.vocabulary), names, "option", options.vocabulary);
  }
  if (names_labels(checkpoint)) {
    const auto bytes = Bytes::from_memory(checkpoint.config_source, checkpoint.config->dump());
    try {
      return match(datasets::AnswerVocabulary::parse(*bytes), names, "config.json", checkpoint.config_source);
    } catch (const Error& error) {  // the reader of data blames data
      throw Error(ErrorCode::kCheckpoint, error.message(), error.context());
    }
  }
  LabelMap map{std::vector<std::uint32_t>(names.size()), "task default"};
  std::iota(map.class_of_label.begin(), map.class_of_label.end(), 0U);
  return map;
}

void check_label_map(const LabelMap& map, std::int64_t outputs, const std::string& task,
                     const checkpoint::Checkpoint& checkpoint) {
  if (outputs == static_cast<std::int64_t>(map.class_of_label.size())) return;
  throw Error(ErrorCode::kCheckpoint,
              fmt::format("the checkpoint's head has {} outputs, but {} has {} classes", outputs, task,
                          map.class_of_label.size()),
              {checkpoint.path.string(), "", std::nullopt});
}

}  // namespace bteval::app
