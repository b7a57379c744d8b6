// Strings that repeat, each stored once.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace bteval::records {

/// Gives equal strings the same number, counted from 0 in order of first appearance. Reading is safe from
/// several threads; interning is not. Moving keeps all views valid; it cannot be copied.
class StringPool {
 public:
  using Id = std::uint32_t;

  StringPool() = default;
  StringPool(StringPool&&) = default;
  StringPool& operator=(StringPool&&) = default;
  StringPool(const StringPool&) = delete;
  StringPool& operator=(const StringPool&) = delete;

  Id intern(std::string_view text) {
    const auto found = ids_.find(text);
    if (found != ids_.end()) return found->second;
    const auto id = static_cast<Id>(texts_.size());
    ids_.emplace(texts_.emplace_back(text), id);
    return id;
  }

  /// The same, quicker where the string is probably the one with the number `guess`.
  Id intern(std::string_view text, Id guess) {
    return guess < texts_.size() && texts_[guess] == text ? guess : intern(text);
  }

  /// The number of a string that has one.
  std::optional<Id> find(std::string_view text) const {
    const auto found = ids_.find(text);
    return found == ids_.end() ? std::nullopt : std::optional(found->second);
  }

  /// Requires id < size(). The view stays valid as long as the pool.
  std::string_view text(Id id) const { return texts_[id]; }
  std::size_t size() const { return texts_.size(); }

 private:
  std::deque<std::string> texts_;  // a deque never moves its strings, which the keys of ids_ look into
  std::unordered_map<std::string_view, Id> ids_;
};

}  // namespace bteval::records
