// Whole files in memory.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>

#include "core/bytes.h"

namespace bteval {

/// Files up to here are read; larger ones are mapped, so that the page cache holds their only copy.
constexpr std::size_t kLargestRead = std::size_t{256} << 20;

/// Reads a regular file. Unlike with a mapping, errors of a network file system are tried again (io_retry.h),
/// nobody can change the bytes afterwards, and a file that is shortened meanwhile is an error instead of a
/// signal. Throws Error(code) with the path where it is missing, no regular file, unreadable or shortened;
/// IoError where that may pass; Error(kDevice) where there is no memory for it.
std::shared_ptr<const Bytes> read_file(const std::filesystem::path& path, ErrorCode code = ErrorCode::kData);

/// Hands the file's bytes to `sink`, piece by piece and in order. Throws as read_file() does.
void read_pieces(const std::filesystem::path& path, ErrorCode code,
                 const std::function<void(std::span<const std::byte>)>& sink);

}  // namespace bteval
