#include "unit/checkpoint/zip_builder.h"

#include <utility>

namespace bteval::checkpoint {
namespace {

std::string central_entry(const ZipBuilder::Item& item, std::uint64_t offset) {
  std::string extra;
  if (item.zip64) {
    append_le<std::uint16_t>(extra, 0x9999);  // a field of somebody else's before it
    append_le<std::uint16_t>(extra, 2);
    append_le<std::uint16_t>(extra, 0);
    append_le<std::uint16_t>(extra, 1);
    append_le<std::uint16_t>(extra, 24);
    append_le<std::uint64_t>(extra, item.content.size());
    append_le<std::uint64_t>(extra, item.content.size());
    append_le<std::uint64_t>(extra, offset);
  }
  const auto size = item.zip64 ? 0xFFFFFFFFU : static_cast<std::uint32_t>(item.content.size());
  std::string out("PK\x01\x02");
  append_le<std::uint32_t>(out, 0);
  append_le<std::uint16_t>(out, item.flags);
  append_le<std::uint16_t>(out, item.method);
  append_le<std::uint64_t>(out, 0);
  append_le<std::uint32_t>(out, size);
  append_le<std::uint32_t>(out, size);
  append_le<std::uint16_t>(out, static_cast<std::uint16_t>(item.name.size()));
  append_le<std::uint16_t>(out, static_cast<std::uint16_t>(extra.size()));
  append_le<std::uint16_t>(out, 0);
  append_le<std::uint64_t>(out, 0);
  append_le<std::uint32_t>(out, item.zip64 ? 0xFFFFFFFFU : static_cast<std::uint32_t>(offset));
  return out + item.name + extra;
}

std::string local_header(const ZipBuilder::Item& item) {
  std::string out("PK\x03\x04");
  append_le<std::uint16_t>(out, 0);
  append_le<std::uint16_t>(out, item.flags);
  append_le<std::uint16_t>(out, item.method);
  append_le<std::uint64_t>(out, 0);
  append_le<std::uint32_t>(out, static_cast<std::uint32_t>(item.content.size()));
  append_le<std::uint32_t>(out, static_cast<std::uint32_t>(item.content.size()));
  append_le<std::uint16_t>(out, static_cast<std::uint16_t>(item.name.size()));
  append_le<std::uint16_t>(out, 0);
  return out + item.name;
}

}  // namespace

ZipBuilder& ZipBuilder::add(std::string name, std::string content) {
  items.push_back({std::move(name), std::move(content)});
  return *this;
}

std::string ZipBuilder::build() const {
  std::string out;
  std::string central;
  for (const Item& item : items) {
    central += central_entry(item, out.size());
    out += local_header(item) + item.content;
  }
  const std::uint64_t central_offset = out.size();
  out += central;
  if (zip64_end) {
    const std::uint64_t end64 = out.size();
    out += "PK\x06\x06";
    append_le<std::uint64_t>(out, 44);
    append_le<std::uint32_t>(out, 0);
    append_le<std::uint64_t>(out, 0);  // two disk numbers
    append_le<std::uint64_t>(out, items.size());
    append_le<std::uint64_t>(out, items.size());
    append_le<std::uint64_t>(out, central.size());
    append_le<std::uint64_t>(out, central_offset);
    out += "PK\x06\x07";
    append_le<std::uint32_t>(out, 0);
    append_le<std::uint64_t>(out, end64);
    append_le<std::uint32_t>(out, 1);
  }
  out += "PK\x05\x06";
  append_le<std::uint32_t>(out, 0);
  append_le<std::uint16_t>(out, static_cast<std::uint16_t>(items.size()));
  append_le<std::uint16_t>(out, static_cast<std::uint16_t>(items.size()));
  append_le<std::uint32_t>(out, zip64_end ? 0xFFFFFFFFU : static_cast<std::uint32_t>(central.size()));
  append_le<std::uint32_t>(out, zip64_end ? 0xFFFFFFFFU : static_cast<std::uint32_t>(central_offset));
  append_le<std::uint16_t>(out, static_cast<std::uint16_t>(comment.size()));
  return out + comment;
}

std::shared_ptr<const Bytes> ZipBuilder::bytes(const std::string& name) const {
  return Bytes::from_memory(name, build());
}

}  // namespace bteval::checkpoint
