#include "checkpoint/file_kind.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "checkpoint/zip_reader.h"

namespace bteval::checkpoint {
namespace {

using namespace std::string_view_literals;

// A pickle of the integer 0x1950a86a20f9469cfc6c, which starts every torch file of the older format.
constexpr std::string_view kLegacyMagic = "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"sv;

/// What the file is and what helps; empty where its first bytes say nothing.
std::string describe_foreign(std::string_view text) {
  if (text.empty()) return "the file is empty";
  if (text.starts_with("version https://git-lfs.github.com/spec/"sv)) {
    return "is a Git LFS pointer, not the file itself: fetch it with 'git lfs pull'";
  }
  if (text.size() > 2 && text[0] == '\x80' && text.substr(2).starts_with(kLegacyMagic)) {
    return "is a torch file of the format before PyTorch 1.6 (no zip archive): load it with torch.load and "
           "save it "
           "again with torch.save";
  }
  if (text[0] == '\x80' && text.size() > 1 && text[1] >= 1 && text[1] <= 5) {
    return "is a plain pickle, not a file that torch.save wrote";
  }
  if (text.starts_with("\x1f\x8b"sv)) return "is compressed with gzip: unpack it first";
  if (text.starts_with("\x28\xb5\x2f\xfd"sv)) return "is compressed with zstd: unpack it first";
  if (text.starts_with("\xfd"
                       "7zXZ"sv))
    return "is compressed with xz: unpack it first";
  if (text.starts_with("7z\xbc\xaf"sv)) return "is a 7z archive: unpack it first";
  if (text.starts_with("\x89HDF\r\n"sv)) return "is an HDF5 file, not weights of PyTorch";
  if (text.starts_with("GGUF"sv)) return "is a GGUF file, not weights of PyTorch";
  if (text.size() > 262 && text.substr(257, 5) == "ustar"sv) return "is a tar archive: unpack it first";
  const std::size_t start = text.substr(0, 64).find_first_not_of(" \t\r\n");
  if (start != std::string_view::npos && text[start] == '<')
    return "is a web page or XML, not weights: download the file itself";
  return "";
}

}  // namespace

FileKind detect_file_kind(const Bytes& bytes) {
  const std::string_view text = bytes.text();
  if (looks_like_zip(text)) return FileKind::kTorchZip;
  // A length below 2^32 leaves zero bytes before the brace, which no text has.
  if (text.size() > 8 && text[8] == '{' && text.substr(4, 4) == "\0\0\0\0"sv) return FileKind::kSafetensors;
  const std::string foreign = describe_foreign(text);
  if (!foreign.empty()) throw Error(ErrorCode::kCheckpoint, foreign, {bytes.name(), "", std::nullopt});
  const std::size_t start = text.substr(0, 64).find_first_not_of(" \t\r\n");
  if (start != std::string_view::npos && text[start] == '{') return FileKind::kJson;
  throw Error(ErrorCode::kCheckpoint,
              fmt::format("is neither safetensors nor a torch file; it starts with '{}'",
                          printable(text.substr(0, 24), 60)),
              {bytes.name(), "", std::nullopt});
}

}  // namespace bteval::checkpoint
