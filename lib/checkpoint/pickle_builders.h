// What calling a class of a pickle means: data from data.
#pragma once

#include <cstddef>

#include "checkpoint/pickle_value.h"

namespace bteval::checkpoint {

/// Counts what a pickle makes bteval allocate.
class PickleBudget {
 public:
  explicit PickleBudget(std::size_t limit) : left_(limit) {}
  /// Error(kCheckpoint) where the limit is exceeded.
  void charge(std::size_t count);

 private:
  std::size_t left_;
};

/// The value of REDUCE: `callable` applied to `arguments`, by the table of pickle_globals.h.
/// Error(kCheckpoint), without a context, where the callable is no class or the arguments do not fit it.
PickleRef pickle_call(PickleDocument& document, PickleBudget& budget, PickleRef callable,
                      PickleRef arguments);

/// The value of NEWOBJ: an instance of a class; functions are refused.
PickleRef pickle_new_object(PickleDocument& document, PickleBudget& budget, PickleRef type,
                            PickleRef arguments);

/// The storage that a persistent id ("storage", type, key, location, numel) names. The location is ignored,
/// so that "cuda:0" loads anywhere.
PickleRef pickle_persistent_load(PickleDocument& document, PickleRef id);

}  // namespace bteval::checkpoint
