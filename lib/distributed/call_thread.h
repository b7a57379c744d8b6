// Calls that must end: they run on a thread of their own, which is given up when it does not come back.
#pragma once

#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace bteval::distributed {

/// A cut network leaves a call in recv() for ever, whatever time-out its library promises. Not for several
/// threads at once.
class CallThread {
 public:
  CallThread();
  /// Waits for the thread, unless its call is overdue.
  ~CallThread();
  CallThread(const CallThread&) = delete;
  CallThread& operator=(const CallThread&) = delete;

  /// Runs `call` and rethrows what it throws. False where it has not ended by the deadline: it goes on behind
  /// the caller's back, so it must own everything that it uses, and no further call is possible.
  bool run(std::function<void()> call, std::chrono::milliseconds deadline);
  bool overdue() const { return overdue_; }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    std::function<void()> call;  // the call to make; empty when it has ended
    std::exception_ptr error;
    bool leave = false;
  };
  static void work(const std::shared_ptr<State>& state);

  std::shared_ptr<State> state_ = std::make_shared<State>();
  bool overdue_ = false;
  std::thread thread_;
};

}  // namespace bteval::distributed
