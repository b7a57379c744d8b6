#include <algorithm>
#include <unordered_map>
#include <utility>

#include "core/error.h"
#include "datasets/data_check_tasks.h"
#include "datasets/json_fields.h"
#include "datasets/vqav2.h"
#include "datasets/vqav2_layout.h"

namespace bteval::datasets {
namespace {

namespace fs = std::filesystem;

struct Question {
  std::int64_t id = 0;
  std::int64_t image = 0;
  std::string where;
};

ScanResult scan_questions(const Bytes& file, std::vector<Question>& questions) {
  return scan_json_list(file, "questions", [&](JsonReader& reader, const RecordPlace& place) {
    const RecordFields fields(reader, {"question_id", "image_id", "question"});
    questions.push_back({fields.id_at("question_id"), fields.id_at("image_id"), place.name});
    if (!has_text(fields.text_at("question"))) throw Error(ErrorCode::kData, "the question is empty");
  });
}

// The members that the adapter needs, and that there are answers.
ScanResult scan_annotations(const Bytes& file, std::vector<Question>& annotations) {
  return scan_json_list(file, "annotations", [&](JsonReader& reader, const RecordPlace& place) {
    std::optional<std::int64_t> id;
    std::optional<std::int64_t> image;
    std::size_t answers = 0;
    int texts = 0;
    std::string_view key;
    reader.enter_object();
    while (reader.next_key(key)) {
      if (key == "question_id") {
        id = read_id(reader);
      } else if (key == "image_id") {
        image = read_id(reader);
      } else if (key == "answers") {
        reader.enter_array();
        for (answers = 0; reader.next_element(); ++answers)
          RecordFields(reader, {"answer"}).text_at("answer");
      } else if (key == "question_type" || key == "answer_type" || key == "multiple_choice_answer") {
        reader.read_string();
        ++texts;
      } else {
        reader.skip();
      }
    }
    if (id && image) annotations.push_back({*id, *image, place.name});
    require_member(reader, id.has_value(), "question_id");
    require_member(reader, image.has_value(), "image_id");
    if (texts < 3) {
      throw Error(ErrorCode::kData, "lacks \"question_type\", \"answer_type\" or \"multiple_choice_answer\"");
    }
    if (answers == 0) throw Error(ErrorCode::kData, "has no answers");
  });
}

// Repeated ids are found by SplitScan for questions; here for annotations.
void compare(const std::string& question_file, const std::vector<Question>& questions,
             const std::string& annotation_file, const std::vector<Question>& annotations, SplitScan& scan) {
  std::unordered_map<std::int64_t, std::size_t> index;
  std::vector<bool> used(annotations.size());
  index.reserve(annotations.size());
  for (std::size_t i = 0; i < annotations.size(); ++i) {
    const auto [found, is_new] = index.try_emplace(annotations[i].id, i);
    if (is_new) continue;
    used[i] = true;  // said once
    scan.add_finding(
        Fault::kRepeatedId,
        fmt::format("{}: {}: question_id {}", annotation_file, annotations[i].where, annotations[i].id),
        fmt::format("stands already at {}", annotations[found->second].where));
  }
  for (const Question& question : questions) {
    const std::string where =
        fmt::format("{}: {}: question_id {}", question_file, question.where, question.id);
    const auto found = index.find(question.id);
    if (found == index.end()) {
      scan.add_finding(Fault::kContradiction, where, fmt::format("has no annotation in {}", annotation_file));
      continue;
    }
    used[found->second] = true;
    const Question& annotation = annotations[found->second];
    if (annotation.image != question.image) {
      scan.add_finding(Fault::kContradiction, where,
                       fmt::format("is about image {}, but its annotation ({}) about image {}",
                                   question.image, annotation.where, annotation.image));
    }
  }
  for (std::size_t i = 0; i < annotations.size(); ++i) {
    if (used[i]) continue;
    scan.add_finding(
        Fault::kContradiction,
        fmt::format("{}: {}: question_id {}", annotation_file, annotations[i].where, annotations[i].id),
        fmt::format("has no question in {}", question_file));
  }
}

std::uint64_t distinct_images(const std::vector<Question>& questions) {
  std::vector<std::int64_t> ids;
  for (const Question& question : questions) ids.push_back(question.image);
  std::sort(ids.begin(), ids.end());
  return static_cast<std::uint64_t>(std::unique(ids.begin(), ids.end()) - ids.begin());
}

// Image folder and names as the adapter makes them.
void add_images(const fs::path& root, const std::string& question_file, const std::string& data_subtype,
                const std::vector<Question>& questions, SplitScan& scan) {
  fs::path folder;
  std::string subtype;
  try {
    subtype = vqav2_image_subtype(data_subtype);
    folder = find_vqav2_images(vqav2_image_roots(root), data_subtype);
  } catch (const Error& error) {
    scan.set_no_images();
    const std::string where = error.context().file.empty() ? question_file : error.context().file;
    scan.add_finding(Fault::kMissingImageFolder, where, error.message());
  }
  if (!questions.empty()) scan.add_count("images", distinct_images(questions));
  const char* extension =
      questions.empty() ? ".jpg" : vqav2_image_extension(folder, subtype, questions.front().image);
  for (const Question& question : questions) {
    ScannedRecord record;
    record.id = std::to_string(question.id);
    record.where = fmt::format("{}: {}", question_file, question.where);
    record.images = {scan.add_image(vqav2_image_path(folder, subtype, question.image, extension),
                                    fmt::format("question_id {}", question.id))};
    scan.add_record(std::move(record));
  }
}

}  // namespace

std::vector<std::string> present_vqav2_splits(const fs::path& root) {
  std::vector<std::string> splits = vqav2_splits(root);
  // An official split that has lost its questions is to be told, too.
  for (const char* name : {"train", "val"}) {
    const Vqav2Split split = vqav2_split(name);
    const std::string file = fmt::format("v2_mscoco_{}_annotations.json", split.file_name);
    for (const fs::path& folder : vqav2_json_folders(root)) {
      std::error_code ignored;
      if (fs::exists(folder / file, ignored) &&
          std::find(splits.begin(), splits.end(), name) == splits.end()) {
        splits.emplace_back(name);
      }
    }
  }
  return splits;
}

void scan_vqav2(const fs::path& root, SplitScan& scan) {
  const Vqav2Split split = vqav2_split(scan.split());
  fs::path question_path;
  std::optional<fs::path> annotation_path;
  try {
    question_path = find_vqav2_questions(root, split);
    annotation_path = find_vqav2_annotations(root, question_path, split);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kData) throw;
    scan.add_finding(Fault::kMissingFile, error.context().file, error.message());
  }
  if (question_path.empty()) return;

  std::vector<Question> questions;
  bool questions_complete = false;
  if (const auto file = open_annotations(question_path, scan)) {
    const ScanResult result = scan_questions(*file, questions);
    scan.add_problems(question_path.string(), result);
    scan.add_count("questions", result.records);
    questions_complete = result.complete;
    const auto subtype = result.members.find("data_subtype");
    if (questions_complete) {
      add_images(root, question_path.string(), subtype == result.members.end() ? "" : subtype->second,
                 questions, scan);
    }
  }
  if (!annotation_path) return;
  std::vector<Question> annotations;
  if (const auto file = open_annotations(*annotation_path, scan)) {
    const ScanResult result = scan_annotations(*file, annotations);
    scan.add_problems(annotation_path->string(), result);
    scan.add_count("annotations", result.records);
    // A file that breaks off contradicts in everything that is cut off.
    if (questions_complete && result.complete) {
      compare(question_path.string(), questions, annotation_path->string(), annotations, scan);
    }
  }
}

}  // namespace bteval::datasets
