#include "datasets/arrow_table.h"

#include "core/error.h"

namespace bteval::datasets {
namespace {

std::string to_text(ArrowValue::Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

void ArrowTable::fail(std::size_t row, const std::string& message) const {
  throw Error(ErrorCode::kData, message, {name_, fmt::format("row {}", row), std::nullopt});
}

void ArrowTable::fail_type(std::string_view column, std::size_t row, const char* wanted) const {
  fail(row, fmt::format("the column \"{}\" holds no {}", column, wanted));
}

std::span<const std::byte> ArrowTable::bytes(std::string_view column, std::size_t row) const {
  const ArrowValue value = cell(column, row);
  const auto* found = std::get_if<ArrowValue::Bytes>(&value.value);
  if (found == nullptr) fail_type(column, row, "bytes");
  return *found;
}

std::string ArrowTable::text(std::string_view column, std::size_t row) const {
  const ArrowValue value = cell(column, row);
  const auto* found = std::get_if<ArrowValue::Bytes>(&value.value);
  if (found == nullptr) fail_type(column, row, "text");
  return to_text(*found);
}

std::int64_t ArrowTable::integer(std::string_view column, std::size_t row) const {
  const ArrowValue value = cell(column, row);
  const auto* found = std::get_if<std::int64_t>(&value.value);
  if (found == nullptr) fail_type(column, row, "integer");
  return *found;
}

ArrowValue::List ArrowTable::list(std::string_view column, std::size_t row) const {
  ArrowValue value = cell(column, row);
  if (std::holds_alternative<std::monostate>(value.value)) return {};
  auto* found = std::get_if<ArrowValue::List>(&value.value);
  if (found == nullptr) fail_type(column, row, "list");
  return std::move(*found);
}

std::vector<std::string> ArrowTable::texts(std::string_view column, std::size_t row) const {
  std::vector<std::string> out;
  for (const ArrowValue& item : list(column, row)) {
    const auto* found = std::get_if<ArrowValue::Bytes>(&item.value);
    if (found == nullptr) fail_type(column, row, "list of texts");
    out.push_back(to_text(*found));
  }
  return out;
}

std::vector<std::int64_t> ArrowTable::integers(std::string_view column, std::size_t row) const {
  std::vector<std::int64_t> out;
  for (const ArrowValue& item : list(column, row)) {
    const auto* found = std::get_if<std::int64_t>(&item.value);
    if (found == nullptr) fail_type(column, row, "list of integers");
    out.push_back(*found);
  }
  return out;
}

std::vector<std::vector<std::string>> ArrowTable::text_lists(std::string_view column, std::size_t row) const {
  std::vector<std::vector<std::string>> out;
  for (const ArrowValue& item : list(column, row)) {
    const auto* inner = std::get_if<ArrowValue::List>(&item.value);
    if (inner == nullptr) fail_type(column, row, "list of lists of texts");
    std::vector<std::string>& texts = out.emplace_back();
    for (const ArrowValue& text : *inner) {
      const auto* found = std::get_if<ArrowValue::Bytes>(&text.value);
      if (found == nullptr) fail_type(column, row, "list of lists of texts");
      texts.push_back(to_text(*found));
    }
  }
  return out;
}

std::vector<std::vector<double>> ArrowTable::number_lists(std::string_view column, std::size_t row) const {
  std::vector<std::vector<double>> out;
  for (const ArrowValue& item : list(column, row)) {
    const auto* inner = std::get_if<ArrowValue::List>(&item.value);
    if (inner == nullptr) fail_type(column, row, "list of lists of numbers");
    std::vector<double>& numbers = out.emplace_back();
    for (const ArrowValue& number : *inner) {
      if (const auto* real = std::get_if<double>(&number.value)) {
        numbers.push_back(*real);
      } else if (const auto* integer = std::get_if<std::int64_t>(&number.value)) {
        numbers.push_back(static_cast<double>(*integer));
      } else {
        fail_type(column, row, "list of lists of numbers");
      }
    }
  }
  return out;
}

}  // namespace bteval::datasets
