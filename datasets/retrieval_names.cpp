#include "datasets/retrieval_names.h"

#include <algorithm>

namespace bteval::datasets {
namespace {

constexpr std::string_view kCocoPrefix = "COCO_";

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_plain_word(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

}  // namespace

const char* image_path_fault(std::string_view path) {
  if (path.empty()) return "is empty";
  if (path.front() == '/') return "is absolute";
  if (path.find('\0') != std::string_view::npos) return "has a zero byte";
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view part = path.substr(begin, end - begin);
    if (part == "..") return "leaves the image folder";
    if (part.empty() || part == ".") return "is no plain path";
    begin = end + 1;
  }
  return nullptr;
}

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string image_id_of_path(std::string_view path) {
  std::string_view name = base_name(path);
  if (const std::size_t dot = name.rfind('.'); dot != std::string_view::npos && dot > 0)
    name = name.substr(0, dot);
  std::string_view digits;
  if (name.starts_with(kCocoPrefix)) {
    digits = name.substr(name.rfind('_') + 1);
  } else if (name.starts_with('0')) {
    digits = name;  // COCO 2017; Flickr's numbers have no leading zeros
  }
  if (!is_digits(digits)) return std::string(name);
  return std::string(digits.substr(std::min(digits.find_first_not_of('0'), digits.size() - 1)));
}

std::string coco_image_path(std::string_view file_name) {
  if (file_name.find('/') == std::string_view::npos && file_name.starts_with(kCocoPrefix)) {
    const std::string_view rest = file_name.substr(kCocoPrefix.size());
    const std::size_t end = rest.find('_');
    if (end != std::string_view::npos && is_plain_word(rest.substr(0, end))) {
      return std::string(rest.substr(0, end)) + "/" + std::string(file_name);
    }
  }
  return std::string(file_name);
}

}  // namespace bteval::datasets
