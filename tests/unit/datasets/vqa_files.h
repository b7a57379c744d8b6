// A tiny VQAv2 split on disk that tests damage.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "core/json.h"
#include "support/test_paths.h"

namespace bteval::testing {

/// Two images, three questions, their annotations.
struct VqaFiles {
  OrderedJson questions;
  OrderedJson annotations;

  VqaFiles() {
    questions = {
        {"info", {{"version", "2.0"}}}, {"data_subtype", "val2014"}, {"questions", OrderedJson::array()}};
    annotations = {{"data_subtype", "val2014"}, {"annotations", OrderedJson::array()}};
    add(70, 7, "Is it red?", "yes/no", "is it", "yes");
    add(71, 7, "How many?", "number", "how many", "2");
    add(90, 9, "What is it?", "other", "what is", "cat");
  }

  void add(std::int64_t question_id, std::int64_t image_id, const char* question, const char* answer_type,
           const char* question_type, const char* answer) {
    questions["questions"].push_back(
        {{"image_id", image_id}, {"question", question}, {"question_id", question_id}});
    OrderedJson answers = OrderedJson::array();
    for (int i = 1; i <= 10; ++i) {
      answers.push_back({{"answer", answer}, {"answer_confidence", "yes"}, {"answer_id", i}});
    }
    annotations["annotations"].push_back({{"question_type", question_type},
                                          {"multiple_choice_answer", answer},
                                          {"answers", answers},
                                          {"image_id", image_id},
                                          {"answer_type", answer_type},
                                          {"question_id", question_id}});
  }

  /// Writes both files and empty images under the official names.
  void write(const std::filesystem::path& json_folder, const std::filesystem::path& image_root,
             const std::string& extension = ".jpg") const {
    std::filesystem::create_directories(json_folder);
    std::filesystem::create_directories(image_root / "val2014");
    std::ofstream(json_folder / "v2_OpenEnded_mscoco_val2014_questions.json") << questions;
    std::ofstream(json_folder / "v2_mscoco_val2014_annotations.json") << annotations;
    for (const char* id : {"000000000007", "000000000009"}) {
      std::ofstream(image_root / "val2014" / (std::string("COCO_val2014_") + id + extension)) << "";
    }
  }
};

/// The message of the Error that `action` throws, with its code in front: "data: …"; "" where it throws none.
template <typename Action>
std::string error_of(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    const char* code = error.code() == ErrorCode::kUsage  ? "usage: "
                       : error.code() == ErrorCode::kData ? "data: "
                                                          : "other: ";
    return code + std::string(error.what());
  }
  return "";
}

}  // namespace bteval::testing
