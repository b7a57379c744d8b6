// A loop whose turns run on several threads.
#pragma once

#include <cstddef>
#include <functional>

namespace bteval {

/// `threads` where it is positive, else the number of cores.
int worker_count(int threads);

/// Calls `body` once for each of 0..count-1, from `threads` threads (0: one a core) that take `chunk` turns
/// at a time, and returns when all have ended. `body` must be thread-safe. What the first failing turn throws
/// is thrown again; turns that have not begun by then are left out, as they are after an interrupt, which
/// ends in Error(kInterrupted).
void parallel_for(std::size_t count, int threads, const std::function<void(std::size_t)>& body,
                  std::size_t chunk = 1);

}  // namespace bteval
