#include "model/attention_kernel.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>

#include "model/attention.h"
#include "support/compute_threads.h"
#include "unit/model/filled_tensors.h"

namespace bteval::model {
namespace {

constexpr std::int64_t kD = kKernelChannels;

/// Values of one magnitude, the same in every run.
at::Tensor wave(at::IntArrayRef sizes, double step, double scale = 1) {
  std::int64_t count = 1;
  for (const std::int64_t size : sizes) count *= size;
  return at::sin(at::arange(count, at::kDouble) * step).mul_(scale).to(at::kFloat).view(sizes);
}

at::Tensor reference(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
  const at::Tensor scores = at::matmul(q.to(at::kDouble), k.to(at::kDouble).transpose(-2, -1)) / 8.0;
  return at::matmul(at::softmax(scores, -1), v.to(at::kDouble));
}

HeadRows rows_of(const at::Tensor& x) { return {x.data_ptr<float>(), x.size(0), x.stride(0)}; }

/// All [rows, 64].
at::Tensor attend_one(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
  at::Tensor out = at::full({q.size(0), kD}, -1.0F);
  AttentionKernel kernel;
  kernel.set_keys(rows_of(k), rows_of(v));
  kernel.attend(rows_of(q), out.data_ptr<float>(), kD);
  return out;
}

class AttentionKernels : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!AttentionKernel::works_here())
      GTEST_SKIP() << "this processor has no AVX-512, or ATEN_CPU_CAPABILITY says so";
  }
};

TEST(AttentionKernelSetting, KeepsToWhatLibTorchIsTold) {
  // The answer is kept for the life of a process: each setting is tried in a process of its own, which has
  // not asked yet (the fixture's SetUp does).
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  for (const char* capability : {"avx2", "default"})
    EXPECT_EXIT(
        {
          setenv("ATEN_CPU_CAPABILITY", capability, 1);
          std::exit(AttentionKernel::works_here() ? 1 : 0);
        },
        ::testing::ExitedWithCode(0), "")
        << capability;
}

TEST_F(AttentionKernels, AgreesWithDoublePrecisionForAnyNumberOfRows) {
  for (const std::int64_t keys : {1, 2, 15, 16, 17, 31, 32, 33, 47, 48, 49, 64, 65, 80, 96, 97, 577, 1297}) {
    for (const std::int64_t queries : {1, 7, 8, 9, 50}) {
      const at::Tensor q = wave({queries, kD}, 0.71, 2), k = wave({keys, kD}, 0.37, 2),
                       v = wave({keys, kD}, 0.53);
      EXPECT_LE((attend_one(q, k, v) - reference(q, k, v)).abs().max().item<double>(), 2e-6)
          << queries << " queries, " << keys << " keys";
    }
  }
}

TEST_F(AttentionKernels, ScoresThatAreFarApartGiveTheGreatestOnesValue) {
  at::Tensor q = at::ones({9, kD}), k = at::zeros({100, kD}), v = wave({100, kD}, 0.53);
  k[41].fill_(-40);  // scores of -320, 0 and 320
  k[42].fill_(40);
  EXPECT_TRUE(at::equal(attend_one(q, k, v), v[42].expand({9, kD})));
  k.fill_(-40);  // all alike and far below 0: the zeros that fill the last register must not count
  EXPECT_LE((attend_one(q, k, v) - reference(q, k, v)).abs().max().item<double>(), 1e-6);
}

TEST_F(AttentionKernels, SmallWeightsCountAsInDoublePrecision) {
  // Scores from 0 down to -100: weights from 1 to less than float32 has.
  at::Tensor q = at::zeros({8, kD}), k = at::zeros({101, kD}), v = wave({101, kD}, 0.53);
  q.select(1, 0).fill_(8);
  k.select(1, 0).copy_(-at::arange(101, at::kFloat));
  EXPECT_LE((attend_one(q, k, v) - reference(q, k, v)).abs().max().item<double>(), 1e-6);
}

TEST_F(AttentionKernels, WhatIsNotANumberStaysInItsRows) {
  at::Tensor q = wave({20, kD}, 0.71), k = wave({50, kD}, 0.37), v = wave({50, kD}, 0.53);
  const at::Tensor all = attend_one(q, k, v);
  q[13][5] = std::numeric_limits<float>::quiet_NaN();
  const at::Tensor some = attend_one(q, k, v);
  EXPECT_TRUE(some[13].isnan().all().item<bool>());
  EXPECT_TRUE(at::equal(some.narrow(0, 0, 13), all.narrow(0, 0, 13)));
  EXPECT_TRUE(at::equal(some.narrow(0, 14, 6), all.narrow(0, 14, 6)));
}

TEST_F(AttentionKernels, ARowDoesNotDependOnItsNeighbours) {
  const at::Tensor q = wave({29, kD}, 0.71), k = wave({70, kD}, 0.37), v = wave({70, kD}, 0.53);
  const at::Tensor all = attend_one(q, k, v);
  for (const std::int64_t first : {0, 3, 8, 28})
    EXPECT_TRUE(at::equal(attend_one(q.narrow(0, first, 1), k, v)[0], all[first])) << first;
}

TEST_F(AttentionKernels, WritesNothingBesideItsRows) {
  const at::Tensor q = wave({11, kD}, 0.71), k = wave({33, kD}, 0.37), v = wave({33, kD}, 0.53);
  at::Tensor out = at::full({12, 2 * kD}, -1.0F);
  AttentionKernel kernel;
  kernel.set_keys(rows_of(k), rows_of(v));
  kernel.attend(rows_of(q), out.data_ptr<float>() + kD, 2 * kD);
  EXPECT_TRUE(at::equal(out.narrow(0, 0, 11).narrow(1, kD, kD), attend_one(q, k, v)));
  EXPECT_TRUE(out.narrow(1, 0, kD).eq(-1).all().item<bool>());
  EXPECT_TRUE(out[11].eq(-1).all().item<bool>());
}

TEST_F(AttentionKernels, MaskedKeysCountForNothing) {
  constexpr std::int64_t kHeads = 2, kWidth = kHeads * kD;
  const std::vector<at::Tensor> parts = wave({3, 19, 3 * kWidth}, 0.71, 2).chunk(3, -1);
  at::Tensor mask = at::zeros({3, 1, 1, 19});
  mask[1].narrow(2, 10, 9).fill_(std::numeric_limits<float>::lowest());
  mask[2].narrow(2, 1, 18).fill_(std::numeric_limits<float>::lowest());
  const at::Tensor masked = attend(parts[0], parts[1], parts[2], {kHeads, true, true}, mask);
  const auto alone = [&](std::int64_t item, std::int64_t keys) {
    const auto first = [&](const at::Tensor& x, std::int64_t rows) {
      return x.narrow(0, item, 1).narrow(1, 0, rows);
    };
    return attend(first(parts[0], 19), first(parts[1], keys), first(parts[2], keys), {kHeads, true, true},
                  {})[0];
  };
  EXPECT_TRUE(at::equal(masked[0], alone(0, 19)));
  EXPECT_LE((masked[1] - alone(1, 10)).abs().max().item<double>(), 1e-6);
  EXPECT_TRUE(at::equal(masked[2], parts[2][2][0].expand({19, kWidth})));
  const at::Tensor plain = attend(parts[0], parts[1], parts[2], {kHeads, false, false}, mask);
  EXPECT_LE((masked - plain).abs().max().item<double>(), 2e-6);
  EXPECT_FALSE(at::equal(masked, plain)) << "the kernel was not used";
}

TEST_F(AttentionKernels, AttendTakesSlicesOfAWiderProductInAnyNumberOfThreads) {
  const testing::FilledTensors filled;
  constexpr std::int64_t kHeads = 2, kWidth = kHeads * kD;
  const std::vector<at::Tensor> parts = wave({3, 300, 3 * kWidth}, 0.71, 2).chunk(3, -1);
  const auto by_head = [](const at::Tensor& x) { return x.unflatten(-1, {kHeads, kD}).transpose(1, 2); };
  const at::Tensor expected = reference(by_head(parts[0]), by_head(parts[1]), by_head(parts[2]))
                                  .transpose(1, 2)
                                  .reshape({3, 300, kWidth});
  const int threads = at::get_num_threads();
  std::vector<at::Tensor> results;
  for (const int count : {1, 2, 3, 16}) {  // 6 heads: whole ones, then up to four parts each
    if (testing::kComputeThreads == 1 && count > 1) break;
    at::set_num_threads(count);
    results.push_back(attend(parts[0], parts[1], parts[2], {kHeads, true, true}, {}));
    EXPECT_TRUE(at::equal(results.back(), results.front())) << count;
  }
  at::set_num_threads(threads);
  EXPECT_LE((results[0] - expected).abs().max().item<double>(), 2e-6);
  const at::Tensor plain = attend(parts[0], parts[1], parts[2], {kHeads, false, false}, {});
  EXPECT_LE((results[0] - plain).abs().max().item<double>(), 2e-6);
  EXPECT_FALSE(at::equal(results[0], plain)) << "the kernel was not used";
}

}  // namespace
}  // namespace bteval::model
