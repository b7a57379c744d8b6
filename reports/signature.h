// The one-line signature that says how a number came about, in the manner of sacreBLEU (Post, 2018, "A Call
// for Clarity in Reporting BLEU Scores").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bteval::reports {

/// Builds "vqav2|split:val2014|scorer:official-2021|n:214354|bteval:0.1.0". Equal signatures mean comparable
/// numbers.
///
/// Values may hold anything: '|', ':' , '%' and whatever is no printable ASCII are percent-encoded byte by
/// byte, so that the line splits unambiguously at '|' and at each part's first ':'.
class Signature {
 public:
  explicit Signature(std::string task) : task_(std::move(task)) {}

  /// Appends one part; keys keep the order of their insertion.
  Signature& add(std::string_view key, std::string_view value);
  Signature& add(std::string_view key, std::int64_t value);
  /// Appends the first twelve digits of a SHA-256: enough to tell files apart, short enough to be pasted.
  Signature& add_sha256(std::string_view key, std::string_view sha256);

  std::string line() const;

 private:
  std::string task_;
  std::vector<std::pair<std::string, std::string>> parts_;
};

}  // namespace bteval::reports
