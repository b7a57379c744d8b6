#include "text/bpe_model.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <queue>

#include "core/checked.h"
#include "core/utf8.h"
#include "text/byte_alphabet.h"
#include "text/pretokenizer.h"

namespace bteval::text {
namespace {

/// Up to this many symbols a scan beats the heap.
constexpr std::size_t kShortWord = 64;

std::size_t total_bytes(const BpeSpec& spec) {
  std::size_t bytes = 0;
  for (const auto& [token, id] : spec.vocabulary) bytes += token.size();
  return bytes;
}

[[noreturn]] void refuse(const std::string& file, std::string record, std::string message) {
  throw Error(ErrorCode::kCheckpoint, std::move(message), {file, std::move(record), std::nullopt});
}

}  // namespace

BpeModel::BpeModel(const BpeSpec& spec)
    : vocabulary_(spec.vocabulary.size(), total_bytes(spec)),
      merges_(spec.merges.size()),
      words_(spec.vocabulary.size(), total_bytes(spec)),
      fuse_unk_(spec.fuse_unk) {
  add_vocabulary(spec);
  add_merges(spec);
  add_words(spec);
}

void BpeModel::add_vocabulary(const BpeSpec& spec) {
  std::vector<std::pair<std::int32_t, std::size_t>> by_id;
  for (std::size_t i = 0; i < spec.vocabulary.size(); ++i) {
    const auto& [token, id] = spec.vocabulary[i];
    if (!vocabulary_.insert(token, id))
      refuse(spec.vocabulary_file, printable(token), "the token stands there twice");
    by_id.emplace_back(id, i);
  }
  std::sort(by_id.begin(), by_id.end());
  const auto twin = std::adjacent_find(by_id.begin(), by_id.end(),
                                       [](const auto& a, const auto& b) { return a.first == b.first; });
  if (twin != by_id.end()) {
    refuse(
        spec.vocabulary_file, fmt::format("id {}", twin->first),
        fmt::format("two tokens share it: '{}' and '{}'", printable(spec.vocabulary[twin->second].first, 40),
                    printable(spec.vocabulary[std::next(twin)->second].first, 40)));
  }
  if (!by_id.empty()) max_id_ = by_id.back().first;
  for (unsigned byte = 0; byte < 256; ++byte) {
    std::string token;
    utf8_append(token, character_of_byte(static_cast<unsigned char>(byte)));
    byte_ids_[byte] = vocabulary_.find(token);
  }
  if (spec.unk_token) {
    unk_id_ = vocabulary_.find(*spec.unk_token);
    if (unk_id_ < 0) {
      refuse(spec.vocabulary_file, "unk_token",
             fmt::format("'{}' is not in the vocabulary", printable(*spec.unk_token)));
    }
  }
}

void BpeModel::add_merges(const BpeSpec& spec) {
  for (std::size_t rank = 0; rank < spec.merges.size(); ++rank) {
    const auto& [left, right, place] = spec.merges[rank];
    const auto known = [&, at = place](const std::string& token) {
      const std::int32_t id = vocabulary_.find(token);
      if (id < 0) {
        refuse(spec.merges_file, merge_record(spec, at),
               fmt::format("'{}' is not in the vocabulary", printable(token)));
      }
      return id;
    };
    const std::int32_t left_id = known(left), right_id = known(right);
    const auto position = checked_cast<std::uint32_t>(rank, "the number of merges");
    // Where a pair is listed twice, the later rank counts, as in `tokenizers`.
    merges_.insert(left_id, right_id, {position, known(left + right)});
  }
}

void BpeModel::add_words(const BpeSpec& spec) {
  std::vector<std::int32_t> ids;
  for (const auto& [token, id] : spec.vocabulary) {
    const auto bytes = bytes_of_token(token);
    if (!bytes) continue;
    if (!spec.ignore_merges) {
      ids.clear();
      merge_word(*bytes, ids);
      if (ids.size() != 1 || ids.front() != id) continue;
    }
    words_.insert(*bytes, id);
  }
}

void BpeModel::encode_word(std::string_view word, std::vector<std::int32_t>& ids) const {
  if (word.size() <= words_.longest()) {
    if (const std::int32_t id = words_.find(word); id >= 0) {
      ids.push_back(id);
      return;
    }
  }
  merge_word(word, ids);
}

void BpeModel::merge_word(std::string_view word, std::vector<std::int32_t>& ids) const {
  if (word.size() <= kShortWord) {
    std::array<std::int32_t, kShortWord> symbols;
    const std::size_t count = merge_short(symbols.data(), symbols_of(word, symbols.data()));
    ids.insert(ids.end(), symbols.begin(), symbols.begin() + static_cast<std::ptrdiff_t>(count));
    return;
  }
  std::vector<std::int32_t> symbols(word.size());
  symbols.resize(symbols_of(word, symbols.data()));
  merge_long(symbols);
  ids.insert(ids.end(), symbols.begin(), symbols.end());
}

/// Writes the ids of the word's bytes, and returns how many they are: at most word.size().
std::size_t BpeModel::symbols_of(std::string_view word, std::int32_t* symbols) const {
  std::size_t count = 0;
  bool fused = false;
  for (const char character : word) {
    const std::int32_t id = byte_ids_[static_cast<unsigned char>(character)];
    if (id >= 0) {
      symbols[count++] = id;
      fused = false;
    } else if (unk_id_ >= 0 && !(fuse_unk_ && fused)) {
      symbols[count++] = unk_id_;
      fused = true;
    }
  }
  return count;
}

std::size_t BpeModel::merge_short(std::int32_t* symbols, std::size_t count) const {
  if (count < 2) return count;
  std::array<Merge, kShortWord> merges;  // merges[i] is that of symbols i and i + 1
  for (std::size_t i = 0; i + 1 < count; ++i) merges[i] = merges_.find(symbols[i], symbols[i + 1]);
  while (count > 1) {
    std::size_t best = 0;
    for (std::size_t i = 1; i + 1 < count; ++i) {
      if (merges[i].rank < merges[best].rank) best = i;
    }
    if (merges[best].rank == Merge::kNone) break;
    symbols[best] = merges[best].result;
    const std::size_t behind = count - best - 2;  // symbols after the merged two
    std::memmove(symbols + best + 1, symbols + best + 2, behind * sizeof symbols[0]);
    if (behind > 0) std::memmove(&merges[best], &merges[best + 1], behind * sizeof merges[0]);
    --count;
    if (best > 0) merges[best - 1] = merges_.find(symbols[best - 1], symbols[best]);
    if (behind > 0) merges[best] = merges_.find(symbols[best], symbols[best + 1]);
  }
  return count;
}

void BpeModel::merge_long(std::vector<std::int32_t>& symbols) const {
  const auto count = checked_cast<std::uint32_t>(symbols.size(), "a word's length");
  if (count == UINT32_MAX) throw Error(ErrorCode::kData, "a word is too long");
  constexpr std::int32_t kGone = -1;
  std::vector<std::uint32_t> next(count), previous(count);
  // Rank in the upper, position in the lower half: the smallest key is the lowest rank, and of those the
  // leftmost.
  std::vector<std::uint64_t> keys;
  const auto key_of = [](std::uint32_t rank, std::uint32_t pos) {
    return (static_cast<std::uint64_t>(rank) << 32) | pos;
  };
  for (std::uint32_t i = 0; i < count; ++i) {
    next[i] = i + 1;
    previous[i] = i - 1;  // that of the first one wraps and is never followed
    if (i + 1 == count) break;
    if (const Merge merge = merges_.find(symbols[i], symbols[i + 1]); merge.rank != Merge::kNone) {
      keys.push_back(key_of(merge.rank, i));
    }
  }
  std::priority_queue<std::uint64_t, std::vector<std::uint64_t>, std::greater<>> queue({}, std::move(keys));
  const auto offer = [&](std::uint32_t pos) {
    if (next[pos] >= count) return;
    const Merge merge = merges_.find(symbols[pos], symbols[next[pos]]);
    if (merge.rank != Merge::kNone) queue.push(key_of(merge.rank, pos));
  };
  while (!queue.empty()) {
    const auto pos = static_cast<std::uint32_t>(queue.top());
    const auto rank = static_cast<std::uint32_t>(queue.top() >> 32);
    queue.pop();
    if (symbols[pos] == kGone || next[pos] >= count) continue;
    const std::uint32_t right = next[pos];
    const Merge merge = merges_.find(symbols[pos], symbols[right]);
    if (merge.rank != rank) continue;  // the pair was merged otherwise meanwhile
    symbols[pos] = merge.result;
    symbols[right] = kGone;
    next[pos] = next[right];
    if (next[pos] < count) previous[next[pos]] = pos;
    if (pos > 0) offer(previous[pos]);
    offer(pos);
  }
  std::erase(symbols, kGone);
}

void encode_plain_text(const BpeModel& model, std::string_view text, std::vector<std::int32_t>& ids) {
  for (std::size_t pos = 0; pos < text.size();) {
    const std::size_t end = word_end(text, pos);
    model.encode_word(text.substr(pos, end - pos), ids);
    pos = end;
  }
}

}  // namespace bteval::text
