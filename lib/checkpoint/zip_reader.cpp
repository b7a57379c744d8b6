#include "checkpoint/zip_reader.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "checkpoint/byte_reader.h"

namespace bteval::checkpoint {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kLocalSignature = "PK\x03\x04"sv;
constexpr std::string_view kCentralSignature = "PK\x01\x02"sv;
constexpr std::string_view kEndSignature = "PK\x05\x06"sv;
constexpr std::string_view kEnd64Signature = "PK\x06\x06"sv;
constexpr std::string_view kLocator64Signature = "PK\x06\x07"sv;
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kLocator64Size = 20;
constexpr std::uint32_t kIn64 = 0xFFFFFFFFU;  // "see the zip64 field"
constexpr std::uint16_t kZip64ExtraId = 1;
/// torch.save writes one entry a storage and some five more; the largest models have some thousands.
constexpr std::size_t kMaxEntries = 1'000'000;

struct Directory {
  std::uint64_t entries = 0;
  std::uint64_t size = 0;
  std::uint64_t offset = 0;
};

struct CentralEntry {
  std::string_view name;  // in the archive's bytes
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  std::uint64_t compressed = 0;
  std::uint64_t uncompressed = 0;
  std::uint64_t local_offset = 0;
};

std::string entry_record(std::string_view name) { return "entry " + std::string(name); }

void expect(ByteReader& reader, std::string_view signature, const char* what) {
  const std::size_t at = reader.position();
  if (reader.take(signature.size(), what) != signature)
    reader.fail_at(at, fmt::format("there is no {} here", what));
}

/// The last record of the archive. Its comment's length must reach exactly to the end of the file.
std::size_t find_end(std::string_view text, const ByteReader& reader) {
  const std::size_t furthest = text.size() > kEndSize + 0xFFFF ? text.size() - kEndSize - 0xFFFF : 0;
  for (std::size_t at = text.size() < kEndSize ? 0 : text.size() - kEndSize + 1; at-- > furthest;) {
    if (!text.substr(at).starts_with(kEndSignature)) continue;
    const auto low = static_cast<unsigned char>(text[at + 20]);
    const auto high = static_cast<unsigned char>(text[at + 21]);
    if (at + kEndSize + (static_cast<std::size_t>(high) << 8 | low) == text.size()) return at;
  }
  reader.fail_at(text.size(), "the zip archive has no directory at its end: the file is truncated");
}

Directory read_directory64(ByteReader& reader, std::size_t end) {
  if (end < kLocator64Size) reader.fail_at(end, "the zip64 locator is missing");
  reader.seek(end - kLocator64Size, "the zip64 locator");
  expect(reader, kLocator64Signature, "zip64 locator");
  reader.take(4, "the zip64 locator");
  reader.seek(reader.read<std::uint64_t>("the zip64 locator"), "the zip64 end record");
  expect(reader, kEnd64Signature, "zip64 end record");
  reader.take(8 + 2 + 2, "the zip64 end record");
  const auto disk = reader.read<std::uint32_t>("the zip64 end record");
  const auto directory_disk = reader.read<std::uint32_t>("the zip64 end record");
  if (disk != 0 || directory_disk != 0) reader.fail("the archive has several volumes");
  reader.take(8, "the zip64 end record");
  Directory directory;
  directory.entries = reader.read<std::uint64_t>("the zip64 end record");
  directory.size = reader.read<std::uint64_t>("the zip64 end record");
  directory.offset = reader.read<std::uint64_t>("the zip64 end record");
  return directory;
}

Directory read_directory(ByteReader& reader, std::size_t end) {
  reader.seek(end + kEndSignature.size(), "the end record");
  const auto disk = reader.read<std::uint16_t>("the end record");
  const auto directory_disk = reader.read<std::uint16_t>("the end record");
  const auto entries_here = reader.read<std::uint16_t>("the end record");
  Directory directory;
  directory.entries = reader.read<std::uint16_t>("the end record");
  directory.size = reader.read<std::uint32_t>("the end record");
  directory.offset = reader.read<std::uint32_t>("the end record");
  const bool in64 = directory.entries == 0xFFFF || directory.size == kIn64 || directory.offset == kIn64;
  if (in64) return read_directory64(reader, end);
  if (disk != 0 || directory_disk != 0 || entries_here != directory.entries) {
    reader.fail_at(end, "the archive has several volumes");
  }
  return directory;
}

/// Fills in the numbers that the 32-bit fields leave to the zip64 extra field, which holds only those, in
/// this order.
void apply_zip64(CentralEntry& entry, std::string_view extra, const std::string& file, std::uint64_t base) {
  ByteReader reader(extra, file, entry_record(entry.name), base);
  while (reader.remaining() >= 4) {
    const auto id = reader.read<std::uint16_t>("an extra field");
    const auto size = reader.read<std::uint16_t>("an extra field");
    const std::uint64_t at = base + reader.position();
    const std::string_view body = reader.take(size, "an extra field");
    if (id != kZip64ExtraId) continue;
    ByteReader fields(body, file, entry_record(entry.name), at);
    for (std::uint64_t* number : {&entry.uncompressed, &entry.compressed, &entry.local_offset}) {
      if (*number == kIn64) *number = fields.read<std::uint64_t>("the zip64 field");
    }
    return;
  }
}

CentralEntry read_central(ByteReader& reader, const std::string& file) {
  expect(reader, kCentralSignature, "directory entry");
  CentralEntry entry;
  reader.take(4, "a directory entry");  // versions
  entry.flags = reader.read<std::uint16_t>("a directory entry");
  entry.method = reader.read<std::uint16_t>("a directory entry");
  reader.take(8, "a directory entry");  // time, date, CRC-32
  entry.compressed = reader.read<std::uint32_t>("a directory entry");
  entry.uncompressed = reader.read<std::uint32_t>("a directory entry");
  const auto name_size = reader.read<std::uint16_t>("a directory entry");
  const auto extra_size = reader.read<std::uint16_t>("a directory entry");
  const auto comment_size = reader.read<std::uint16_t>("a directory entry");
  reader.take(8, "a directory entry");  // disk and attributes
  entry.local_offset = reader.read<std::uint32_t>("a directory entry");
  entry.name = reader.take(name_size, "an entry's name");
  const std::size_t extra_at = reader.position();
  const std::string_view extra = reader.take(extra_size, "an extra field");
  apply_zip64(entry, extra, file, extra_at);
  reader.take(comment_size, "an entry's comment");
  return entry;
}

/// Where the entry's content lies, taken from its local header, whose extra field differs from the
/// directory's.
ZipEntry locate(const CentralEntry& entry, const Directory& directory, std::string_view text,
                const std::string& file) {
  ByteReader reader(text.substr(0, static_cast<std::size_t>(directory.offset)), file,
                    entry_record(entry.name));
  if ((entry.flags & 1U) != 0) reader.fail_at(entry.local_offset, "is encrypted");
  if (entry.method == 0 && entry.compressed != entry.uncompressed) {
    reader.fail_at(entry.local_offset, fmt::format("is stored, but has two sizes ({} and {})",
                                                   entry.compressed, entry.uncompressed));
  }
  reader.seek(entry.local_offset, "the local header");
  expect(reader, kLocalSignature, "local header");
  reader.take(4, "the local header");
  const auto method = reader.read<std::uint16_t>("the local header");
  if (method != entry.method)
    reader.fail("the local header and the directory disagree about the compression");
  reader.take(16, "the local header");
  const auto name_size = reader.read<std::uint16_t>("the local header");
  const auto extra_size = reader.read<std::uint16_t>("the local header");
  if (reader.take(name_size, "the local header") != entry.name) {
    reader.fail("the local header and the directory disagree about the name");
  }
  reader.take(extra_size, "the local header");
  const ZipEntry found{reader.position(), entry.compressed, entry.method};
  reader.take(found.size, "the entry");
  return found;
}

}  // namespace

bool looks_like_zip(std::string_view text) {
  return text.starts_with(kLocalSignature) || text.starts_with(kEndSignature);
}

ZipArchive::ZipArchive(std::shared_ptr<const Bytes> bytes) : bytes_(std::move(bytes)) {
  const std::string_view text = bytes_->text();
  const std::string& file = bytes_->name();
  ByteReader reader(text, file, "zip directory");
  const std::size_t end = find_end(text, reader);
  const Directory directory = read_directory(reader, end);
  if (directory.offset > end || directory.size > end - directory.offset) {
    reader.fail_at(end, fmt::format("the directory ({} bytes at {}) does not lie before the end record",
                                    directory.size, directory.offset));
  }
  if (directory.entries > kMaxEntries) {
    reader.fail_at(end,
                   fmt::format("the archive has {} entries, more than {}", directory.entries, kMaxEntries));
  }

  ByteReader central(
      text.substr(static_cast<std::size_t>(directory.offset), static_cast<std::size_t>(directory.size)), file,
      "zip directory", directory.offset);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> extents;  // local header to end of content
  while (central.remaining() > 0) {
    if (entries_.size() >= kMaxEntries)  // whatever their number is said to be
      central.fail(fmt::format("the archive has more than {} entries", kMaxEntries));
    const CentralEntry entry = read_central(central, file);
    const ZipEntry found = locate(entry, directory, text, file);
    if (!entries_.emplace(entry.name, found).second) {
      reader.fail_at(entry.local_offset, fmt::format("the entry {} comes twice", printable(entry.name)));
    }
    extents.emplace_back(entry.local_offset, found.offset + found.size);
  }
  if (entries_.size() != directory.entries) {
    reader.fail_at(directory.offset, fmt::format("the directory has {} entries, but should have {}",
                                                 entries_.size(), directory.entries));
  }
  std::ranges::sort(extents);
  for (std::size_t i = 1; i < extents.size(); ++i) {
    if (extents[i].first < extents[i - 1].second) reader.fail_at(extents[i].first, "two entries overlap");
  }
}

const ZipEntry* ZipArchive::find(std::string_view name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : &found->second;
}

std::string_view ZipArchive::content(std::string_view name, const ZipEntry& entry) const {
  if (entry.method != 0) {
    throw Error(
        ErrorCode::kCheckpoint,
        fmt::format(
            "is compressed (method {}), but PyTorch stores its entries: unpack the archive and pack it "
            "again with 'zip -0 -r', or torch.load and torch.save it",
            entry.method),
        {bytes_->name(), entry_record(name), entry.offset});
  }
  return bytes_->text().substr(static_cast<std::size_t>(entry.offset), static_cast<std::size_t>(entry.size));
}

}  // namespace bteval::checkpoint
