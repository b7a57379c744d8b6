#include "checkpoint/torch_zip.h"

#include <gmock/gmock.h>

#include "checkpoint/safetensors.h"
#include "checkpoint/tensor_copy.h"
#include "support/test_paths.h"
#include "unit/checkpoint/support.h"
#include "unit/checkpoint/zip_builder.h"

namespace bteval::checkpoint {
namespace {

using namespace std::string_literals;
using pickle_text::global;
using pickle_text::text;
using pickle_text::whole;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::shared_ptr<const Bytes> fixture(const std::string& name) {
  return Bytes::map_file(bteval::testing::golden_data("checkpoint/" + name));
}

/// Every tensor of the torch file has the dtype, shape and bytes of the safetensors file that PyTorch wrote
/// beside it.
void expect_equal_tensors(const std::map<std::string, TensorView>& actual, const std::string& reference) {
  const SafetensorsFile expected = read_safetensors(fixture(reference));
  ASSERT_EQ(actual.size(), expected.tensors.size());
  for (const auto& [name, view] : expected.tensors) {
    ASSERT_TRUE(actual.contains(name)) << name;
    const TensorView& found = actual.at(name);
    EXPECT_EQ(found.dtype, view.dtype) << name;
    EXPECT_EQ(found.shape, view.shape) << name;
    EXPECT_EQ(contiguous_bytes(found), contiguous_bytes(view)) << name;
  }
}

TEST(TorchZip, ReadsViewsOffsetsSharedStoragesAndEveryDtype) {
  const TorchFile file = read_torch_zip(fixture("views.bin"));
  expect_equal_tensors(file.tensors, "views.safetensors");
  EXPECT_FALSE(file.tensors.at("transposed").is_contiguous());
  EXPECT_EQ(file.tensors.at("offset").data, file.tensors.at("base").data + 5 * sizeof(float));
  EXPECT_TRUE(file.hyper_parameters.is_null());
}

TEST(TorchZip, ReadsEveryLayoutOfCheckpoints) {
  for (const char* name : {"state_dict.bin", "lightning_1_4.ckpt", "lightning_1_5.ckpt", "protocol_3.ckpt",
                           "protocol_4.ckpt", "protocol_5.ckpt"}) {
    SCOPED_TRACE(name);
    expect_equal_tensors(read_torch_zip(fixture(name)).tensors, "state_dict.safetensors");
  }
  EXPECT_EQ(read_torch_zip(fixture("single_item.bin")).tensors.size(), 1U);
}

TEST(TorchZip, KeepsHyperParametersAsJson) {
  const Json newer = read_torch_zip(fixture("lightning_1_5.ckpt")).hyper_parameters;
  EXPECT_EQ(newer.at("config").at("num_heads"), 4);
  EXPECT_EQ(newer.at("config").at("names"), Json({"a", "Ü", "日"}));
  EXPECT_EQ(newer.at("config").at("large"), std::int64_t{1} << 40);
  EXPECT_EQ(newer.at("config").at("minus_infinity"), "-inf");
  EXPECT_TRUE(newer.at("config").at("none").is_null());
  EXPECT_EQ(newer.at("numpy_float"), 0.25);
  EXPECT_EQ(newer.at("numpy_int"), -3);
  EXPECT_EQ(newer.at("numpy_bool"), true);
  EXPECT_EQ(newer.at("dtype"), "torch.float16");
  EXPECT_EQ(newer.at("shape"), Json({2, 3}));
  EXPECT_EQ(newer.at("7"), "integer key");
  EXPECT_EQ(newer.at("args"), Json({{"__class__", "argparse.Namespace"}, {"lr", 0.5}, {"name", "run"}}));
  EXPECT_EQ(newer.at("tensor"),
            Json({{"__class__", "torch.Tensor"}, {"dtype", "FloatStorage"}, {"shape", {2, 2}}}));
  const Json older = read_torch_zip(fixture("lightning_1_4.ckpt")).hyper_parameters;
  EXPECT_EQ(older, Json({{"__class__", "pytorch_lightning.utilities.parsing.AttributeDict"},
                         {"config", {{"hidden_size", 64}, {"num_heads", 2}}},
                         {"extra", 1}}));
}

TEST(TorchZip, RefusesOtherThingsThatTorchWrites) {
  const std::pair<const char*, const char*> cases[] = {
      {"refused_module.bin", "torch.nn.modules.linear.Linear, a whole object (torch.save(model))"},
      {"refused_complex.bin", "tensor complex: has the dtype of ComplexFloatStorage"},
      {"refused_uint16.bin", "tensor uint16: has the dtype of uint16"},
      {"refused_sparse.bin", "sparse (a torch._utils._rebuild_sparse_tensor)"},
      {"refused_script.pt", "TorchScript archive"},
  };
  for (const auto& [name, message] : cases) {
    EXPECT_THAT(error_of([&, file = name] { read_torch_zip(fixture(file)); }), HasSubstr(message)) << name;
  }
}

/// {"w": a tensor on the storage "0" of FloatStorage with two elements}.
std::string tensor_pickle(const std::string& offset, const std::string& shape, const std::string& strides,
                          const std::string& type = global("torch", "FloatStorage"),
                          const std::string& numel = "K\x02") {
  const std::string storage = "("s + text("storage") + type + text("0") + text("cuda:0") + numel + "tQ";
  return whole("}"s + text("w") + global("torch._utils", "_rebuild_tensor_v2") + "(" + storage + offset +
               shape + strides + "\x89" + global("collections", "OrderedDict") + ")RtRs");
}

std::shared_ptr<const Bytes> archive(const std::string& pickle,
                                     const std::string& storage = std::string(8, '\0')) {
  return ZipBuilder().add("m/data.pkl", pickle).add("m/data/0", storage).bytes("m.ckpt");
}

TEST(TorchZip, BoundsEveryView) {
  const std::string zero = "K\x00"s;
  const std::string one = "K\x01\x85";
  const std::string two = "K\x02\x85";
  EXPECT_THAT(read_torch_zip(archive(tensor_pickle(zero, two, one))).tensors.at("w").shape, ElementsAre(2));
  struct Case {
    std::string pickle;
    const char* message;
  };
  const std::string huge = "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f";
  const Case cases[] = {
      {tensor_pickle("K\x01", two, one), "reaches to element 3 of its storage m/data/0, which has 2"},
      {tensor_pickle("K\x02", one, one), "reaches to element 3"},
      {tensor_pickle(zero, two, two), "reaches to element 3"},
      {tensor_pickle(zero, "K\x02K\x02\x86", "K\x01K\x01\x86"), "reaches to element 3"},
      {tensor_pickle(zero, two, "J\xff\xff\xff\xff\x85"), "negative stride -1"},
      {tensor_pickle("J\xff\xff\xff\xff", two, one), "negative storage offset -1"},
      {tensor_pickle(zero, "J\xff\xff\xff\xff\x85", one), "negative size -1"},
      {tensor_pickle(zero, two, "K\x01K\x01\x86"), "has 1 sizes and 2 strides"},
      {tensor_pickle(huge, one, one), "is too large"},
      {tensor_pickle(zero, huge + "\x85", "K\x02\x85"), "is too large"},
      {tensor_pickle(zero, huge + huge + "\x86", zero + zero + "\x86"), "is too large"},
      {tensor_pickle(zero, "J\xff\xff\xff\x7f\x85", zero + "\x85"), "repeats the 2 elements of its storage"},
      {tensor_pickle(text("x"), two, one), "storage offset is a string, not an int"},
      {tensor_pickle(zero, "]", one), "shape is a list, not a tuple"},
      {tensor_pickle(zero, two, one, global("torch", "FloatStorage"), "K\x03"),
       "has 8 bytes, but 3 elements of F32 need 12"},
      {tensor_pickle(zero, two, one, global("torch", "FloatStorage"), huge), "is too large"},
      {tensor_pickle(zero, two, one, global("torch", "FloatStorage"), "J\xff\xff\xff\xff"),
       "negative number of elements"},
      {tensor_pickle(zero, two, one, global("torch", "DoubleStorage")), "need 16"},
  };
  for (const Case& c : cases) {
    const std::string message = error_of([&] { read_torch_zip(archive(c.pickle)); });
    EXPECT_THAT(message, HasSubstr(c.message));
    EXPECT_THAT(message, StartsWith("m.ckpt: ")) << c.message;
  }
}

TEST(TorchZip, EmptyViewsNeedNoStorage) {
  const auto file =
      read_torch_zip(archive(tensor_pickle("K\x07", "K\x00\x85"s, "K\x01\x85"), ""s + std::string(8, 'x')));
  EXPECT_EQ(file.tensors.at("w").numel(), 0);
}

TEST(TorchZip, RefusesArchivesThatAreNoCheckpoint) {
  const std::string pickle = tensor_pickle("K\x00"s, "K\x02\x85", "K\x01\x85");
  const auto with = [&](auto change) {
    ZipBuilder zip;
    zip.add("m/data.pkl", pickle).add("m/data/0", std::string(8, '\0'));
    change(zip);
    return error_of([&] { read_torch_zip(zip.bytes("m.ckpt")); });
  };
  EXPECT_EQ(with([](ZipBuilder& zip) { zip.add("m/byteorder", "little"); }), "no error");
  EXPECT_THAT(with([](ZipBuilder& zip) { zip.add("m/byteorder", "big"); }),
              HasSubstr("has the byte order 'big'"));
  EXPECT_THAT(with([](ZipBuilder& zip) { zip.add("x/data.pkl", ""); }),
              HasSubstr("2 entries named data.pkl"));
  EXPECT_THAT(with([](ZipBuilder& zip) { zip.items[0].name = "m/other.pkl"; }),
              HasSubstr("without data.pkl"));
  EXPECT_THAT(with([](ZipBuilder& zip) { zip.items[1].name = "m/data/1"; }),
              HasSubstr("tensor w: its storage m/data/0 is not in the archive"));
  EXPECT_THAT(with([](ZipBuilder& zip) { zip.items[0].method = 8; }),
              HasSubstr("entry m/data.pkl: at byte 40: is compressed"));
  EXPECT_THAT(with([](ZipBuilder& zip) { zip.items[1].method = 8; }), HasSubstr("entry m/data/0: "));
  EXPECT_EQ(with([](ZipBuilder& zip) {
              zip.items[0].name = "data.pkl";
              zip.items[1].name = "data/0";
            }),
            "no error");
}

TEST(TorchZip, SaysWhatThePickleHoldsInstead) {
  const std::string rebuilt = tensor_pickle("K\x00"s, "K\x02\x85", "K\x01\x85");
  const std::string tensor = rebuilt.substr(2 + 1 + 3, rebuilt.size() - 2 - 1 - 3 - 2);
  const std::pair<std::string, const char*> cases[] = {
      {"K\x01", "m.ckpt: is an int, not a dict of tensors"},
      {tensor, "is a tensor, not a dict of tensors"},
      {"}", "its items are: none"},
      {"}"s + text("epoch") + "K\x01s", "its items are: epoch (an int)"},
      {"}"s + text("state_dict") + "Ns", "its state_dict is None, not a dict"},
      {"}"s + text("w") + tensor + "s" + text("n") + "K\x01s", "tensor n: is an int, not a tensor"},
      {"}"s + text("w") + tensor + "sK\x01" + tensor + "s", "a key that is an int"},
      {"}"s + text("w") + tensor + "s" + text("w") + tensor + "s", "tensor w: comes twice"},
      {"}"s + text("state_dict") + "}"s + text("w") + tensor + "ss" + text("hyper_parameters") +
           "]q\x01h\x01"s + "as",
       "m.ckpt: hyper_parameters: is nested too deeply, or contains itself"},
  };
  for (const auto& [body, message] : cases) {
    EXPECT_THAT(error_of([&, b = body] { read_torch_zip(archive(whole(b))); }), HasSubstr(message));
  }
}

TEST(TorchZip, EveryTruncationOfAValidFileIsAnError) {
  for (const char* name : {"views.bin", "lightning_1_5.ckpt", "protocol_4.ckpt"}) {
    const auto bytes = fixture(name);
    for (std::size_t size = 0; size < bytes->size(); ++size) {
      const auto part = Bytes::from_memory("part", bytes->text().substr(0, size));
      ASSERT_NE(error_of([&] { read_torch_zip(part); }), "no error") << name << ", " << size << " bytes";
    }
  }
}

TEST(TorchZip, EveryChangedByteIsReadOrRefused) {
  const auto bytes = fixture("lightning_1_4.ckpt");
  std::size_t refused = 0;
  for (std::size_t at = 0; at < bytes->size(); ++at) {
    for (const char flip : {'\x01', '\x80', '\xff'}) {
      std::string changed(bytes->text());
      changed[at] = static_cast<char>(changed[at] ^ flip);
      const std::string message = error_of([&] { read_torch_zip(Bytes::from_memory("changed", changed)); });
      if (message != "no error") ++refused;
      ASSERT_THAT(message, ::testing::Not(StartsWith("of another kind"))) << "byte " << at;
    }
  }
  EXPECT_GT(refused, bytes->size() / 4);
}

}  // namespace
}  // namespace bteval::checkpoint
