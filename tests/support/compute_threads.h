// How many threads LibTorch may take in a test.
#pragma once

namespace bteval::testing {

/// For EngineOptions::threads: all cores, but one under ThreadSanitizer, which cannot see how OpenMP's
/// threads wait for one another.
#ifdef __SANITIZE_THREAD__
inline constexpr int kComputeThreads = 1;
#else
inline constexpr int kComputeThreads = 0;
#endif

}  // namespace bteval::testing
