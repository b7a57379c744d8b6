#include <map>
#include <unordered_map>
#include <utility>

#include "core/io_retry.h"
#include "datasets/arrow_layout.h"
#include "datasets/arrow_source.h"
#include "datasets/arrow_splits.h"
#include "datasets/json_fields.h"
#include "datasets/nlvr2_json.h"
#include "datasets/nlvr2_layout.h"
#include "datasets/text_id_index.h"

namespace bteval::datasets {
namespace {

// "dev-850-0" as the identifier of a sentence of it, to be taken apart.
Nlvr2Identifier parse_row_identifier(const std::string& with_sentence, const std::string& identifier,
                                     const ArrowTable& table, std::size_t row) {
  const auto parsed = parse_nlvr2_identifier(with_sentence);
  if (!parsed) {
    table.fail(
        row, fmt::format("the identifier \"{}\" has not the form split-set-pair", printable(identifier, 60)));
  }
  return *parsed;
}

std::optional<bool> truth(const std::string& answer, const ArrowTable& table, std::size_t row) {
  const std::optional<bool> value = nlvr2_truth(answer);
  if (!value)
    table.fail(row, fmt::format("the answer is neither True nor False: \"{}\"", printable(answer, 40)));
  return value;
}

// A row's sentences and, where the table has any, answers.
struct Sentences {
  std::vector<std::string> texts;
  std::vector<std::string> answers;
};

Sentences read_sentences(const ArrowTable& table, std::size_t row) {
  Sentences out{table.texts("questions", row), table.texts("answers", row)};
  if (!out.answers.empty() && out.answers.size() != out.texts.size()) {
    table.fail(row, fmt::format("has {} sentences and {} answers", out.texts.size(), out.answers.size()));
  }
  for (const std::string& text : out.texts) {
    if (!has_text(text)) table.fail(row, "a sentence is empty");
  }
  return out;
}

class ArrowNlvr2Builder {
 public:
  explicit ArrowNlvr2Builder(const std::filesystem::path& path)
      : source_(path), rows_(source_->name(), "identifier") {}

  void add_rows(Nlvr2& out) {
    out.samples.owners.push_back(source_.owner());
    for (std::size_t row = 0; row < source_->num_rows(); ++row) add_row(row, out);
    out.labels.num_groups = static_cast<std::uint32_t>(groups_.size());
  }

  void add_subset(const std::string& kind, const std::filesystem::path& path, Nlvr2& out) const {
    ArrowSource subset(path, kind);
    records::SampleSubset samples{kind, {}};
    for (std::size_t row = 0; row < subset->num_rows(); ++row) {
      const std::string identifier = subset->text("identifier", row);
      const Sentences sentences = read_sentences(subset.table(), row);
      for (std::size_t i = 0; i < sentences.texts.size(); ++i) {
        const auto found = sample_of_.find(key(identifier, sentences.texts[i]));
        if (found == sample_of_.end()) {
          subset->fail(
              row, fmt::format("sentence {} of {} is not in {}", i, printable(identifier), source_->name()));
        }
        const std::optional<bool>& label = out.labels.labels[found->second];
        if (label && !sentences.answers.empty() &&
            *label != *truth(sentences.answers[i], subset.table(), row)) {
          subset->fail(row, fmt::format("sentence {} has another answer than in {}", i, source_->name()));
        }
        samples.samples.push_back(found->second);
      }
    }
    out.labels.subsets.push_back(std::move(samples));
    out.files.push_back(subset.source());
  }

  records::SourceFile source() { return source_.source(); }

 private:
  static std::string key(const std::string& identifier, const std::string& text) {
    return identifier + "\n" + text;
  }

  void add_row(std::size_t row, Nlvr2& out) {
    const std::string identifier = source_->text("identifier", row);
    const std::string with_sentence = identifier + "-0";
    const Nlvr2Identifier parsed = parse_row_identifier(with_sentence, identifier, source_.table(), row);
    rows_.add(identifier);
    const auto image = static_cast<std::uint32_t>(out.samples.images.size());
    out.samples.images.push_back(source_.image(parsed.image_name(0), "image_0", row));
    out.samples.images.push_back(source_.image(parsed.image_name(1), "image_1", row));
    const Sentences sentences = read_sentences(source_.table(), row);
    for (std::size_t i = 0; i < sentences.texts.size(); ++i) {
      const std::string& text = sentences.texts[i];
      const auto sample = static_cast<std::uint32_t>(out.samples.samples.size());
      out.samples.samples.push_back({fmt::format("{}-s{}", identifier, i), text, {image, image + 1}});
      sample_of_.try_emplace(key(identifier, text), sample);
      const std::string group = fmt::format("{}-{}\n{}", parsed.split, parsed.set, text);
      const auto next = static_cast<std::uint32_t>(groups_.size());
      out.labels.group_of_example.push_back(groups_.try_emplace(group, next).first->second);
      out.labels.labels.push_back(
          sentences.answers.empty() ? std::nullopt : truth(sentences.answers[i], source_.table(), row));
      if (!out.labels.labels.back()) ++out.unlabelled;
    }
  }

  ArrowSource source_;
  TextIdIndex rows_;
  std::unordered_map<std::string, std::uint32_t> sample_of_;  // identifier and text -> sample
  std::unordered_map<std::string, std::uint32_t> groups_;
};

}  // namespace

std::vector<std::string> nlvr2_arrow_names(const std::string& split) {
  return {"nlvr2_" + nlvr2_split(split)};
}

Nlvr2 open_nlvr2_arrow(const std::filesystem::path& path, const std::string& split) {
  ArrowNlvr2Builder builder(path);
  Nlvr2 out;
  out.split = nlvr2_split(split);
  out.official_ids = false;
  builder.add_rows(out);
  for (const char* kind : {"balanced", "unbalanced"}) {
    const auto subset = path.parent_path() / fmt::format("nlvr2_{}_{}.arrow", kind, out.split);
    if (path_exists(subset)) builder.add_subset(kind, subset, out);
  }
  out.files.insert(out.files.begin(), builder.source());
  return out;
}

}  // namespace bteval::datasets
