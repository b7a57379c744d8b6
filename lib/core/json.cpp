#include "core/json.h"

#include "core/read_file.h"

namespace bteval {
namespace {

constexpr std::string_view kLfsPrefix = "version https://git-lfs.github.com/spec/";

std::size_t first_non_space(std::string_view text) {
  const std::size_t pos = text.find_first_not_of(" \t\r\n");
  return pos == std::string_view::npos ? text.size() : pos;
}

/// Error where a document is too long, holds a zero byte, or brackets are open beyond the limit. Brackets
/// inside strings do not count; whether the rest is JSON at all is the parser's business.
void check_limits(std::string_view text, const std::string& name, ErrorCode code) {
  if (text.size() > kMaxJsonBytes) {
    throw Error(code,
                fmt::format("is JSON of {} bytes, more than the limit of {}", text.size(), kMaxJsonBytes),
                {name, "", std::nullopt});
  }
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kMaxJsonDepth)
        throw Error(code, fmt::format("is nested more than {} deep", kMaxJsonDepth), {name, "", i});
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    } else if (c == '\0') {  // the parser would take it for the end
      throw Error(code, "is not valid JSON: it holds a zero byte", {name, "", i});
    }
  }
}

template <typename Document>
Document parse(std::string_view text, const std::string& name, ErrorCode code) {
  refuse_if_not_json(text, name, code);
  check_limits(text, name, code);
  try {
    return Document::parse(text);
  } catch (const typename Document::parse_error& error) {
    const std::size_t offset = error.byte == 0 ? 0 : error.byte - 1;
    const std::size_t from = offset > 20 ? offset - 20 : 0;
    throw Error(code, fmt::format("is not valid JSON, near '{}'", printable(text.substr(from, 40), 60)),
                {name, "", offset});
  } catch (const typename Document::out_of_range&) {
    throw Error(code, "holds a number that is too large for a double", {name, "", std::nullopt});
  }
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
  return parse<Json>(text, name, code);
}

OrderedJson parse_ordered_json(std::string_view text, const std::string& name, ErrorCode code) {
  return parse<OrderedJson>(text, name, code);
}

Json read_json(const std::filesystem::path& path, ErrorCode code) {
  const auto bytes = read_file(path, code);
  return parse_json(bytes->text(), path.string(), code);
}

}  // namespace bteval
