#include "datasets/vqav2.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "core/error.h"
#include "datasets/arrow_layout.h"
#include "datasets/arrow_splits.h"
#include "datasets/id_index.h"
#include "datasets/source.h"
#include "datasets/vqa_json.h"
#include "datasets/vqav2_layout.h"

namespace bteval::datasets {
namespace {

namespace fs = std::filesystem;

// Sets of ids that differ are reported with a number and the first few, not with the first alone.
std::string examples(const std::vector<std::int64_t>& ids) {
  constexpr std::size_t kNamed = 3;
  std::string out;
  for (std::size_t i = 0; i < std::min(kNamed, ids.size()); ++i)
    out += fmt::format("{}{}", i == 0 ? "" : ", ", ids[i]);
  return out + (ids.size() > kNamed ? ", …" : "");
}

void join(const VqaQuestionFile& questions, const std::string& question_file,
          const std::string& annotation_file, VqaAnswerSheet& sheet) {
  const auto& annotations = sheet.annotations->annotations;
  std::vector<std::int64_t> ids;
  ids.reserve(annotations.size());
  for (const records::VqaAnnotation& annotation : annotations) ids.push_back(annotation.question_id);
  const IdIndex index(ids, annotation_file, "question_id");
  std::vector<bool> used(annotations.size());
  std::vector<std::int64_t> without;
  sheet.annotation_of_question.reserve(questions.questions.size());
  for (const records::VqaQuestion& question : questions.questions) {
    const auto found = index.find(question.question_id);
    if (!found) {
      without.push_back(question.question_id);
      continue;
    }
    if (annotations[*found].image_id != question.image_id) {
      throw Error(ErrorCode::kData,
                  fmt::format("is about image {}, but in {} about image {}", annotations[*found].image_id,
                              question_file, question.image_id),
                  {annotation_file, fmt::format("question_id {}", question.question_id), std::nullopt});
    }
    used[*found] = true;
    sheet.annotation_of_question.push_back(*found);
  }
  if (!without.empty()) {
    throw Error(ErrorCode::kData,
                fmt::format("has no annotation for {} of the {} questions in {}", without.size(),
                            questions.questions.size(), question_file),
                {annotation_file, "question_id " + examples(without), std::nullopt});
  }
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (!used[i]) without.push_back(ids[i]);
  }
  if (!without.empty()) {
    throw Error(ErrorCode::kData,
                fmt::format("has {} annotations without a question in {}", without.size(), question_file),
                {annotation_file, "question_id " + examples(without), std::nullopt});
  }
}

fs::path image_folder(const Vqav2Options& options, const std::string& data_subtype) {
  if (options.images.empty()) return find_vqav2_images(vqav2_image_roots(options.root), data_subtype);
  std::error_code ignored;
  const fs::path inner = options.images / vqav2_image_subtype(data_subtype);
  if (fs::is_directory(inner, ignored)) return inner;
  if (fs::is_directory(options.images, ignored)) return options.images;
  throw Error(ErrorCode::kData, "the image folder does not exist",
              {options.images.string(), "", std::nullopt});
}

void add_images(records::SampleSet& samples, const fs::path& folder, const std::string& subtype,
                const std::vector<std::int64_t>& image_ids) {
  const char* extension =
      image_ids.empty() ? ".jpg" : vqav2_image_extension(folder, subtype, image_ids.front());
  for (std::size_t i = 0; i < image_ids.size(); ++i) {
    samples.images[i].path = vqav2_image_path(folder, subtype, image_ids[i], extension);
  }
}

// Fills in everything but the images' paths; returns the images' ids.
std::vector<std::int64_t> add_samples(std::vector<records::VqaQuestion> questions,
                                      records::SampleSet& samples) {
  std::vector<std::int64_t> image_ids;
  std::unordered_map<std::int64_t, std::uint32_t> image_index;
  samples.samples.reserve(questions.size());
  for (records::VqaQuestion& question : questions) {
    const auto [found, is_new] =
        image_index.try_emplace(question.image_id, static_cast<std::uint32_t>(image_ids.size()));
    if (is_new) {
      image_ids.push_back(question.image_id);
      samples.images.push_back({std::to_string(question.image_id), ""});
    }
    samples.samples.push_back(
        {std::to_string(question.question_id), std::move(question.question), {found->second}});
  }
  return image_ids;
}

Vqav2 open_files(const fs::path& question_path, const std::optional<fs::path>& annotation_path,
                 const Vqav2Options& options) {
  HashedFile question_source("questions", question_path);
  std::optional<HashedFile> annotation_source;
  if (annotation_path) annotation_source.emplace("annotations", *annotation_path);

  VqaQuestionFile questions = read_vqa_questions(question_source.bytes());
  Vqav2 out;
  out.split = options.split;
  out.data_subtype = questions.data_subtype;
  for (const records::VqaQuestion& question : questions.questions) {
    out.sheet.question_ids.push_back(question.question_id);
  }
  if (questions.questions.empty()) {
    throw Error(ErrorCode::kData, "has no questions", {question_source.bytes().name(), "", std::nullopt});
  }
  const IdIndex unique(out.sheet.question_ids, question_source.bytes().name(), "question_id");
  if (annotation_source) {
    out.sheet.annotations = read_vqa_annotations(annotation_source->bytes()).annotations;
    join(questions, question_source.bytes().name(), annotation_source->bytes().name(), out.sheet);
  }

  const std::vector<std::int64_t> image_ids = add_samples(std::move(questions.questions), out.samples);
  if (options.with_images) {
    try {
      const std::string subtype = vqav2_image_subtype(out.data_subtype);
      add_images(out.samples, image_folder(options, out.data_subtype), subtype, image_ids);
    } catch (const Error& error) {
      throw error.with_context({question_source.bytes().name(), "", std::nullopt});
    }
  }
  out.files.push_back(question_source.source());
  if (annotation_source) out.files.push_back(annotation_source->source());
  return out;
}

}  // namespace

Vqav2 open_vqav2(const Vqav2Options& options) {
  const Vqav2Split split = vqav2_split(options.split);
  if (options.questions.empty()) {
    const auto table = choose_arrow_table(options.root, vqav2_arrow_names(options.split), options.arrow,
                                          [&] { find_vqav2_questions(options.root, split); });
    if (table) return open_vqav2_arrow(*table, options.split);
  }
  const fs::path questions =
      options.questions.empty() ? find_vqav2_questions(options.root, split) : options.questions;
  std::optional<fs::path> annotations;
  if (!options.annotations.empty()) {
    annotations = options.annotations;
  } else if (options.questions.empty()) {
    annotations = find_vqav2_annotations(options.root, questions, split);
  }
  return open_files(questions, annotations, options);
}

Vqav2 open_vqav2_files(const fs::path& questions, const fs::path& annotations) {
  Vqav2Options options;
  options.questions = questions;
  options.annotations = annotations;
  options.with_images = false;
  Vqav2 out = open_vqav2(options);
  out.split = out.data_subtype;
  return out;
}

}  // namespace bteval::datasets
