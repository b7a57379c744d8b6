// Hostile files of every kind but pickles.
#include "e2e/hostile.h"

#include <gtest/gtest.h>

namespace bteval {
namespace {

using checkpoint::append_le;
using checkpoint::ZipBuilder;

constexpr int kData = 3, kCheckpoint = 4;

std::string repeated(const std::string& text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

std::string safetensors(std::uint64_t header_size, const std::string& rest) {
  std::string out;
  append_le(out, header_size);
  return out + rest;
}

std::string big_endian(std::uint32_t value) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>((value >> shift) & 0xff);
  return out;
}

std::uint32_t crc32(const std::string& text) {
  std::uint32_t crc = 0xffffffff;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320U : 0U);
  }
  return ~crc;
}

std::string png_chunk(const std::string& type, const std::string& data) {
  return big_endian(static_cast<std::uint32_t>(data.size())) + type + data + big_endian(crc32(type + data));
}

std::string png_of(std::uint32_t width, std::uint32_t height) {
  using namespace std::string_literals;
  return "\x89PNG\r\n\x1a\n"s +
         png_chunk("IHDR", big_endian(width) + big_endian(height) + "\x08\x02\x00\x00\x00"s) +
         png_chunk("IDAT", "\x78\x9c\x63\x60\x60\x60\x60\x00\x00\x00\x05\x00\x01"s) + png_chunk("IEND", "");
}

/// An archive whose directory names its first entry so many times.
std::string zip_of_one_content(const ZipBuilder& zip, int times) {
  const std::string bytes = zip.build();
  const std::size_t directory = bytes.find("PK\x01\x02"), second = bytes.find("PK\x01\x02", directory + 4);
  const std::string entry = bytes.substr(directory, second - directory);
  std::string out = bytes.substr(0, directory) + repeated(entry, static_cast<std::size_t>(times));
  const std::size_t size = out.size() - directory;
  out += "PK\x05\x06";
  append_le<std::uint32_t>(out, 0);
  for (int i = 0; i < 2; ++i) append_le(out, static_cast<std::uint16_t>(times));
  append_le(out, static_cast<std::uint32_t>(size));
  append_le(out, static_cast<std::uint32_t>(directory));
  append_le<std::uint16_t>(out, 0);
  return out;
}

/// An archive of entries each of which holds all that follow, local headers and contents: a few kilobytes
/// that unpack to the square of them.
std::string zip_in_its_own_entries(std::size_t count) {
  ZipBuilder zip;
  for (std::size_t i = 0; i < count; ++i) zip.add("archive/data/" + std::to_string(i), "");
  std::string bytes = zip.build();
  const std::size_t directory = bytes.find("PK\x01\x02");
  std::size_t local = 0;
  for (std::size_t i = 0, central = directory; i < count; ++i) {
    const std::size_t name = zip.items[i].name.size();
    local += 30 + name;
    std::string sizes;
    for (int k = 0; k < 2; ++k) append_le(sizes, static_cast<std::uint32_t>(directory - local));
    bytes.replace(central + 20, 8, sizes);
    central += 46 + name;
  }
  return bytes;
}

const std::vector<const char*> kScoreSnliVe = {"score", "snli-ve",       "--annotations",
                                               "FILE",  "--predictions", "FILE"};
const std::vector<const char*> kScoreVqa = {"score",         "vqav2", "--questions",   "FILE",
                                            "--annotations", "FILE",  "--predictions", "FILE"};

const Hostile kHostile[] = {
    {"safetensors_header_of_2_to_63_bytes", "a.safetensors",
     [](auto&) { return safetensors(std::uint64_t{1} << 63, "{}"); }, kInspect, kCheckpoint,
     "is neither safetensors nor a torch file"},
    {"safetensors_header_longer_than_the_file", "a.safetensors",
     [](auto&) { return safetensors(1000000000, R"({"a": {}})"); }, kInspect, kCheckpoint, "header"},
    {"safetensors_shape_that_overflows", "a.safetensors",
     [](auto&) {
       const std::string header =
           R"({"t":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}})";
       return safetensors(header.size(), header + "1234");
     },
     kInspect, kCheckpoint, "is too large"},
    {"safetensors_header_nested_100000_deep", "a.safetensors",
     [](auto&) { return safetensors(500000, repeated("{\"a\":", 100000)); }, kInspect, kCheckpoint,
     "nested too deeply"},
    {"questions_nested_100000_deep", "q.json",
     [](auto&) { return R"({"license":)" + repeated("[", 100000) + repeated("]", 100000) + "}"; }, kScoreVqa,
     kData, "is nested more than 500 deep"},
    {"annotations_nested_100000_deep", "a.jsonl",
     [](auto&) { return repeated("{\"a\":", 100000) + "1" + repeated("}", 100000); }, kScoreSnliVe, kData,
     "is nested more than 500 deep"},
    {"zip_bomb", "a.ckpt",
     [](auto&) {
       ZipBuilder zip;
       zip.add("archive/data.pkl", std::string(1000, '\0')).add("archive/version", "3\n");
       zip.items[0].method = 8;
       return zip.build();
     },
     kInspect, kCheckpoint, "is compressed"},
    {"png_of_60000_by_60000",
     "a.png",
     [](auto&) { return png_of(60000, 60000); },
     {"probe", "image", "FILE"},
     kData,
     "60000x60000 pixels, more than the limit"},
    {"png_of_2_to_31_by_1",
     "a.png",
     [](auto&) { return png_of(0x7fffffff, 1); },
     {"probe", "image", "FILE"},
     kData,
     "a.png"},
    {"image_id_that_leaves_its_folder", "a.jsonl",
     [](auto&) {
       return std::string(
           R"({"Flickr30K_ID": "../../etc/passwd", "sentence2": "x", "gold_label": "neutral"})");
     },
     kScoreSnliVe, kData, "the image id \"../../etc/passwd\" is no plain name"},
    {"zip_of_100000_empty_entries", "a.ckpt",
     [](auto&) {
       ZipBuilder zip;
       for (int i = 0; i < 100000; ++i) zip.add("archive/data/" + std::to_string(i), "");
       zip.zip64_end = true;
       return zip.build();
     },
     kInspect, kCheckpoint, "is a zip archive without data.pkl"},
    {"zip_that_says_it_has_2_to_63_entries", "a.ckpt",
     [](auto&) {
       ZipBuilder zip = torch_zip("\x80\x02}.");
       zip.zip64_end = true;
       std::string bytes = zip.build(), count;
       append_le(count, std::uint64_t{1} << 63);
       return bytes.replace(bytes.rfind("PK\x06\x06") + 32, 8, count);
     },
     kInspect, kCheckpoint, "the archive has 9223372036854775808 entries, more than 1000000"},
    {"zip_whose_entries_are_all_the_same_bytes", "a.ckpt",
     [](auto&) { return zip_of_one_content(torch_zip("\x80\x02}."), 10000); }, kInspect, kCheckpoint,
     "comes twice"},
    {"zip_whose_entries_lie_in_one_another", "a.ckpt", [](auto&) { return zip_in_its_own_entries(1000); },
     kInspect, kCheckpoint, "two entries overlap"},
    {"zip_in_zip_in_zip", "a.ckpt",
     [](auto&) {
       std::string inner = torch_zip(std::string(1000, '\0')).build();
       for (int depth = 0; depth < 10; ++depth) inner = torch_zip(inner).build();
       return inner;
     },
     kInspect, kCheckpoint, "is not a pickle of protocol 2 or later"},
    {"zip_entry_of_2_to_62_bytes_compressed_into_1000", "a.ckpt",
     [](auto&) {
       ZipBuilder zip = torch_zip(std::string(1000, '\0'));
       zip.items[0].method = 8;
       zip.items[0].zip64 = true;
       std::string bytes = zip.build(), size;
       append_le(size, std::uint64_t{1} << 62);
       // The extra field's first number is the size behind decompression.
       return bytes.replace(bytes.find("PK\x01\x02") + 46 + std::string("archive/data.pkl").size() + 10, 8,
                            size);
     },
     kInspect, kCheckpoint, "is compressed"},
    {"zip_whose_storage_alone_is_compressed", "a.ckpt",
     [](auto&) {
       ZipBuilder zip =
           torch_zip("\x80\x02}" + pickle_text("w") + "ctorch._utils\n_rebuild_tensor_v2\n((" +
                     pickle_text("storage") + "ctorch\nFloatStorage\n" + pickle_text("0") +
                     pickle_text("cpu") + "K\x04tQK" + std::string(1, '\0') + "K\x04\x85K\x01\x85tRs.");
       zip.add("archive/data/0", std::string(16, '\0'));
       zip.items[2].method = 8;
       return zip.build();
     },
     kInspect, kCheckpoint, "is compressed"},
};

class HostileTest : public ::testing::TestWithParam<Hostile> {};

TEST_P(HostileTest, IsRefusedSoonAndSmall) { expect_refused_soon(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Files, HostileTest, ::testing::ValuesIn(kHostile),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace bteval
