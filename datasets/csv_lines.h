// Simple lines `first,second` without quotes.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "core/bytes.h"

namespace bteval::datasets {

/// One line without the white space at its ends, cut at its first comma. Views into the file.
struct CsvLine {
  std::size_t number = 0;  ///< from 1
  std::size_t offset = 0;  ///< of its first byte in the file
  std::string_view first;
  std::string_view second;  ///< may hold further commas
  bool has_comma = false;

  bool is_blank() const;
};

/// Calls `read` for every line, blank ones too. Errors that `read` throws get the file's name, the line and
/// its offset. Error(kData) for an empty file and a Git LFS pointer.
void read_csv_lines(const Bytes& file, const std::function<void(const CsvLine&)>& read);

}  // namespace bteval::datasets
