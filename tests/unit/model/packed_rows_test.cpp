#include "model/packed_rows.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "model/attention.h"
#include "support/compute_threads.h"
#include "unit/model/filled_tensors.h"
#include "unit/model/tiny_model.h"

namespace bteval::model {
namespace {

using testing::max_difference;

/// 1 for the first lengths[i] rows of sequence i.
at::Tensor mask_of(const std::vector<std::int64_t>& lengths, std::int64_t longest) {
  at::Tensor mask = at::zeros({static_cast<std::int64_t>(lengths.size()), longest}, at::kLong);
  for (std::size_t i = 0; i < lengths.size(); ++i)
    mask[static_cast<std::int64_t>(i)].narrow(0, 0, lengths[i]).fill_(1);
  return mask;
}

TEST(PackedRows, LeavesPaddingOutAndPutsItBackAsZeros) {
  const PackedRows rows(mask_of({2, 4, 1}, 4));
  EXPECT_EQ(rows.batch(), 3);
  EXPECT_EQ(rows.begin(1), 2);
  EXPECT_EQ(rows.count(1), 4);
  EXPECT_EQ(rows.count(2), 1);
  const at::Tensor padded = at::arange(1, 25, at::kFloat).view({3, 4, 2});
  const at::Tensor packed = rows.pack(padded);
  EXPECT_EQ(rows.begin(3), 7);
  EXPECT_TRUE(at::equal(packed.select(2, 0).narrow(1, 0, 7),
                        at::tensor({1.F, 3.F, 9.F, 11.F, 13.F, 15.F, 17.F}).view({1, 7})));
  const at::Tensor back = rows.pad(packed);
  EXPECT_TRUE(at::equal(back, padded * mask_of({2, 4, 1}, 4).unsqueeze(2)));
  EXPECT_TRUE(at::equal(rows.first_rows(packed), padded.select(1, 0)));
  EXPECT_FALSE(rows.pad({}).defined());
}

TEST(PackedRows, TakesWhatTheMaskSaysWhereverItIs) {
  const PackedRows rows(at::tensor({1, 0, 1, 0, 1, 1}, at::kLong).view({2, 3}));
  const at::Tensor padded = at::arange(6, at::kFloat).view({2, 3, 1});
  EXPECT_TRUE(at::equal(rows.pack(padded).narrow(1, 0, 4), at::tensor({0.F, 2.F, 4.F, 5.F}).view({1, 4, 1})));
}

TEST(PackedRows, HaveFewDifferentNumbers) {
  for (const std::int64_t count : {1, 31, 32, 33, 64, 65, 100}) {
    const PackedRows rows(mask_of({count, 1}, 100));
    EXPECT_EQ(rows.rows() % kPackedRowMultiple, 0) << count;
    EXPECT_GE(rows.rows(), count + 1);
    EXPECT_LT(rows.rows(), count + 1 + kPackedRowMultiple);
    EXPECT_EQ(rows.pack(at::ones({2, 100, 3})).sizes(), at::IntArrayRef({1, rows.rows(), 3}));
  }
}

/// With heads of 64 channels, which the kernel takes where the processor can, and of 8, which it does not.
class PackedAttention : public ::testing::TestWithParam<std::int64_t> {};

TEST_P(PackedAttention, EachSequenceSeesItselfOnly) {
  const testing::FilledTensors filled;
  const std::vector<std::int64_t> lengths = {3, 7, 40, 1, 16, 17};
  const PackedRows rows(mask_of(lengths, 40));
  const std::int64_t width = 2 * GetParam();
  ASSERT_EQ(rows.begin(6), 84);
  const std::int64_t count = rows.rows();  // more than 84
  const at::Tensor all =
      at::sin(at::arange(count * 3 * width, at::kFloat).mul_(0.37)).view({1, count, 3 * width});
  const std::vector<at::Tensor> parts = all.chunk(3, 2);  // slices of one product, as in the model
  const at::Tensor padding = mask_of(lengths, 40).eq(0).view({6, 1, 1, 40});
  const at::Tensor mask = at::zeros(padding.sizes()).masked_fill_(padding, -3.4028234663852886e38);
  const int threads = at::get_num_threads();
  for (const int used : {1, 3}) {
    if (testing::kComputeThreads == 1 && used > 1) break;
    at::set_num_threads(used);
    const at::Tensor got = attend_packed(parts[0], parts[1], parts[2], {2}, mask, rows);
    ASSERT_EQ(got.sizes(), at::IntArrayRef({1, count, width}));
    EXPECT_TRUE(got.isfinite().all().item<bool>());
    for (std::int64_t i = 0; i < rows.batch(); ++i) {
      const auto own = [&](const at::Tensor& x) { return x.narrow(1, rows.begin(i), rows.count(i)); };
      const at::Tensor alone = attend(own(parts[0]), own(parts[1]), own(parts[2]), {2, false}, {});
      EXPECT_LE(max_difference(own(got), alone), 2e-6) << "sequence " << i;
    }
  }
  at::set_num_threads(threads);
}

INSTANTIATE_TEST_SUITE_P(Heads, PackedAttention, ::testing::Values(64, 8));

}  // namespace
}  // namespace bteval::model
