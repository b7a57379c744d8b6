// How the official VQA scorer normalises answers before it compares them.
//
// The rules are those of VQAEval in GT-Vision-Lab/VQA as of 2021-03-11 (and of normalize_word in METER and
// BridgeTower, which does the same), oddities included: they are part of every published number.
#pragma once

#include <string>
#include <string_view>

namespace bteval::metrics {

/// What is done to every answer first: newlines and tabs become spaces, then white space at both ends goes.
std::string clean_vqa_answer(std::string_view answer);

/// Removes punctuation marks or turns them into spaces, then removes periods.
///
/// A mark is deleted everywhere where the input has it beside a space anywhere, or where the input has a
/// comma between two digits anywhere; else each copy becomes a space. A period stays only before a digit; the
/// original passes a flag as the count, so that no more than 32 periods go.
std::string normalise_vqa_punctuation(std::string_view answer);

/// Lower-cases, splits at white space, turns number words up to ten into digits, drops articles, restores the
/// apostrophe of contractions, and joins with single spaces.
std::string normalise_vqa_words(std::string_view answer);

/// Both in this order. Also what makes `multiple_choice_answer` an entry of the answer vocabulary.
std::string normalise_vqa_answer(std::string_view answer);

}  // namespace bteval::metrics
