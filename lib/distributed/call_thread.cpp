#include "distributed/call_thread.h"

#include <utility>

namespace bteval::distributed {

CallThread::CallThread() : thread_([state = state_] { work(state); }) {}

CallThread::~CallThread() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->leave = true;
  }
  state_->changed.notify_all();
  overdue_ ? thread_.detach() : thread_.join();
}

void CallThread::work(const std::shared_ptr<State>& state) {
  std::unique_lock lock(state->mutex);
  while (true) {
    state->changed.wait(lock, [&] { return state->call || state->leave; });
    if (!state->call) return;
    const std::function<void()> call = state->call;
    lock.unlock();
    std::exception_ptr error;
    try {
      call();
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    state->error = error;
    state->call = nullptr;
    state->changed.notify_all();
  }
}

bool CallThread::run(std::function<void()> call, std::chrono::milliseconds deadline) {
  if (overdue_) return false;
  std::unique_lock lock(state_->mutex);
  state_->call = std::move(call);
  state_->changed.notify_all();
  if (!state_->changed.wait_for(lock, deadline, [this] { return !state_->call; })) {
    overdue_ = true;
    return false;
  }
  if (state_->error) std::rethrow_exception(std::exchange(state_->error, nullptr));
  return true;
}

}  // namespace bteval::distributed
