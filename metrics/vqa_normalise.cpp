#include "metrics/vqa_normalise.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <utility>

#include "metrics/python_text.h"

namespace bteval::metrics {
namespace {

constexpr std::string_view kMarks = ";/[]\"{}()=+\\_-><@`,?!";
constexpr int kMaxPeriods = 32;  // the value of re.UNICODE, which the original passes as the count

// Bit of a mark within a set of marks; 0 for every other byte.
constexpr std::array<std::uint32_t, 256> kMarkBits = [] {
  std::array<std::uint32_t, 256> bits{};
  for (std::size_t i = 0; i < kMarks.size(); ++i) bits[static_cast<unsigned char>(kMarks[i])] = 1U << i;
  return bits;
}();

constexpr std::uint32_t mark_bit(char c) { return kMarkBits[static_cast<unsigned char>(c)]; }

constexpr std::pair<std::string_view, std::string_view> kNumbers[] = {
    {"none", "0"}, {"zero", "0"}, {"one", "1"},   {"two", "2"},   {"three", "3"}, {"four", "4"},
    {"five", "5"}, {"six", "6"},  {"seven", "7"}, {"eight", "8"}, {"nine", "9"},  {"ten", "10"}};

// In order of the first column. Left out are the original's entries that change nothing: those that map to
// themselves, and those with a capital, which no lower-cased word equals. "somebody'd" does lose its
// apostrophe.
// clang-format off
constexpr std::pair<std::string_view, std::string_view> kContractions[] = {
    {"'ow'sat", "'ow's'at"}, {"'ows'at", "'ow's'at"}, {"aint", "ain't"},
    {"arent", "aren't"}, {"cant", "can't"}, {"couldn'tve", "couldn't've"},
    {"couldnt", "couldn't"}, {"couldnt've", "couldn't've"}, {"couldve", "could've"},
    {"didnt", "didn't"}, {"doesnt", "doesn't"}, {"dont", "don't"},
    {"hadn'tve", "hadn't've"}, {"hadnt", "hadn't"}, {"hadnt've", "hadn't've"},
    {"hasnt", "hasn't"}, {"havent", "haven't"}, {"he'dve", "he'd've"},
    {"hed", "he'd"}, {"hed've", "he'd've"}, {"hes", "he's"},
    {"howd", "how'd"}, {"howll", "how'll"}, {"hows", "how's"},
    {"isnt", "isn't"}, {"it'dve", "it'd've"}, {"itd", "it'd"},
    {"itd've", "it'd've"}, {"itll", "it'll"}, {"maam", "ma'am"},
    {"mightn'tve", "mightn't've"}, {"mightnt", "mightn't"}, {"mightnt've", "mightn't've"},
    {"mightve", "might've"}, {"mustnt", "mustn't"}, {"mustve", "must've"},
    {"neednt", "needn't"}, {"notve", "not've"}, {"oclock", "o'clock"},
    {"oughtnt", "oughtn't"}, {"ow's'at", "'ow's'at"}, {"shant", "shan't"},
    {"she'dve", "she'd've"}, {"shed've", "she'd've"}, {"shouldn'tve", "shouldn't've"},
    {"shouldnt", "shouldn't"}, {"shouldnt've", "shouldn't've"}, {"shouldve", "should've"},
    {"somebody'd", "somebodyd"}, {"somebody'dve", "somebody'd've"}, {"somebodyd've", "somebody'd've"},
    {"somebodyll", "somebody'll"}, {"somebodys", "somebody's"}, {"someone'dve", "someone'd've"},
    {"someoned", "someone'd"}, {"someoned've", "someone'd've"}, {"someonell", "someone'll"},
    {"someones", "someone's"}, {"something'dve", "something'd've"}, {"somethingd", "something'd"},
    {"somethingd've", "something'd've"}, {"somethingll", "something'll"}, {"thats", "that's"},
    {"there'dve", "there'd've"}, {"thered", "there'd"}, {"thered've", "there'd've"},
    {"therere", "there're"}, {"theres", "there's"}, {"they'dve", "they'd've"},
    {"theyd", "they'd"}, {"theyd've", "they'd've"}, {"theyll", "they'll"},
    {"theyre", "they're"}, {"theyve", "they've"}, {"twas", "'twas"},
    {"wasnt", "wasn't"}, {"we'dve", "we'd've"}, {"wed've", "we'd've"},
    {"werent", "weren't"}, {"weve", "we've"}, {"whatll", "what'll"},
    {"whatre", "what're"}, {"whats", "what's"}, {"whatve", "what've"},
    {"whens", "when's"}, {"whered", "where'd"}, {"wheres", "where's"},
    {"whereve", "where've"}, {"who'dve", "who'd've"}, {"whod", "who'd"},
    {"whod've", "who'd've"}, {"wholl", "who'll"}, {"whos", "who's"},
    {"whove", "who've"}, {"whyll", "why'll"}, {"whyre", "why're"},
    {"whys", "why's"}, {"wont", "won't"}, {"wouldn'tve", "wouldn't've"},
    {"wouldnt", "wouldn't"}, {"wouldnt've", "wouldn't've"}, {"wouldve", "would've"},
    {"y'all'dve", "y'all'd've"}, {"y'alld've", "y'all'd've"}, {"y'allll", "y'all'll"},
    {"yall", "y'all"}, {"yall'd've", "y'all'd've"}, {"yall'll", "y'all'll"},
    {"you'dve", "you'd've"}, {"youd", "you'd"}, {"youd've", "you'd've"},
    {"youll", "you'll"}, {"youre", "you're"}, {"youve", "you've"},
};
// clang-format on
static_assert(std::is_sorted(std::begin(kContractions), std::end(kContractions)));

std::string_view contraction_of(std::string_view word) {
  const auto* found = std::lower_bound(std::begin(kContractions), std::end(kContractions), word,
                                       [](const auto& entry, std::string_view w) { return entry.first < w; });
  return found != std::end(kContractions) && found->first == word ? found->second : word;
}

std::string_view number_of(std::string_view word) {
  if (word.size() < 3 || word.size() > 5) return word;
  const auto* found = std::find_if(std::begin(kNumbers), std::end(kNumbers),
                                   [&](const auto& entry) { return entry.first == word; });
  return found != std::end(kNumbers) ? found->second : word;
}

bool is_article(std::string_view word) { return word == "a" || word == "an" || word == "the"; }

// The marks that are to be deleted; the others become spaces.
std::uint32_t deleted_marks(std::string_view text) {
  std::uint32_t deleted = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ',' && python_digit_before(text, i) && python_digit_at(text, i + 1)) return ~0U;
    if (i == 0) continue;
    if (text[i] == ' ') deleted |= mark_bit(text[i - 1]);
    if (text[i - 1] == ' ') deleted |= mark_bit(text[i]);
  }
  return deleted;
}

std::string remove_periods(std::string text) {
  std::size_t kept = 0;
  int removed = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '.' && removed < kMaxPeriods && !python_digit_at(text, i + 1)) {
      ++removed;
    } else {
      text[kept++] = text[i];
    }
  }
  text.resize(kept);
  return text;
}

}  // namespace

std::string clean_vqa_answer(std::string_view answer) {
  std::string out(python_strip(answer));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  return out;
}

std::string normalise_vqa_punctuation(std::string_view answer) {
  const std::uint32_t deleted = deleted_marks(answer);
  std::string out;
  out.reserve(answer.size());
  for (const char c : answer) {
    const std::uint32_t bit = mark_bit(c);
    if (bit == 0) {
      out += c;
    } else if ((deleted & bit) == 0) {
      out += ' ';
    }
  }
  return remove_periods(std::move(out));
}

std::string normalise_vqa_words(std::string_view answer) {
  const std::string lower = python_lower(answer);
  std::string out;
  for (std::string_view word : python_split(lower)) {
    word = number_of(word);
    if (is_article(word)) continue;
    if (!out.empty()) out += ' ';
    out += contraction_of(word);
  }
  return out;
}

std::string normalise_vqa_answer(std::string_view answer) {
  return normalise_vqa_words(normalise_vqa_punctuation(answer));
}

}  // namespace bteval::metrics
