// The table of bad inputs: checkpoints, their config.json, tokenizers, and single images and tensors.
#include <gtest/gtest.h>

#include <filesystem>

#include "support/bad_input_bases.h"
#include "unit/checkpoint/zip_builder.h"

namespace bteval {
namespace {

namespace fs = std::filesystem;
using namespace bteval::testing;
using checkpoint::append_le;
using checkpoint::ZipBuilder;

constexpr int kUsage = 2, kData = 3, kCheckpoint = 4, kRefused = 6;
const std::string kInspect = "inspect @model";
const std::string kConvert = "convert @model @out.safetensors";
const std::string kTokens = "probe tokens --tokenizer @model";
const std::string kLfs = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";

std::string safetensors(const std::string& header, const std::string& rest) {
  std::string out;
  append_le(out, std::uint64_t{header.size()});
  return out + header + rest;
}

/// A checkpoint in torch's zip form with this pickle, and one storage "0" of so many bytes.
std::string torch_file(const std::string& pickle, std::size_t storage_bytes) {
  ZipBuilder zip;
  zip.add("archive/data.pkl", pickle).add("archive/version", "3\n");
  if (storage_bytes > 0) zip.add("archive/data/0", std::string(storage_bytes, '\0'));
  return zip.build();
}

std::string text(const std::string& value) {
  std::string out = "X";
  append_le(out, static_cast<std::uint32_t>(value.size()));
  return out + value;
}

/// {"w": a tensor of 4 floats over storage "0" of `floats` floats, seen with this offset}.
std::string tensor_pickle(const std::string& floats, const std::string& offset) {
  return "\x80\x02}" + text("w") + "ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") +
         "ctorch\nFloatStorage\n" + text("0") + text("cpu") + "K" + floats + "tQK" + offset +
         "K\x04\x85K\x01\x85\x89"
         "ccollections\nOrderedDict\n)RtRs.";
}

MakeFiles config(const std::string& before, const std::string& now) {
  return edit(model_files, "model/config.json", before, now);
}
/// With this number of attention heads in text_config, which the cross-modal layers take theirs from, too.
MakeFiles heads(const std::string& number) {
  const std::string before = "\"bridgetower_text_model\",\n    \"num_attention_heads\": ";
  return config(before + "2", before + number);
}
MakeFiles weights(const std::string& content) { return only("a.safetensors", content); }

std::vector<BadInput> config_rows() {
  return {
      {"config_no_json", put(model_files, "model/config.json", "{'hidden_size': 28}"), kInspect, kCheckpoint,
       "@model/config.json: at byte 1: is not valid JSON, near '{'hidden_size': 28}'"},
      {"config_a_list", put(model_files, "model/config.json", "[]"), kInspect, kCheckpoint,
       "@model/config.json: is not a JSON object"},
      {"config_half", cut(model_files, "model/config.json", 300), kInspect, kCheckpoint,
       "@model/config.json: at byte 300: is not valid JSON, near 'l_transformer_layers'"},
      {"config_git_lfs_pointer", put(model_files, "model/config.json", kLfs), kInspect, kCheckpoint,
       "@model/config.json: is a Git LFS pointer, not the file itself: fetch it with 'git lfs pull'"},
      {"config_of_another_model", config("\"bridgetower\"", "\"bert\""), kInspect, kCheckpoint,
       "@model: config.json does not fit the weights: model_type is \"bert\", supported is \"bridgetower\"",
       "**"},
      {"config_hidden_size_text", config("\"hidden_size\": 28", "\"hidden_size\": \"28\""), kInspect,
       kCheckpoint, "@model: config.json does not fit the weights: hidden_size is no whole number but \"28\"",
       "**"},
      {"config_hidden_size_negative", config("\"hidden_size\": 28", "\"hidden_size\": -28"), kInspect,
       kCheckpoint, "@model: config.json does not fit the weights: hidden_size is -28, the parameters say 28",
       "**"},
      {"config_hidden_size_huge", config("\"hidden_size\": 28", "\"hidden_size\": 1000000000000"), kInspect,
       kCheckpoint,
       "@model: config.json does not fit the weights: hidden_size is 1000000000000, the parameters say 28",
       "**"},
      {"config_too_many_layers", config("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1000000000"),
       kInspect, kCheckpoint,
       "@model: config.json does not fit the weights: num_hidden_layers is 1000000000, the parameters say 2",
       "**"},
      {"config_other_activation", config("\"hidden_act\": \"gelu\"", "\"hidden_act\": \"swish\""), kInspect,
       kCheckpoint,
       "@model: config.json does not fit the weights: hidden_act is \"swish\", supported is \"gelu\"", "**"},
      {"config_other_link_tower", config("\"link_tower_type\": \"add\"", "\"link_tower_type\": \"none\""),
       kInspect, kCheckpoint,
       "@model: config.json does not fit the weights: link_tower_type is \"none\", supported is \"add\"",
       "**"},
      {"config_patch_size_zero",
       also(model_files,
            [](auto& f) {
              const std::string was = f.read("model/config.json");
              const std::size_t at = was.find("\"patch_size\": ");
              f.write("model/config.json",
                      was.substr(0, at) + "\"patch_size\": 0" + was.substr(was.find_first_of(",\n", at)));
            }),
       kInspect, kCheckpoint,
       "@model: config.json does not fit the weights: vision_config.patch_size is 0, the parameters say 8",
       "**"},
      {"config_heads_that_do_not_divide_the_width", heads("5"), kInspect, kCheckpoint,
       "@model: 5 attention heads do not divide the cross-modal width 28", "**"},
      {"config_without_heads", heads("0"), kInspect, kCheckpoint,
       "@model: 0 attention heads do not divide the cross-modal width 28", "**"},
      {"config_heads_negative", heads("-2"), kInspect, kCheckpoint,
       "@model: -2 attention heads do not divide the cross-modal width 28", "**"},
      {"config_epsilon_not_a_number", config("\"layer_norm_eps\": 1e-05", "\"layer_norm_eps\": NaN"),
       kInspect, kCheckpoint,
       "@model/config.json: at byte 141: is not valid JSON, near '  \"layer_norm_eps\": NaN,\\x0a  "
       "\"link_tower_t'"},
      {"config_option_missing", model_files, kInspect + " --config @none.json", kCheckpoint,
       "@none.json: cannot open the file: No such file or directory"},
  };
}

std::vector<BadInput> weight_rows() {
  const std::string inspect = "inspect @a.safetensors";
  return {
      {"weights_missing", nothing, inspect, kCheckpoint,
       "@a.safetensors: cannot open the file: No such file or directory"},
      {"weights_in_no_folder", only("model/readme.txt", "x"), kInspect, kCheckpoint,
       "@model: the folder has no model.safetensors, model.safetensors.index.json, pytorch_model.bin, "
       "pytorch_model.bin.index.json"},
      {"weights_empty", weights(""), inspect, kCheckpoint, "@a.safetensors: the file is empty"},
      {"weights_git_lfs_pointer", weights(kLfs), inspect, kCheckpoint,
       "@a.safetensors: is a Git LFS pointer, not the file itself: fetch it with 'git lfs pull'"},
      {"weights_web_page", weights("<!DOCTYPE html><html>404</html>"), inspect, kCheckpoint,
       "@a.safetensors: is a web page or XML, not weights: download the file itself"},
      {"weights_cut_in_the_header", cut(model_files, "model/model.safetensors", 1000), kInspect, kCheckpoint,
       "@model/model.safetensors: at byte 8: ends in the middle of the header (24480 bytes needed, 992 "
       "left)"},
      {"weights_cut_in_the_data", cut(model_files, "model/model.safetensors", 100000), kInspect, kCheckpoint,
       "@model/model.safetensors: tensor bridgetower.cross_modal_text_transform.bias: ends at byte 75520 of "
       "the data, which has 75512 bytes: the file is truncated or the header wrong"},
      {"weights_header_no_json", weights(safetensors("{'a': 1}", "")), inspect, kCheckpoint,
       "@a.safetensors: at byte 9: the header is not valid JSON, near '{''"},
      {"weights_dtype_unknown",
       weights(safetensors(R"({"t":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}})", "1234")), inspect,
       kCheckpoint, "@a.safetensors: tensor t: has the dtype F33, which bteval does not read"},
      {"weights_shape_negative",
       weights(safetensors(R"({"t":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", "1234")), inspect,
       kCheckpoint, "@a.safetensors: tensor t: has a negative number where the format has none"},
      {"weights_shape_of_other_size",
       weights(safetensors(R"({"t":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", "1234")), inspect,
       kCheckpoint, "@a.safetensors: tensor t: takes 4 bytes, but F32 and the shape [2] need 8"},
      {"weights_that_overlap",
       weights(safetensors(R"({"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                           R"("u":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}})",
                           "123456")),
       inspect, kCheckpoint, "@a.safetensors: tensor u: at byte 117: overlaps the tensor before it"},
      {"weights_with_a_hole",
       weights(safetensors(R"({"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                           R"("u":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}})",
                           "123456789012")),
       inspect, kCheckpoint, "@a.safetensors: tensor u: at byte 124: leaves a hole before it"},
      {"weights_twice_the_same_name",
       weights(safetensors(R"({"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                           R"("t":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
                           "12345678")),
       inspect, kCheckpoint, "@a.safetensors: tensor t: comes twice in the header"},
      {"weights_without_one_tensor",
       edit(model_files, "model/model.safetensors", "cross_modal_image_layernorm.bias",
            "cross_modal_image_layernorm.bios"),
       kInspect, kCheckpoint,
       "@model: the parameters do not make a BridgeTower: 1 missing: cross_modal_image_layernorm.bias; 1 "
       "unexpected: bridgetower.cross_modal_image_layernorm.bios",
       "**"},
      {"shards_index_no_json", only("model.safetensors.index.json", "{"),
       "inspect @model.safetensors.index.json", kCheckpoint,
       "@model.safetensors.index.json: at byte 1: is not valid JSON, near '{'"},
      {"shards_index_without_map", only("model.safetensors.index.json", "{\"metadata\": {}}"),
       "inspect @model.safetensors.index.json", kCheckpoint,
       "@model.safetensors.index.json: has no \"weight_map\": it is no index of shards (for a Hugging Face "
       "model, name its folder)"},
      {"shard_missing", only("model.safetensors.index.json", R"({"weight_map": {"t": "1.safetensors"}})"),
       "inspect @model.safetensors.index.json", kCheckpoint,
       "@1.safetensors: cannot open the file: No such file or directory"},
      {"shard_outside_its_folder",
       only("model.safetensors.index.json", R"({"weight_map": {"t": "../1.safetensors"}})"),
       "inspect @model.safetensors.index.json", kCheckpoint,
       "@model.safetensors.index.json: tensor t: its shard '../1.safetensors' is not the name of a file in "
       "this folder"},
      {"shard_without_its_tensor",
       put(only("model.safetensors.index.json", R"({"weight_map": {"u": "1.safetensors"}})"), "1.safetensors",
           safetensors(R"({"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", "1234")),
       "inspect @model.safetensors.index.json", kCheckpoint,
       "@1.safetensors: tensor u: is not in this shard, though model.safetensors.index.json says so"},
      {"ckpt_cut",
       also([](auto& f) { f.copy("checkpoints/snli_ve_meter", "model"); },
            [](auto& f) { f.cut("model/model.ckpt", 200000); }),
       "inspect @model/model.ckpt", kCheckpoint,
       "@model/model.ckpt: zip directory: at byte 200000: the zip archive has no directory at its end: the "
       "file is truncated"},
      {"ckpt_without_pickle", only("a.ckpt", ZipBuilder().add("archive/version", "3\n").build()),
       "inspect @a.ckpt", kCheckpoint,
       "@a.ckpt: is a zip archive without data.pkl: nothing that torch.save wrote"},
      {"ckpt_pickle_cut", only("a.ckpt", torch_file("\x80\x02}" + text("w").substr(0, 4), 0)),
       "inspect @a.ckpt", kCheckpoint,
       "@a.ckpt: pickle: at byte 50: ends in the middle of a string (4 bytes needed, 3 left)"},
      {"ckpt_opcode_unknown", only("a.ckpt", torch_file("\x80\x02}\xff.", 0)), "inspect @a.ckpt", kCheckpoint,
       "@a.ckpt: pickle: at byte 49: 0xff is no pickle opcode"},
      {"ckpt_storage_missing", only("a.ckpt", torch_file(tensor_pickle("\x04", std::string(1, '\0')), 0)),
       "inspect @a.ckpt", kCheckpoint, "@a.ckpt: tensor w: its storage archive/data/0 is not in the archive"},
      {"ckpt_storage_too_small", only("a.ckpt", torch_file(tensor_pickle("\x04", std::string(1, '\0')), 12)),
       "inspect @a.ckpt", kCheckpoint,
       "@a.ckpt: tensor w: at byte 271: its storage archive/data/0 has 12 bytes, but 4 elements of F32 need "
       "16"},
      {"ckpt_tensor_beyond_its_storage", only("a.ckpt", torch_file(tensor_pickle("\x04", "\x02"), 16)),
       "inspect @a.ckpt", kCheckpoint,
       "@a.ckpt: tensor w: at byte 271: reaches to element 6 of its storage archive/data/0, which has 4"},
      {"ckpt_a_number", only("a.ckpt", torch_file("\x80\x02K\x07.", 0)), "inspect @a.ckpt", kCheckpoint,
       "@a.ckpt: is an int, not a dict of tensors"},
      {"convert_into_no_folder", model_files, "convert @model @none/out.safetensors", kData,
       "@none/out.safetensors: cannot write the file: No such file or directory"},
      {"convert_onto_a_folder", also(model_files, [](auto& f) { fs::create_directory(f.path("out")); }),
       "convert @model @out", kData, "@out: cannot rename the finished file into place: Is a directory"},
      {"convert_to_unknown_names", model_files, kConvert + " --names mine", kUsage,
       "--names: mine not in {keep,official,hf} (--help lists the options)"},
  };
}

std::vector<BadInput> tokenizer_rows() {
  const auto vocab_only = drop(model_files, "model/tokenizer.json");
  return {
      {"tokenizer_folder_empty", also(nothing, [](auto& f) { fs::create_directory(f.path("model")); }),
       kTokens, kCheckpoint, "@model: holds no tokenizer.json, and neither vocab.json nor merges.txt"},
      {"tokenizer_folder_missing", nothing, kTokens, kCheckpoint,
       "@model: is no folder, so there are no tokenizer files in it"},
      {"tokenizer_json_half", cut(model_files, "model/tokenizer.json", 5000), kTokens, kCheckpoint,
       "@model/tokenizer.json: at byte 5000: is not valid JSON, near '\\x0a      \"Č\": 205,\\x0a  '"},
      {"tokenizer_of_another_kind",
       edit(model_files, "model/tokenizer.json", "\"type\": \"BPE\"", "\"type\": \"WordPiece\""), kTokens,
       kCheckpoint,
       "@model/tokenizer.json: model: only BPE is supported, as RoBERTa has it, but the type is WordPiece"},
      {"tokenizer_with_dropout",
       edit(model_files, "model/tokenizer.json", "\"dropout\": null", "\"dropout\": 0.1"), kTokens,
       kCheckpoint, "@model/tokenizer.json: model.dropout: is not 0: the ids would be random"},
      {"vocab_no_object", put(vocab_only, "model/vocab.json", "[]"), kTokens, kCheckpoint,
       "@model/vocab.json: is no vocabulary: not an object of token and id, but array"},
      {"vocab_id_twice", edit(vocab_only, "model/vocab.json", "\"!\":5", "\"!\":6"), kTokens, kCheckpoint,
       "@model/vocab.json: id 6: two tokens share it: '!' and '\"'"},
      {"vocab_id_text", edit(vocab_only, "model/vocab.json", "\"!\":5", "\"!\":\"5\""), kTokens, kCheckpoint,
       "@model/vocab.json: token '!': its id is \"5\", not a whole number from 0 to 2147483646"},
      {"vocab_id_huge", edit(vocab_only, "model/vocab.json", "\"!\":5", "\"!\":5000000000"), kTokens,
       kCheckpoint,
       "@model/vocab.json: token '!': its id is 5000000000, not a whole number from 0 to 2147483646"},
      {"vocab_without_begin_token", edit(vocab_only, "model/vocab.json", "\"<s>\"", "\"<b>\""), kTokens,
       kCheckpoint, "@model/vocab.json: the vocabulary has no '<s>', which every text needs"},
      {"merges_missing", drop(vocab_only, "model/merges.txt"), kTokens, kCheckpoint,
       "@model: holds no tokenizer.json, and vocab.json without merges.txt"},
      {"merges_of_three_parts", edit(vocab_only, "model/merges.txt", "\nh e\n", "\nh e r\n"), kTokens,
       kCheckpoint,
       "@model/merges.txt: line 12: is no merge: 'h e r' is not two tokens with one space between them"},
      {"merges_of_unknown_token", edit(vocab_only, "model/merges.txt", "\nh e\n", "\nh zz\n"), kTokens,
       kCheckpoint, "@model/merges.txt: line 12: 'zz' is not in the vocabulary"},
      {"max_length_without_room", model_files, kTokens + " --max-length 1", kUsage,
       "--max-length 1 leaves no room for both <s> and </s>"},
      {"max_length_negative", model_files, kTokens + " --max-length -3", kUsage,
       "--max-length: Value -3 not in range 0 to 1000000000 (--help lists the options)"},
  };
}

std::vector<BadInput> image_rows() {
  const std::string image = "probe image @a.jpg";
  const auto jpeg = [](auto& f) { f.copy("coco/val2014/COCO_val2014_000000910001.jpg", "a.jpg"); };
  return {
      {"image_missing", nothing, image, kData, "@a.jpg: cannot open the file: No such file or directory"},
      {"image_empty", only("a.jpg", ""), image, kData,
       "@a.jpg: no image that can be read: the file is empty"},
      {"image_a_folder", also(nothing, [](auto& f) { fs::create_directory(f.path("a.jpg")); }), image, kData,
       "@a.jpg: cannot open the file: Is a directory"},
      {"image_a_pipe",
       also(nothing, [](auto& f) { std::filesystem::create_symlink("/dev/zero", f.path("a.jpg")); }), image,
       kData, "@a.jpg: cannot open the file: Invalid argument"},
      {"image_git_lfs_pointer", only("a.jpg", kLfs), image, kData,
       "@a.jpg: no image that can be read: a Git LFS pointer (fetch the file itself with `git lfs pull`)"},
      {"image_web_page", only("a.jpg", "<!DOCTYPE html><html>404</html>"), image, kData,
       "@a.jpg: no image that can be read: an HTML or XML page (a failed download?)"},
      {"image_jpeg_cut", cut(jpeg, "a.jpg", 700), image, kData,
       "@a.jpg: the JPEG file is truncated (3 bytes not processed)"},
      {"image_jpeg_cut_in_the_header", cut(jpeg, "a.jpg", 60), image, kData,
       "@a.jpg: at byte 22: broken JPEG header: the file ends within a segment"},
      {"image_gif", only("a.jpg", "GIF89a\x01\x01"), image, kData,
       "@a.jpg: no image that can be read: a GIF image, which is not supported (convert it to PNG)"},
      {"image_png_header_alone", only("a.jpg", "\x89PNG\r\n\x1a\n"), image, kData,
       "@a.jpg: at byte 8: the PNG file is truncated: no image data"},
      {"images_one_of_two_missing", jpeg, "probe image @a.jpg @b.jpg", kRefused, "1 of 2 images were refused",
       "*\n*\n"},
      {"image_transform_unknown", jpeg, image + " --transform round", kUsage,
       "--transform: round not in {square,center_crop,hf} (--help lists the options)"},
      {"image_size_huge", jpeg, image + " --transform square --size 100000", kUsage,
       "--size: Value 100000 not in range 1 to 16384 (--help lists the options)"},
      {"image_into_no_folder", jpeg, image + " --out @none/a.ppm", kData,
       "@none/a.ppm: cannot write the file: No such file or directory"},
      {"forward_inputs_missing", model_files, "probe forward --model @model --inputs @i --out @o", kData,
       "@i: cannot open the file: No such file or directory"},
      {"forward_inputs_without_tensors",
       put(model_files, "i",
           safetensors(R"({"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", "1234")),
       "probe forward --model @model --inputs @i --out @o", kData, "@i: has no tensor input_ids"},
      {"forward_inputs_of_no_model", only("i", "x"), "probe forward --model @model --inputs @i --out @o",
       kData, "@i: at byte 0: ends in the middle of the header's length (8 bytes needed, 1 left)"},
      {"retrieval_inputs_no_safetensors", put(model_files, "i", "x"),
       "probe retrieval --model @model --inputs @i --out @o --top-k 1", kData,
       "@i: at byte 0: ends in the middle of the header\'s length (8 bytes needed, 1 left)"},
  };
}

class BadCheckpoint : public ::testing::TestWithParam<BadInput> {};

TEST_P(BadCheckpoint, IsRefused) { expect_refused(GetParam(), BTEVAL_BINARY); }

const auto kName = [](const auto& info) { return std::string(info.param.name); };
INSTANTIATE_TEST_SUITE_P(Config, BadCheckpoint, ::testing::ValuesIn(config_rows()), kName);
INSTANTIATE_TEST_SUITE_P(Weights, BadCheckpoint, ::testing::ValuesIn(weight_rows()), kName);
INSTANTIATE_TEST_SUITE_P(Tokenizers, BadCheckpoint, ::testing::ValuesIn(tokenizer_rows()), kName);
INSTANTIATE_TEST_SUITE_P(Images, BadCheckpoint, ::testing::ValuesIn(image_rows()), kName);

}  // namespace
}  // namespace bteval
