#include "support/mini_vqav2.h"

#include <fmt/format.h>

#include <utility>

#include "core/file.h"
#include "support/test_paths.h"

namespace bteval::testing {

namespace fs = std::filesystem;

fs::path mini_suite() { return source_dir() / "assets/mini"; }

MiniVqav2::MiniVqav2(fs::path folder, std::size_t num_questions) : root(std::move(folder)) {
  const fs::path from = mini_suite() / "vqav2";
  questions = read_json(from / "v2_OpenEnded_mscoco_minitest_questions.json");
  annotations = read_json(from / "v2_mscoco_minitest_annotations.json");
  for (const auto& [document, key] :
       {std::pair{&questions, "questions"}, std::pair{&annotations, "annotations"}}) {
    Json& list = (*document)[key];
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(num_questions), list.end());
  }
  write();
}

void MiniVqav2::write() const {
  make_folder(root / split);
  write_file_atomic(root / "v2_OpenEnded_mscoco_minitest_questions.json", questions.dump());
  write_file_atomic(root / "v2_mscoco_minitest_annotations.json", annotations.dump());
  for (std::size_t i = 0; i < questions["questions"].size(); ++i) {
    const fs::path to = image(i);
    const fs::path from = mini_suite() / "vqav2" / split / to.filename();
    if (!fs::exists(to) && fs::exists(from)) fs::copy_file(from, to);
  }
}

fs::path MiniVqav2::image(std::size_t question) const {
  const auto id = questions["questions"][question]["image_id"].get<std::int64_t>();
  return root / split / fmt::format("COCO_{}_{:012}.jpg", split, id);
}

}  // namespace bteval::testing
