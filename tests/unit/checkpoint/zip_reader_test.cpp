#include "checkpoint/zip_reader.h"

#include <gmock/gmock.h>

#include "unit/checkpoint/support.h"
#include "unit/checkpoint/zip_builder.h"

namespace bteval::checkpoint {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string refusal(const std::string& bytes) {
  return error_of([&] { ZipArchive archive(Bytes::from_memory("z.ckpt", bytes)); });
}

std::string content_of(const ZipArchive& archive, const std::string& name) {
  const ZipEntry* entry = archive.find(name);
  return entry == nullptr ? "absent" : std::string(archive.content(name, *entry));
}

TEST(ZipArchive, FindsStoredEntries) {
  ZipBuilder zip;
  zip.add("a/data.pkl", "hello").add("a/data/0", std::string("\0\1\2", 3)).add("empty", "");
  const ZipArchive archive(zip.bytes());
  EXPECT_THAT(archive.entries(), SizeIs(3));
  EXPECT_EQ(content_of(archive, "a/data.pkl"), "hello");
  EXPECT_EQ(content_of(archive, "a/data/0"), std::string("\0\1\2", 3));
  EXPECT_EQ(content_of(archive, "empty"), "");
  EXPECT_EQ(archive.find("a"), nullptr);
}

TEST(ZipArchive, ReadsZip64FieldsAndEndRecord) {
  ZipBuilder zip;
  zip.add("a", "first").add("b", "second");
  zip.items[1].zip64 = true;
  zip.zip64_end = true;
  EXPECT_EQ(content_of(ZipArchive(zip.bytes()), "b"), "second");
}

TEST(ZipArchive, LooksBehindACommentThatHoldsAnEndSignature) {
  ZipBuilder zip;
  zip.add("a", "x");
  zip.comment = "comment PK\x05\x06 with more than twenty-two bytes behind it";
  EXPECT_EQ(content_of(ZipArchive(zip.bytes()), "a"), "x");
}

TEST(ZipArchive, RefusesACompressedEntryWhereItIsRead) {
  ZipBuilder zip;
  zip.add("a", "x").add("b", "y");
  zip.items[0].method = 8;
  const ZipArchive archive(zip.bytes());
  EXPECT_EQ(content_of(archive, "b"), "y");
  EXPECT_THAT(error_of([&] { content_of(archive, "a"); }),
              HasSubstr("entry a: at byte 31: is compressed (method 8)"));
}

TEST(ZipArchive, RefusesEncryptedAndRepeatedEntries) {
  ZipBuilder encrypted;
  encrypted.add("a", "x");
  encrypted.items[0].flags = 1;
  EXPECT_THAT(refusal(encrypted.build()), HasSubstr("entry a: at byte 0: is encrypted"));
  EXPECT_THAT(refusal(ZipBuilder().add("a", "x").add("a", "y").build()),
              HasSubstr("the entry a comes twice"));
}

/// The archive of one entry with the 32-bit (or 16-bit) number at `offset` behind the last `signature`
/// replaced.
template <typename T>
std::string patched(std::string_view signature, std::size_t offset, T value) {
  ZipBuilder zip;
  zip.add("a", "content").add("b", "more");
  zip.zip64_end = signature == "PK\x06\x06" || signature == "PK\x06\x07";
  std::string bytes = zip.build();
  std::string number;
  append_le(number, value);
  return bytes.replace(bytes.rfind(signature) + offset, number.size(), number);
}

TEST(ZipArchive, RefusesDamagedRecords) {
  using U16 = std::uint16_t;
  using U32 = std::uint32_t;
  using U64 = std::uint64_t;
  struct Case {
    const char* name;
    std::string bytes;
    const char* message;
  };
  const Case cases[] = {
      {"count too small", patched<U32>("PK\x05\x06", 8, 0x00010001), "has 2 entries, but should have 1"},
      {"two volumes", patched<U16>("PK\x05\x06", 4, 1), "several volumes"},
      {"directory behind the end", patched<U32>("PK\x05\x06", 16, 5000),
       "does not lie before the end record"},
      {"directory too long", patched<U32>("PK\x05\x06", 12, 5000), "does not lie before the end record"},
      {"directory shifted", patched<U32>("PK\x05\x06", 16, 1), "no directory entry here"},
      {"directory cut", patched<U32>("PK\x05\x06", 12, 50), "ends in the middle of"},
      {"zip64 record elsewhere", patched<U64>("PK\x06\x07", 8, 3), "no zip64 end record here"},
      {"zip64 record behind the end", patched<U64>("PK\x06\x07", 8, ~U64{0}), "behind the end"},
      {"zip64 volumes", patched<U32>("PK\x06\x06", 16, 7), "several volumes"},
      {"zip64 directory too long", patched<U64>("PK\x06\x06", 40, ~U64{0}),
       "does not lie before the end record"},
      {"local header elsewhere", patched<U32>("PK\x01\x02", 42, 7),
       "entry b: at byte 7: there is no local header"},
      {"local header behind the directory", patched<U32>("PK\x01\x02", 42, 5000), "behind the end"},
      {"two sizes", patched<U32>("PK\x01\x02", 20, 3), "has two sizes (3 and 4)"},
      {"content behind the directory", patched<U64>("PK\x01\x02", 20, 0x0000ffff0000ffffULL),
       "ends in the middle of"},
      {"other method", patched<U16>("PK\x03\x04", 8, 8), "disagree about the compression"},
      {"other name", patched<U16>("PK\x03\x04", 30, 'x'), "disagree about the name"},
      {"name too long", patched<U16>("PK\x03\x04", 26, 60000), "ends in the middle of"},
  };
  for (const Case& c : cases) EXPECT_THAT(refusal(c.bytes), HasSubstr(c.message)) << c.name;
}

TEST(ZipArchive, RefusesEntriesThatOverlap) {
  std::string bytes = ZipBuilder().add("a", "long content").add("b", "").build();
  std::string size;
  append_le<std::uint32_t>(size, 20);
  const std::size_t first = bytes.find("PK\x01\x02");
  bytes.replace(first + 20, 4, size).replace(first + 24, 4, size);
  EXPECT_THAT(refusal(bytes), HasSubstr("two entries overlap"));
}

TEST(ZipArchive, RefusesZip64WithoutItsRecords) {
  EXPECT_THAT(refusal(patched<std::uint32_t>("PK\x05\x06", 16, 0xFFFFFFFFU)),
              HasSubstr("no zip64 locator here"));
  EXPECT_THAT(refusal(patched<std::uint32_t>("PK\x01\x02", 42, 0xFFFFFFFFU)), HasSubstr("behind the end"));
}

TEST(ZipArchive, EveryTruncationIsAnError) {
  ZipBuilder zip;
  zip.add("a", "content").add("b", std::string(300, 'b'));
  for (const bool zip64 : {false, true}) {
    zip.zip64_end = zip64;
    const std::string whole = zip.build();
    EXPECT_EQ(refusal(whole), "no error");
    for (std::size_t size = 0; size < whole.size(); ++size) {
      EXPECT_THAT(refusal(whole.substr(0, size)), HasSubstr("truncated")) << size;
    }
  }
}

}  // namespace
}  // namespace bteval::checkpoint
