// Input that fails for a moment, as network file systems do, is tried again.
#pragma once

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <string>

#include "core/error.h"

namespace bteval {

/// An input error that says nothing about the file itself: the server, the connection, the rights or this
/// process has failed, and the same read may succeed later. Whoever lets a run go on without a bad file must
/// not do so for this one.
class IoError : public Error {
 public:
  using Error::Error;
  explicit IoError(const Error& error) : Error(error) {}
};

/// Whether a failed open, stat or read is worth another try. Of NFS, Lustre, SMB and FUSE: EIO and EREMOTEIO
/// (a server's or a disk's hiccup), ESTALE (the server was restarted or the file replaced; a new look-up
/// helps), ETIMEDOUT, EAGAIN, EBUSY and ENOBUFS (overload), ENETDOWN, ENETUNREACH, ENETRESET, EHOSTDOWN,
/// EHOSTUNREACH, ECONNABORTED, ECONNREFUSED, ECONNRESET, ENOTCONN and ESHUTDOWN (no connection at the
/// moment). Not those that another try cannot change: ENOENT, EACCES, EPERM, EISDIR, ENOTDIR, ELOOP,
/// ENAMETOOLONG, EMFILE.
bool is_transient_io_error(int error);

constexpr int kDefaultIoRetries = 4;
/// How often a failing input operation is tried again, for the whole process; 0: never. The waits are 0.1,
/// 0.4, 1.6 and 6.4 s, then 10 s each.
void set_io_retries(int retries);
/// How many operations have succeeded after they had failed at first.
std::uint64_t io_retries_that_helped();

/// For retry_io(): waits before try `failures` + 1. False where `error` is not transient, or there have been
/// enough tries. Error(kInterrupted) where a signal comes meanwhile.
bool wait_for_io(int error, int failures);
/// For retry_io(): counts a success after failures.
void note_io_success(int failures);

/// Calls `call`, which returns -1 and sets errno where it fails, again while the failure is transient.
/// Returns the last result; errno is that of the last call.
template <typename Call>
auto retry_io(const Call& call) {
  for (int failures = 0;; ++failures) {
    errno = 0;
    const auto result = call();
    if (result >= 0) {
      note_io_success(failures);
      return result;
    }
    const int error = errno;
    if (error == EINTR) {
      --failures;
      continue;
    }
    if (!wait_for_io(error, failures)) {
      errno = error;
      return result;
    }
  }
}

/// Throws "WHAT: the system's words": an Error where the cause lies in the file (ENOENT, ENOTDIR, EISDIR,
/// ELOOP, ENAMETOOLONG, EINVAL, ENXIO: it is absent, or no regular file), else an IoError. EACCES and EPERM
/// are such, too: an expired ticket takes all files of a server away at once.
[[noreturn]] void throw_io_error(ErrorCode code, const char* what, int error,
                                 const std::filesystem::path& path);

/// Whether there is something of that name; false where it is known to be absent or cannot be looked at for a
/// lasting reason (opening it says why). IoError(code) where a file system does not answer: that must not
/// pass for absence.
bool path_exists(const std::filesystem::path& path, ErrorCode code = ErrorCode::kData);

}  // namespace bteval
