// A tiny NLVR2 split on disk that tests damage.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "core/json.h"
#include "datasets/nlvr2_json.h"
#include "support/test_paths.h"

namespace bteval::testing {

/// Three image pairs of set 7 and one of set 8; the first pair has two sentences.
struct Nlvr2Files {
  std::vector<OrderedJson> records;

  explicit Nlvr2Files(const std::string& split = "dev") {
    add(split + "-7-0-0", "Two dogs.", "True");
    add(split + "-7-0-1", "One is a cat.", "False");
    add(split + "-7-2-0", "Two dogs.", "False");
    add(split + "-8-0-0", "A red car.", "True");
  }

  void add(const std::string& identifier, const char* sentence, const char* label) {
    // The key order of the published files varies; one record starts with the label.
    OrderedJson record = {{"sentence", sentence},
                          {"left_url", "https://example.org/l.jpg"},
                          {"validation", {{"61", "False"}}},
                          {"label", label},
                          {"identifier", identifier},
                          {"synset", "dog"}};
    if (records.size() == 1) {
      record = {{"label", label},
                {"extra_validations", {{"1", "True"}}},
                {"identifier", identifier},
                {"sentence", sentence}};
    }
    records.push_back(std::move(record));
  }

  std::string lines() const {
    std::string out;
    for (const OrderedJson& record : records) out += record.dump() + "\n";
    return out;
  }

  void write(const std::filesystem::path& file) const {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << lines();
  }

  /// Empty images in `folder`, or in its folders `directory`.
  void write_images(const std::filesystem::path& folder, const std::string& extension = ".png") const {
    for (const OrderedJson& record : records) {
      const std::string identifier = record.at("identifier").get<std::string>();
      const auto parts = datasets::parse_nlvr2_identifier(identifier);
      std::filesystem::path place = folder;
      if (record.contains("directory")) place /= std::to_string(record.at("directory").get<int>());
      std::filesystem::create_directories(place);
      for (const int side : {0, 1}) std::ofstream(place / (parts->image_name(side) + extension)) << "";
    }
  }
};

}  // namespace bteval::testing
