#include "datasets/image_probe.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "core/error.h"
#include "core/io_retry.h"

namespace bteval::datasets {
namespace {

constexpr std::size_t kEnd = 4096;  // bytes that are read of each end

using ByteSpan = std::span<const std::byte>;
using State = ImageProbe::State;

unsigned byte_at(ByteSpan bytes, std::size_t i) { return std::to_integer<unsigned>(bytes[i]); }

std::string_view text_of(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void set(ImageProbe& probe, State state, std::string detail) {
  probe.state = state;
  probe.detail = std::move(detail);
}

// Walks the segments of a JPEG file as far as `head` goes. A frame header may lie behind a long profile that
// is not looked into, but no segment may be longer than the file.
void probe_jpeg(ByteSpan head, ByteSpan tail, ImageProbe& probe) {
  std::size_t pos = 2;
  bool complete = false;  // whether the scan's pixels begin, or the walk leaves `head`
  while (!complete) {
    if (pos + 4 > head.size()) {
      if (head.size() < probe.size) break;
      return set(probe, State::kDamaged, "the JPEG file ends within its header");
    }
    if (byte_at(head, pos) != 0xff) break;  // junk between segments, which decoders step over
    const unsigned marker = byte_at(head, pos + 1);
    if (marker == 0xff) {
      ++pos;
      continue;
    }
    const bool has_length = marker != 0x01 && (marker < 0xd0 || marker > 0xd9);
    if (!has_length) {
      pos += 2;
      continue;
    }
    const std::size_t length = byte_at(head, pos + 2) << 8 | byte_at(head, pos + 3);
    if (length < 2) return set(probe, State::kDamaged, fmt::format("a JPEG segment of length {}", length));
    if (pos + 2 + length > probe.size) {
      return set(probe, State::kDamaged, "a JPEG segment ends behind the file's end");
    }
    complete = marker == 0xda;
    pos += 2 + length;
  }
  // A file that was copied in part, or filled up with zeros, has no end marker near its end. Bytes behind the
  // marker are common and harmless.
  if (text_of(tail).find("\xff\xd9") == std::string_view::npos) {
    set(probe, State::kNoEnd, "the JPEG file has no end marker: it is probably cut off");
  }
}

void probe_png(ByteSpan head, ByteSpan tail, ImageProbe& probe) {
  if (head.size() < 33) return set(probe, State::kDamaged, "the PNG file ends within its header");
  if (text_of(head).substr(12, 4) != "IHDR") {
    return set(probe, State::kDamaged, "the PNG file does not begin with IHDR");
  }
  if (text_of(tail).find("IEND") == std::string_view::npos) {
    set(probe, State::kNoEnd, "the PNG file has no IEND chunk: it is probably cut off");
  }
}

void probe_ends(ByteSpan head, ByteSpan tail, ImageProbe& probe) {
  probe.content = file_content(head.subspan(0, std::min<std::size_t>(head.size(), 512)));
  if (probe.content == FileContent::kEmpty) return set(probe, State::kNotAnImage, "the file is empty");
  if (is_other_image(probe.content)) {
    return set(probe, State::kUnsupported,
               fmt::format("is {}, which is not supported", content_name(probe.content)));
  }
  if (probe.content == FileContent::kLfsPointer) {
    return set(probe, State::kNotAnImage, "is a Git LFS pointer, not the file itself (git lfs pull)");
  }
  if (!is_readable_image(probe.content)) {
    return set(probe, State::kNotAnImage,
               fmt::format("is {} that begins with \"{}\"", content_name(probe.content),
                           printable(text_of(head).substr(0, 32), 40)));
  }
  if (probe.content == FileContent::kJpeg) probe_jpeg(head, tail, probe);
  if (probe.content == FileContent::kPng) probe_png(head, tail, probe);
}

class OpenFile {
 public:
  explicit OpenFile(const std::string& path)
      : fd_(retry_io([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); })) {}
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

// The bytes that could be read; fewer at the end of the file. errno is set where reading failed.
ByteSpan read_at(int fd, std::uint64_t offset, std::span<std::byte> buffer) {
  std::size_t done = 0;
  errno = 0;
  while (done < buffer.size()) {
    const ssize_t count = retry_io([&] {
      return ::pread(fd, buffer.data() + done, buffer.size() - done, static_cast<off_t>(offset + done));
    });
    if (count <= 0) break;
    done += static_cast<std::size_t>(count);
  }
  return buffer.first(done);
}

}  // namespace

ImageProbe probe_image(const std::string& path) {
  ImageProbe probe;
  const OpenFile file(path);
  if (file.fd() < 0) {
    const int error = errno;
    set(probe, error == ENOENT || error == ENOTDIR ? State::kMissing : State::kUnreadable,
        std::strerror(error));
    return probe;
  }
  struct stat info {};
  if (::fstat(file.fd(), &info) != 0 || !S_ISREG(info.st_mode)) {
    set(probe, State::kUnreadable, S_ISDIR(info.st_mode) ? "is a folder" : "is no regular file");
    return probe;
  }
  probe.size = static_cast<std::uint64_t>(info.st_size);
  std::array<std::byte, kEnd> head_buffer;
  std::array<std::byte, kEnd> tail_buffer;
  const ByteSpan head = read_at(file.fd(), 0, head_buffer);
  if (errno != 0 || head.size() < std::min<std::uint64_t>(probe.size, kEnd)) {
    set(probe, State::kUnreadable, errno != 0 ? std::strerror(errno) : "became shorter while it was read");
    return probe;
  }
  ByteSpan tail = head;
  if (probe.size > kEnd) {
    tail = read_at(file.fd(), probe.size - kEnd, tail_buffer);
    if (errno != 0) {
      set(probe, State::kUnreadable, std::strerror(errno));
      return probe;
    }
  }
  probe_ends(head, tail, probe);
  return probe;
}

ImageProbe probe_image(std::span<const std::byte> file) {
  ImageProbe probe;
  probe.size = file.size();
  const std::size_t end = std::min(file.size(), kEnd);
  probe_ends(file.first(end), file.last(end), probe);
  return probe;
}

}  // namespace bteval::datasets
