// The modes of `bteval bench`, one function each; see BenchMode.
#pragma once

#include <string>

#include "core/json.h"
#include "tasks/bench.h"
#include "tasks/bench_model.h"
#include "text/tokenizer.h"

namespace bteval::app {

/// What a mode found out: a document for --json, and text.
struct BenchReport {
  OrderedJson json = OrderedJson::object();
  std::string text;
};

/// `options.engine` must be resolved.
BenchReport bench_throughput(const BenchOptions& options);
BenchReport bench_latency(const BenchOptions& options);
BenchReport bench_input(const BenchOptions& options);
BenchReport bench_end_to_end(const BenchOptions& options);

/// The savings that are left.
model::Savings chosen_savings(const BenchOptions& options);

/// The tokenizer of --tokenizer or of the model's folder; Error(kUsage) where there is none.
text::Tokenizer bench_tokenizer(const BenchOptions& options);

}  // namespace bteval::app
