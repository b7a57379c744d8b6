#include "core/json.h"

#include "core/bytes.h"

namespace bteval {
namespace {

constexpr std::string_view kLfsPrefix = "version https://git-lfs.github.com/spec/";

std::size_t first_non_space(std::string_view text) {
  const std::size_t pos = text.find_first_not_of(" \t\r\n");
  return pos == std::string_view::npos ? text.size() : pos;
}

}  // namespace

void refuse_if_not_json(std::string_view text, const std::string& name, ErrorCode code) {
  const auto refuse = [&](const std::string& what) { throw Error(code, what, {name, "", std::nullopt}); };
  const std::string_view body = text.substr(first_non_space(text));
  if (text.empty()) refuse("the file is empty");
  if (body.empty()) refuse("the file holds nothing but white space");
  if (body.starts_with(kLfsPrefix)) {
    refuse("is a Git LFS pointer, not the file itself: fetch it with 'git lfs pull'");
  }
  if (std::string_view("{[\"-0123456789tfn").find(body.front()) == std::string_view::npos &&
      !body.starts_with("\xef\xbb\xbf")) {
    refuse(fmt::format("is not JSON; it starts with '{}'", printable(body.substr(0, 60), 60)));
  }
}

Json parse_json(std::string_view text, const std::string& name, ErrorCode code) {
  refuse_if_not_json(text, name, code);
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    const std::size_t offset = error.byte == 0 ? 0 : error.byte - 1;
    const std::size_t from = offset > 20 ? offset - 20 : 0;
    throw Error(code, fmt::format("is not valid JSON, near '{}'", printable(text.substr(from, 40), 60)),
                {name, "", offset});
  }
}

Json read_json(const std::filesystem::path& path, ErrorCode code) {
  const auto bytes = Bytes::map_file(path, code);
  return parse_json(bytes->text(), path.string(), code);
}

}  // namespace bteval
