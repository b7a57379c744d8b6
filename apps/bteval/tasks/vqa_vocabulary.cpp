#include "tasks/vqa_vocabulary.h"

#include "core/error.h"
#include "core/json.h"
#include "core/read_file.h"
#include "datasets/vqa_json.h"
#include "datasets/vqav2_layout.h"
#include "metrics/vqa_normalise.h"

namespace bteval::app {
namespace {

namespace fs = std::filesystem;

datasets::AnswerVocabulary rebuild(const fs::path& root) {
  datasets::VocabularyBuilder builder(metrics::normalise_vqa_answer);
  for (const char* name : {"train", "val"}) {
    const datasets::Vqav2Split split = datasets::vqav2_split(name);
    const fs::path questions = datasets::find_vqav2_questions(root, split);
    const auto annotations = datasets::find_vqav2_annotations(root, questions, split);
    builder.add(datasets::read_vqa_annotations(*read_file(annotations.value())).annotations);
  }
  return builder.build();
}

// Hugging Face writes placeholders ("LABEL_0") where nobody named the labels.
bool names_labels(const fs::path& config) {
  if (!fs::exists(config)) return false;
  const Json json = read_json(config, ErrorCode::kCheckpoint);
  const auto found = json.is_object() ? json.find("id2label") : json.end();
  return json.is_object() && found != json.end() && found->is_object() &&
         found->value("0", "LABEL_0") != "LABEL_0";
}

}  // namespace

ChosenVocabulary choose_vocabulary(const EvalOptions& options) {
  if (options.vocabulary == "rebuild") {
    return {rebuild(options.data), "rebuilt", options.data.string()};
  }
  if (!options.vocabulary.empty())
    return {datasets::AnswerVocabulary::read(options.vocabulary), "option", options.vocabulary};
  const fs::path folder = fs::is_directory(options.model) ? options.model : options.model.parent_path();
  const fs::path list = folder / "vocabulary.json";
  if (fs::exists(list)) return {datasets::AnswerVocabulary::read(list), "vocabulary.json", list.string()};
  const fs::path config = folder / "config.json";
  if (names_labels(config)) return {datasets::AnswerVocabulary::read(config), "config.json", config.string()};
  throw Error(ErrorCode::kUsage,
              "the checkpoint comes without its list of answers: give --vocabulary FILE, or --vocabulary "
              "rebuild to make "
              "it from the data set's train and val annotations");
}

}  // namespace bteval::app
