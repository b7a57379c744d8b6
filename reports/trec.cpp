#include "reports/trec.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <limits>
#include <utility>

namespace bteval::reports {
namespace {

constexpr std::size_t kFlushBytes = std::size_t{1} << 20;

void flush(AtomicFile& file, std::string& buffer, std::size_t at_least) {
  if (buffer.size() < at_least || buffer.empty()) return;
  file.write(buffer);
  buffer.clear();
}

}  // namespace

std::string trec_id(std::string_view kind, std::string_view id) {
  std::string out(kind);
  out += ':';
  for (const char c : id) {
    if (c > ' ' && c < '\x7f' && c != '%') {
      out += c;
    } else {
      fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::vector<float> strictly_descending(std::span<const double> scores) {
  constexpr float kLargest = std::numeric_limits<float>::max();
  std::vector<float> out;
  out.reserve(scores.size());
  for (const double score : scores) {
    if (std::isinf(score) && score < 0) break;
    float value = static_cast<float>(std::clamp<double>(score, -kLargest, kLargest));
    if (!out.empty() && value >= out.back()) value = std::nextafter(out.back(), -kLargest);
    out.push_back(value);
  }
  return out;
}

TrecRunWriter::TrecRunWriter(const std::filesystem::path& path, std::string tag)
    : file_(path), tag_(std::move(tag)) {}

void TrecRunWriter::add(std::string_view query, std::span<const Answer> answers) {
  std::vector<double> scores;
  scores.reserve(answers.size());
  for (const Answer& answer : answers) scores.push_back(answer.score);
  const std::vector<float> printed = strictly_descending(scores);
  for (std::size_t i = 0; i < printed.size(); ++i) {
    // The shortest decimal number that reads back as the same float32.
    fmt::format_to(std::back_inserter(buffer_), "{} Q0 {} {} {} {}\n", query, answers[i].document, i + 1,
                   printed[i], tag_);
  }
  flush(file_, buffer_, kFlushBytes);
}

void TrecRunWriter::commit() {
  flush(file_, buffer_, 0);
  file_.commit();
}

TrecQrelsWriter::TrecQrelsWriter(const std::filesystem::path& path) : file_(path) {}

void TrecQrelsWriter::add(std::string_view query, std::string_view document) {
  fmt::format_to(std::back_inserter(buffer_), "{} 0 {} 1\n", query, document);
  flush(file_, buffer_, kFlushBytes);
}

void TrecQrelsWriter::commit() {
  flush(file_, buffer_, 0);
  file_.commit();
}

}  // namespace bteval::reports
