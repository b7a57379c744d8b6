#include "unit/checkpoint/support.h"

#include "unit/checkpoint/zip_builder.h"

namespace bteval::checkpoint {

std::string safetensors_text(std::string_view header, std::string_view data) {
  std::string out;
  append_le<std::uint64_t>(out, header.size());
  return out.append(header).append(data);
}

namespace pickle_text {

std::string whole(std::string_view body) { return std::string("\x80\x02").append(body) + "."; }

std::string text(std::string_view value) {
  std::string out("\x8c");
  out += static_cast<char>(value.size());
  return out.append(value);
}

std::string global(std::string_view module, std::string_view name) {
  return std::string("c").append(module).append("\n").append(name).append("\n");
}

std::string stack_global(std::string_view module, std::string_view name) {
  return text(module) + text(name) + "\x93";
}

}  // namespace pickle_text
}  // namespace bteval::checkpoint
