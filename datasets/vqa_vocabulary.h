// The answers that a VQA checkpoint's classifier knows, in the order of its labels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/bytes.h"
#include "records/vqa.h"

namespace bteval::datasets {

/// label -> answer, each answer once. "" can be an answer. Reading is safe from several threads.
class AnswerVocabulary {
 public:
  /// Takes answers in label order. Error(kData) naming `name` and both labels where an answer stands twice,
  /// or where there is none.
  AnswerVocabulary(std::vector<std::string> answers, const std::string& name);

  /// Reads a list of any of the forms in use:
  /// - a JSON list of answers;
  /// - a JSON object from answers to labels, or from labels to answers;
  /// - a JSON list of two such objects that say the same, answers to labels first (OpenVQA);
  /// - a config.json with "id2label" (Hugging Face);
  /// - a text file (its name ends in .txt) with one answer a line.
  /// Error(kData) where it is none of these, labels are missing or repeated, or names are placeholders
  /// ("LABEL_0").
  static AnswerVocabulary read(const std::filesystem::path& path);
  static AnswerVocabulary parse(const Bytes& file);

  std::size_t size() const { return answers_.size(); }
  /// Requires label < size().
  const std::string& answer(std::size_t label) const { return answers_[label]; }
  const std::vector<std::string>& answers() const { return answers_; }
  std::optional<std::uint32_t> label(std::string_view answer) const;

  /// Digest of the compact JSON list of the answers in UTF-8; in Python
  /// sha256(json.dumps(answers, ensure_ascii=False, separators=(",", ":")).encode()).
  const std::string& sha256() const { return sha256_; }

 private:
  std::vector<std::string> answers_;
  std::unordered_map<std::string, std::uint32_t> labels_;
  std::string sha256_;
};

/// Rebuilds the vocabulary as ViLT, METER and BridgeTower do: normalise every multiple_choice_answer, the
/// training annotations first, then the validation ones, in file order; keep what was seen at least
/// `min_count` times; number in order of first appearance. min_count 9 gives the 3,129 answers of the
/// published checkpoints.
class VocabularyBuilder {
 public:
  /// `normalise` is metrics::normalise_vqa_answer; data sets do not know the metrics.
  explicit VocabularyBuilder(std::function<std::string(std::string_view)> normalise)
      : normalise_(std::move(normalise)) {}

  void add(const records::VqaAnnotations& annotations);
  /// Error(kData) where no answer is frequent enough.
  AnswerVocabulary build(std::size_t min_count = 9) const;

 private:
  std::function<std::string(std::string_view)> normalise_;
  records::StringPool answers_;
  std::vector<std::size_t> counts_;  // by number in answers_
};

}  // namespace bteval::datasets
