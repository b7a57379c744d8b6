// The table of bad inputs: names and texts that would write to the terminal, leave their folder, or end
// early.
#include <gtest/gtest.h>

#include <filesystem>

#include "support/bad_input_bases.h"
#include "unit/checkpoint/zip_builder.h"

namespace bteval {
namespace {

namespace fs = std::filesystem;
using namespace bteval::testing;
using checkpoint::append_le;

constexpr int kUsage = 2, kData = 3, kCheckpoint = 4;
const std::string kVqa = "score vqav2 --questions @q.json --annotations @a.json --predictions @p.json";
const std::string kNlvr2 = "score nlvr2 --annotations @dev.json --predictions @p.csv";
const std::string kSnliVe = "score snli-ve --annotations @snli_ve_dev.jsonl --predictions @p.jsonl";
const std::string kRetrieval =
    "score retrieval --dataset flickr30k --annotations @captions.json --scores @scores.f32";
const std::string kCompare = "compare @a @b --resamples 100 --threads 1";

/// One float under this name, which stands in JSON.
std::string safetensors(const std::string& name) {
  const std::string header = "{\"" + name + R"(":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})";
  std::string out;
  append_le(out, std::uint64_t{header.size()});
  return out + header + "1234";
}

std::vector<BadInput> argument_rows() {
  const std::string esc = "\x1b[31mred";
  return {
      {"model_with_escapes",
       nothing,
       "inspect",
       kCheckpoint,
       "@\\x1b[31mred: cannot open the file: No such file or directory",
       "",
       {},
       {"@" + esc}},
      {"model_with_a_newline",
       nothing,
       "inspect",
       kCheckpoint,
       "@a\\x0abteval: all is well: cannot open the file: No such file or directory",
       "",
       {},
       {"@a\nbteval: all is well"}},
      {"model_no_utf8",
       nothing,
       "inspect",
       kCheckpoint,
       "@caf\\xe9: cannot open the file: No such file or directory",
       "",
       {},
       {"@caf\xe9"}},
      {"model_without_name",
       nothing,
       "inspect",
       kCheckpoint,
       "cannot open the file: No such file or directory",
       "",
       {},
       {""}},
      {"model_with_a_name_too_long",
       nothing,
       "inspect",
       kCheckpoint,
       "@aaa*aaa…: cannot open the file: File name too long",
       "",
       {},
       {"@" + std::string(5000, 'a')}},
      {"image_with_a_newline",
       only("a\nb.jpg", "x"),
       "probe image",
       kData,
       "@a\\x0ab.jpg: no image that can be read: text that begins with \"x\"",
       "",
       {},
       {"@a\nb.jpg"}},
      {"run_no_utf8",
       nothing,
       "report",
       kData,
       "@run\\xff: is no finished run: it has no manifest.json",
       "",
       {},
       {"@run\xff"}},
      {"run_with_a_name_too_long",
       nothing,
       "verify",
       kData,
       "@aaa*aaa…: File name too long",
       "",
       {},
       {"@" + std::string(5000, 'a')}},
      {"data_with_a_name_too_long",
       nothing,
       "data check snli-ve --data",
       kData,
       "@aaa*aaa…: the data folder does not exist",
       "",
       {},
       {"@" + std::string(5000, 'a')}},
      {"suite_with_escapes",
       nothing,
       "eval --quiet --out @run --suite",
       kUsage,
       "there is no suite \"\\x1b[31mred\"; set BTEVAL_ASSETS to the folder that holds it; looked at "
       "*\\x1b[31mred/suite.json",
       "",
       {},
       {esc}},
      {"suite_with_a_name_too_long",
       nothing,
       "eval --quiet --out @run --suite",
       kData,
       "aaa*aaa…: File name too long",
       "",
       {},
       {std::string(5000, 'a')}},
      {"task_with_escapes",
       nothing,
       "eval --data @data --model @model --out @run",
       kUsage,
       "there is no task \"\\x1b[31mred\": the tasks are vqav2, nlvr2, snli-ve, flickr30k and coco",
       "",
       {},
       {esc}},
      {"option_with_escapes",
       nothing,
       "eval",
       kUsage,
       "The following argument was not expected: --\\x1b[31mred (--help lists the options)",
       "",
       {},
       {"--" + esc}},
      {"choice_with_escapes",
       nothing,
       "probe image a.jpg --transform",
       kUsage,
       "--transform: \\x1b[31mred not in {square,center_crop,hf} (--help lists the options)",
       "",
       {},
       {esc}},
      {"mapped_choice_with_a_newline",
       nothing,
       "bench",
       kUsage,
       "mode: a\\x0ab not in {end-to-end,input,latency,throughput} (--help lists the options)",
       "",
       {},
       {"a\nb"}},
      {"number_with_escapes",
       nothing,
       "eval --limit",
       kUsage,
       "--limit: Value \\x1b[31mred not in range 0 to 1000000000 (--help lists the options)",
       "",
       {},
       {esc}},
      {"scorer_a_format_string",
       vqa_files,
       kVqa + " --scorer",
       kUsage,
       "there is no scorer '{}%s%n{0:99999}'; choose one of official-2021, pre-2021, label-score",
       "",
       {},
       {"{}%s%n{0:99999}"}},
      {"filter_with_escapes",
       run_files,
       "report @a --filter",
       kUsage,
       "a filter is KEY=VALUE,… with task, name, model, setting, source or origin as key, not "
       "\"\\x1b[31mred=x\"",
       "",
       {},
       {esc + "=x"}},
      {"reference_with_escapes",
       run_files,
       kCompare + " --reference",
       kUsage,
       "--reference \\x1b[31mred: is none of the compared runs",
       "",
       {},
       {esc}},
      {"out_into_a_device_folder", vqa_files, kVqa + " --json /proc/bteval.json", kData,
       "/proc/bteval.json: cannot write the file: No such file or directory"},
      {"out_with_a_name_too_long",
       vqa_files,
       kVqa + " --json",
       kData,
       "@aaa*aaa: cannot write the file: File name too long",
       "",
       {},
       {"@" + std::string(300, 'a')}},
  };
}

std::vector<BadInput> content_rows() {
  return {
      {"answer_with_escapes", edit(nlvr2_files, "p.csv", "True", "\x1b]0;title\x07"), kNlvr2, kData,
       "@p.csv: line 1: at byte 0: the prediction for 'dev-1-0-0' is neither True nor False: "
       "'\\x1b]0;title\\x07'"},
      {"identifier_with_escapes", edit(nlvr2_files, "p.csv", "dev-1-1-0", "dev-1-1-0\x1b[2J"), kNlvr2, kData,
       "@p.csv: 1 of 4 examples have no prediction (identifier dev-1-1-0)"},
      {"identifier_no_utf8", edit(nlvr2_files, "p.csv", "dev-1-1-0", "dev-\xff"), kNlvr2, kData,
       "@p.csv: 1 of 4 examples have no prediction (identifier dev-1-1-0)"},
      {"label_with_escapes", edit(snli_ve_files, "snli_ve_dev.jsonl", "neutral", "\\u001b[2J"), kSnliVe,
       kData,
       "@snli_ve_dev.jsonl: line 1, pairID a: at byte 49: the gold_label is none of contradiction, neutral, "
       "entailment: \"\\x1b[2J\""},
      {"pair_with_a_newline", edit(snli_ve_files, "p.jsonl", "\"a\"", "\"a\\nb\""), kSnliVe, kData,
       "@p.jsonl: 1 of 3 pairs have no prediction (pairID a); 1 predictions are for unknown pairs (pairID "
       "a\\x0ab)"},
      {"image_id_with_a_zero", edit(snli_ve_files, "snli_ve_dev.jsonl", "\"7\"", "\"7\\u0000\""), kSnliVe,
       kData, "@snli_ve_dev.jsonl: line 1: at byte 15: the image id \"7\\x00\" is no plain name"},
      {"image_name_with_a_zero", edit(caption_files, "captions.json", "2.jpg", "2.jpg\\u0000.png"),
       kRetrieval, kData,
       "@captions.json: records[1]: at byte 71: the image name \"flickr30k-images/2.jpg\\x00.png\" has a "
       "zero byte"},
      {"image_name_with_escapes_missing",
       also(
           [](const BadInputFiles& files) {
             eval_coco_files(files);
             files.remove("data/dataset_coco.json");
           },
           [](auto& f) {
             f.replace("data/coco_karpathy_test.json", "COCO_val2014_000000910001.jpg", "\\u001b[2J.jpg");
           }),
       "eval coco --data @data --model @model --image-size 32 --max-length 32 --transform square --threads 1 "
       "--top-k 4 --quiet --out @run",
       kData, "1 of 100 images are missing: @data/val2014/\\x1b[2J.jpg"},
      {"tensor_with_escapes", only("a.safetensors", safetensors("\\u001b[2J")), "inspect @a.safetensors",
       kCheckpoint, "@a.safetensors: tensor \\x1b[2J: takes 4 bytes, but F32 and the shape [2] need 8"},
      {"tensor_with_a_name_too_long", only("a.safetensors", safetensors(std::string(100000, 'w'))),
       "inspect @a.safetensors", kCheckpoint,
       "@a.safetensors: tensor www*www…: takes 4 bytes, but F32 and the shape [2] need 8"},
      {"shard_with_escapes",
       only("model.safetensors.index.json", R"({"weight_map": {"t\u001b[2J": "\u001b[2J.safetensors"}})"),
       "inspect @model.safetensors.index.json", kCheckpoint,
       "@\\x1b[2J.safetensors: cannot open the file: No such file or directory"},
      {"pickle_with_escapes",
       only("a.ckpt", checkpoint::ZipBuilder()
                          .add("archive/data.pkl",
                               "\x80\x02"
                               "cos\x1b[2J\nsystem\n)R.")
                          .add("archive/version", "3\n")
                          .build()),
       "inspect @a.ckpt", kCheckpoint,
       "@a.ckpt: pickle: at byte 48: names os\\x1b[2J.system, which can do more than hold data; bteval runs "
       "nothing from a pickle and refuses the file. If you trust it, load it with torch.load and save its "
       "state_dict alone"},
      {"vocab_token_with_escapes",
       drop(edit(model_files, "model/vocab.json", "\"!\":5", "\"\\u001b[2J\":\"x\""), "model/tokenizer.json"),
       "probe tokens --tokenizer @model", kCheckpoint,
       "@model/vocab.json: token '\\x1b[2J': its id is \"x\", not a whole number from 0 to 2147483646"},
      {"manifest_task_with_escapes",
       edit(run_files, "a/manifest.json", "\"task\":\"vqav2\"", "\"task\":\"\\u001b[2J\""), kCompare, kData,
       "the runs are not comparable (--force compares them all the same): task: @a has \\x1b[2J, @b has "
       "vqav2"},
      {"sample_id_with_escapes", edit(run_files, "a/samples.jsonl", "\"id\":\"2\"", "\"id\":\"\\u001b[2J\""),
       kCompare, kData,
       "the runs are not comparable (--force compares them all the same): @a has samples that @b has not: 1, "
       "the first is \"\\x1b[2J\"; @b has samples that @a has not: 1, the first is \"2\""},
      {"suite_name_with_escapes",
       only("suite.json", R"({"entries": [{"task": "coco", "name": "\u001b[2J"}]})"),
       "eval --suite @suite.json --quiet --out @run", kData,
       "@suite.json: entry 0: \"\\x1b[2J\" is no name for a run: letters, digits, '-', '_' and '.', not "
       "starting with a '.'"},
      {"reply_phase_with_escapes",
       also(run_files,
            [](auto& f) {
              f.replace("a/manifest.json", "\"split\":\"val\"", "\"split\":\"test2015\"");
              f.write("reply.json", R"([{"\u001b[2J": {"overall": 7}}])");
            }),
       "submit @a --reply @reply.json", kData, "@reply.json: phase \"\\x1b[2J\": has no \"yes/no\""},
      {"checked_file_with_a_newline",
       also(vqa_files, [](auto& f) { f.write("p\nq.json", "[]"); }),
       "submit --questions @q.json --check",
       kData,
       "3 of 3 questions without an answer: 10, 20, 30\nbteval: @p\\x0aq.json: the server would refuse this "
       "file, or score it wrongly",
       "*\n*\n*\n",
       {},
       {"@p\nq.json"}},
  };
}

class BadName : public ::testing::TestWithParam<BadInput> {};

TEST_P(BadName, IsPrintable) { expect_refused(GetParam(), BTEVAL_BINARY); }

const auto kName = [](const auto& info) { return std::string(info.param.name); };
INSTANTIATE_TEST_SUITE_P(Arguments, BadName, ::testing::ValuesIn(argument_rows()), kName);
INSTANTIATE_TEST_SUITE_P(Contents, BadName, ::testing::ValuesIn(content_rows()), kName);

}  // namespace
}  // namespace bteval
