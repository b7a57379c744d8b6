# How programs run under ThreadSanitizer. Sourced, with the checkout's root as working directory.

# Reports end a test (exit status 66), but only when it has shown all of them.
export TSAN_OPTIONS=suppressions=$PWD/scripts/lib/tsan.supp:halt_on_error=0:exitcode=66:second_deadlock_stack=1:print_suppressions=0

# ThreadSanitizer cannot see how the threads of OpenMP wait for one another: its runtime is not instrumented, and what one
# thread writes and another one reads behind a barrier looks like a race. So LibTorch computes with one thread. Our own
# threads stay as many as each test asks for. Not OMP_THREAD_LIMIT: a LibTorch that was told to take two threads and gets one
# leaves half of a result as it was (NaN, in unit_engine.StagedRuns).
tsan_environment=(OMP_NUM_THREADS=1 MKL_NUM_THREADS=1)

# Prints what ctest has to be started with: the environment, and, where the kernel scatters addresses further than GCC 12's
# ThreadSanitizer copes with (vm.mmap_rnd_bits above 28: "unexpected memory mapping"), a start without that.
tsan_launcher() {
  local bits
  bits=$(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 28)
  if ((bits > 28)) && setarch "$(uname -m)" -R true 2>/dev/null; then
    echo setarch "$(uname -m)" -R env "${tsan_environment[@]}"
  else
    echo env "${tsan_environment[@]}"
  fi
}
