#include "core/journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

#include "core/error.h"
#include "core/hash.h"
#include "core/read_file.h"

namespace bteval {
namespace {

constexpr std::string_view kMagic = "bteval-journal 1\n";
constexpr std::size_t kFrameHead = 12;  // size and checksum

[[noreturn]] void fail(const std::filesystem::path& path, const char* what) {
  throw Error(ErrorCode::kData, fmt::format("{}: {}", what, std::strerror(errno)),
              {path.string(), "", std::nullopt});
}

std::string little_endian(std::uint64_t value, std::size_t bytes) {
  std::string out(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) out[i] = static_cast<char>((value >> (8 * i)) & 0xff);
  return out;
}

std::uint64_t from_little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

/// The checksum of a frame behind the one with checksum `before`.
std::uint64_t frame_checksum(std::uint64_t before, bool is_first, std::string_view payload) {
  Sha256 hash;
  if (!is_first) hash.update(little_endian(before, 8));
  hash.update(little_endian(payload.size(), 4));
  hash.update(payload);
  return std::stoull(hash.finish().substr(0, 16), nullptr, 16);
}

/// A position behind whole frames.
struct Position {
  std::size_t end = 0;
  std::uint64_t checksum = 0;
  std::optional<std::string_view> header;
};

Position walk(const Bytes& file, const std::function<void(std::string_view)>& sink) {
  const std::string_view text = file.text();
  if (!text.starts_with(kMagic)) {
    // A file that was being begun is the start of the magic, or empty.
    if (kMagic.starts_with(text)) return {};
    throw Error(ErrorCode::kData, "is no journal of bteval", {file.name(), "", 0});
  }
  Position at;
  at.end = kMagic.size();
  while (text.size() - at.end >= kFrameHead) {
    const std::uint64_t size = from_little_endian(text.substr(at.end, 4));
    if (size > text.size() - at.end - kFrameHead) break;
    const std::string_view payload = text.substr(at.end + kFrameHead, size);
    const std::uint64_t checksum = frame_checksum(at.checksum, !at.header, payload);
    if (checksum != from_little_endian(text.substr(at.end + 4, 8))) break;
    at.end += kFrameHead + size;
    at.checksum = checksum;
    if (!at.header) {
      at.header = payload;
    } else if (sink) {
      sink(payload);
    }
  }
  return at;
}

void write_all(int fd, std::string_view data, std::size_t offset, const std::filesystem::path& path) {
  while (!data.empty()) {
    const ssize_t written = ::pwrite(fd, data.data(), data.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(path, "cannot write the journal");
    data.remove_prefix(static_cast<std::size_t>(written));
    offset += static_cast<std::size_t>(written);
  }
}

}  // namespace

JournalFrames read_journal(const Bytes& file, const std::function<void(std::string_view)>& sink) {
  const Position at = walk(file, sink);
  return {at.header, at.end};
}

Journal::Journal(std::filesystem::path path) : path_(std::move(path)) {
  open_locked();
  const auto file = read_file(path_);
  const Position at = walk(*file, {});
  if (at.header) header_ = std::string(*at.header);
  end_ = at.end;
  checksum_ = at.checksum;
  torn_bytes_ = file->size() - end_;
}

Journal::Journal(Journal&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      header_(std::move(other.header_)),
      end_(other.end_),
      torn_bytes_(other.torn_bytes_),
      checksum_(other.checksum_),
      synced_(other.synced_) {}

Journal::~Journal() {
  if (fd_ < 0) return;
  if (!header_) ::unlink(path_.c_str());
  ::close(fd_);
}

void Journal::open_locked() {
  while (true) {
    fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd_ < 0) fail(path_, "cannot write the journal");
    if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) fail(path_, "cannot lock the journal");
      ::close(std::exchange(fd_, -1));
      throw Error(ErrorCode::kUsage, "another process is writing this run",
                  {path_.parent_path().string(), "", std::nullopt});
    }
    // The process that held it may have removed the file between open and lock: then this is not the file.
    struct stat mine {
    }, there{};
    if (::fstat(fd_, &mine) == 0 && ::stat(path_.c_str(), &there) == 0 && mine.st_ino == there.st_ino &&
        mine.st_dev == there.st_dev) {
      return;
    }
    ::close(std::exchange(fd_, -1));
  }
}

void Journal::replay(const std::function<void(std::string_view)>& sink) const {
  try {
    walk(*read_file(path_), sink);
  } catch (const Error& error) {
    throw error.with_context({path_.string(), "", std::nullopt});
  }
}

void Journal::start(std::string_view header) {
  if (::ftruncate(fd_, 0) != 0) fail(path_, "cannot write the journal");
  write_all(fd_, kMagic, 0, path_);
  end_ = kMagic.size();
  checksum_ = 0;
  torn_bytes_ = 0;
  header_.reset();
  write_frame(header);
  header_ = std::string(header);
  sync();
}

void Journal::write_frame(std::string_view payload) {
  if (payload.size() > std::numeric_limits<std::uint32_t>::max())
    throw Error(ErrorCode::kInternal, "a journal's record is too large");
  const std::uint64_t checksum = frame_checksum(checksum_, !header_, payload);
  std::string frame = little_endian(payload.size(), 4) + little_endian(checksum, 8);
  frame += payload;
  try {
    write_all(fd_, frame, end_, path_);
  } catch (const Error&) {
    // A full disk: the whole frames stay; should this fail, too, the checksum tells.
    [[maybe_unused]] const int ignored = ::ftruncate(fd_, static_cast<off_t>(end_));
    throw;
  }
  end_ += frame.size();
  checksum_ = checksum;
}

void Journal::append(std::string_view payload) {
  if (!header_) throw Error(ErrorCode::kInternal, "a journal needs a header before its records");
  if (torn_bytes_ > 0) {
    if (::ftruncate(fd_, static_cast<off_t>(end_)) != 0) fail(path_, "cannot write the journal");
    torn_bytes_ = 0;
  }
  write_frame(payload);
  if (std::chrono::steady_clock::now() - synced_ >= std::chrono::seconds(1)) sync();
}

void Journal::sync() {
  if (::fdatasync(fd_) != 0) fail(path_, "cannot sync the journal");
  synced_ = std::chrono::steady_clock::now();
}

void Journal::remove() {
  if (::unlink(path_.c_str()) != 0) fail(path_, "cannot remove the journal");
}

}  // namespace bteval
