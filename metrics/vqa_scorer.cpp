#include "metrics/vqa_scorer.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "core/error.h"
#include "metrics/vqa_normalise.h"

namespace bteval::metrics {

std::string_view vqa_variant_name(VqaVariant variant) {
  switch (variant) {
    case VqaVariant::kOfficial2021:
      return "official-2021";
    case VqaVariant::kPre2021:
      return "pre-2021";
    case VqaVariant::kLabelScore:
      return "label-score";
  }
  return "";
}

VqaVariant vqa_variant(std::string_view name) {
  std::string names;
  for (const VqaVariant variant : kVqaVariants) {
    if (name == vqa_variant_name(variant)) return variant;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", vqa_variant_name(variant));
  }
  throw Error(ErrorCode::kUsage, fmt::format("there is no scorer '{}'; choose one of {}", name, names));
}

VqaScorer::VqaScorer(const records::VqaAnnotations& annotations, VqaVariant variant,
                     std::span<const std::string> vocabulary)
    : annotations_(annotations), variant_(variant) {
  const std::size_t n = annotations.strings.size();
  if (variant == VqaVariant::kLabelScore) {
    if (vocabulary.empty()) {
      throw Error(ErrorCode::kUsage, "the scorer label-score needs the answer vocabulary of the model");
    }
    const std::unordered_set<std::string_view> known(vocabulary.begin(), vocabulary.end());
    in_vocabulary_.resize(n);
    for (std::size_t id = 0; id < n; ++id) {
      in_vocabulary_[id] = known.contains(annotations.strings.text(static_cast<Id>(id)));
    }
    return;
  }
  plain_form_.resize(n);
  normalised_form_.resize(n);
  std::vector<bool> is_answer(n);
  for (const records::VqaAnswer& answer : annotations.answers) is_answer[answer.answer] = true;
  for (std::size_t id = 0; id < n; ++id) {
    if (!is_answer[id]) continue;
    const std::string raw(annotations.strings.text(static_cast<Id>(id)));
    if (variant == VqaVariant::kOfficial2021) {
      const std::string clean = clean_vqa_answer(raw);
      plain_form_[id] = forms_.intern(clean);
      normalised_form_[id] = forms_.intern(normalise_vqa_answer(clean));
    } else {
      plain_form_[id] = forms_.intern(raw);
      normalised_form_[id] = forms_.intern(normalise_vqa_punctuation(raw));
    }
  }
}

std::optional<double> VqaScorer::score(std::size_t index, std::string_view prediction) const {
  const records::VqaAnnotation& annotation = annotations_.annotations.at(index);
  if (variant_ == VqaVariant::kLabelScore) return label_score(annotation, prediction);
  return official_score(annotation, prediction);
}

double VqaScorer::official_score(const records::VqaAnnotation& annotation,
                                 std::string_view prediction) const {
  const auto humans = annotations_.answers_of(annotation);
  if (humans.empty()) return 0;
  const bool all_equal = std::all_of(humans.begin(), humans.end(), [&](const records::VqaAnswer& human) {
    return plain_form_[human.answer] == plain_form_[humans.front().answer];
  });
  const std::vector<Id>& form = all_equal ? plain_form_ : normalised_form_;
  const std::string clean = clean_vqa_answer(prediction);
  const bool normalise = !all_equal || variant_ == VqaVariant::kPre2021;
  const auto predicted = forms_.find(normalise ? normalise_vqa_answer(clean) : clean);
  if (!predicted) return 0;

  double sum = 0;
  for (const records::VqaAnswer& human : humans) {
    int matches = 0;
    for (const records::VqaAnswer& other : humans) {
      if (form[other.answer] != *predicted) continue;
      const bool same_record = form[human.answer] == *predicted && human.confidence == other.confidence &&
                               human.answer_id == other.answer_id;
      matches += same_record ? 0 : 1;
    }
    sum += std::min(1.0, matches / 3.0);
  }
  return sum / static_cast<double>(humans.size());
}

std::optional<double> VqaScorer::label_score(const records::VqaAnnotation& annotation,
                                             std::string_view prediction) const {
  // ViLT's get_score(), which METER and BridgeTower took over.
  static constexpr std::array<double, 5> kScores = {0.0, 0.3, 0.6, 0.9, 1.0};
  bool counts = false;
  std::size_t matches = 0;
  for (const records::VqaAnswer& human : annotations_.answers_of(annotation)) {
    if (!in_vocabulary_[human.answer]) continue;
    counts = true;
    matches += annotations_.strings.text(human.answer) == prediction ? 1 : 0;
  }
  if (!counts) return std::nullopt;
  return kScores[std::min(matches, kScores.size() - 1)];
}

}  // namespace bteval::metrics
