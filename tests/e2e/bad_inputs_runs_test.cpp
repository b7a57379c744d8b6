// The table of bad inputs: what reads finished runs, submissions and replies.
#include <gtest/gtest.h>

#include <filesystem>

#include "support/bad_input_bases.h"

namespace bteval {
namespace {

namespace fs = std::filesystem;
using namespace bteval::testing;

constexpr int kUsage = 2, kData = 3;
const std::string kCompare = "compare @a @b --resamples 100 --threads 1";
const std::string kReport = "report @a";
const std::string kVqaCheck = "submit --check @p.json --questions @q.json";
const std::string kNlvr2Check = "submit --task nlvr2 --check @p.csv --questions @dev.json";
const std::string kSnliVeCheck = "submit --task snli-ve --check @p.jsonl --questions @snli_ve_dev.jsonl";

/// A run of VQAv2's test split, whose server's reply may be read.
void test_run(const BadInputFiles& files) {
  run_files(files);
  files.replace("a/manifest.json", "\"split\":\"val\"", "\"split\":\"test2015\"");
  files.write("a/metrics.json", "{}");
  files.write("reply.json", R"([{"test-dev": {"yes/no": 1, "number": 2, "other": 3, "overall": 2}}])");
}

std::vector<BadInput> run_rows() {
  const std::string manifest = "a/manifest.json";
  return {
      {"report_run_missing", nothing, kReport, kData, "@a: is no finished run: it has no manifest.json"},
      {"report_run_a_file", only("a", "x"), kReport, kData,
       "@a: is no finished run: it has no manifest.json"},
      {"report_run_unfinished", only("a/journal", "x"), kReport, kData,
       "@a: is an unfinished run: the command that began it goes on with it"},
      {"report_folder_missing", nothing, "report --suite-dir @runs", kData,
       "@runs: No such file or directory"},
      {"report_nothing", nothing, "report", kUsage, "name run directories, --suite-dir or --published"},
      {"report_format_unknown", run_files, kReport + " --format pdf", kUsage,
       "--format: pdf not in {text,markdown,latex,csv,json,html} (--help lists the options)"},
      {"report_sort_unknown", run_files, kReport + " --sort beauty", kUsage,
       "there is no column \"beauty\" to sort by; there are: name, val (made-up)/overall"},
      {"report_filter_unknown", run_files, kReport + " --filter shape=round", kUsage,
       "a filter is KEY=VALUE,… with task, name, model, setting, source or origin as key, not "
       "\"shape=round\""},
      {"report_filter_without_text", run_files, kReport + " --filter task", kUsage,
       "a filter is KEY=VALUE,… with task, name, model, setting, source or origin as key, not \"task\""},
      {"report_into_no_folder", run_files, kReport + " --out @none/r.txt", kData,
       "@none/r.txt: cannot write the file: No such file or directory"},
      {"manifest_no_json", put(run_files, manifest, "{"), kReport, kData,
       "@a/manifest.json: at byte 1: is not valid JSON, near '{'"},
      {"manifest_a_list", put(run_files, manifest, "[]"), kReport, kData,
       "@a/manifest.json: manifest: has no \"schema\""},
      {"manifest_empty", put(run_files, manifest, ""), kReport, kData, "@a/manifest.json: the file is empty"},
      {"manifest_of_the_future", edit(run_files, manifest, "\"schema\":1", "\"schema\":99"), kReport, kData,
       "@a/manifest.json: has layout 99, this version of bteval reads 1"},
      {"manifest_schema_a_text", edit(run_files, manifest, "\"schema\":1", "\"schema\":\"1\""), kReport,
       kData, "@a/manifest.json: manifest: \"schema\" has the wrong type: \"1\""},
      {"manifest_task_a_number", edit(run_files, manifest, "\"task\":\"vqav2\"", "\"task\":7"), kReport,
       kData, "@a/manifest.json: manifest: \"task\" is not a string: 7"},
      {"manifest_task_unknown", edit(run_files, manifest, "\"task\":\"vqav2\"", "\"task\":\"vqa\""), kCompare,
       kData,
       "the runs are not comparable (--force compares them all the same): task: @a has vqa, @b has vqav2"},
      {"manifest_inputs_a_text", edit(run_files, manifest, "\"inputs\":[", "\"inputs\":\"none\",\"x\":["),
       kCompare, kData, "@a/manifest.json: manifest: \"inputs\" is no list"},
      {"manifest_options_a_list", edit(run_files, manifest, "\"options\":{", "\"options\":[],\"x\":{"),
       kReport, kData, "@a/manifest.json: options: is no JSON object"},
      {"samples_missing", drop(run_files, "a/samples.jsonl"), kCompare, kData,
       "@a/samples.jsonl: is not there: evaluate again with this version of bteval"},
      {"samples_empty", put(run_files, "a/samples.jsonl", ""), kCompare, kData,
       "the runs are not comparable (--force compares them all the same): @b has samples that @a has not: 3, "
       "the first is \"1\""},
      {"samples_half", cut(run_files, "a/samples.jsonl", 200), kCompare, kData,
       "@a/samples.jsonl: line 2: at byte 200: ends within a string"},
      {"samples_value_a_text", edit(run_files, "a/samples.jsonl", "\"value\":1", "\"value\":\"1\""), kCompare,
       kData,
       "@a/samples.jsonl: line 1: at byte 32: expected a number, found "
       "'\"1\".0,\"prediction\":\"right\",\"ta'"},
      {"samples_value_above_1", edit(run_files, "a/samples.jsonl", "\"value\":1.0", "\"value\":1.5"),
       kCompare, kData, "@a/samples.jsonl: line 1: at byte 32: is no number from 0 to 1"},
      {"samples_value_below_0", edit(run_files, "a/samples.jsonl", "\"value\":1.0", "\"value\":-0.5"),
       kCompare, kData, "@a/samples.jsonl: line 1: at byte 32: is no number from 0 to 1"},
      {"samples_twice", edit(run_files, "a/samples.jsonl", "\"id\":\"2\"", "\"id\":\"1\""), kCompare, kData,
       "@a/samples.jsonl: line 2: at byte 129: sample \"1\" stands twice"},
      {"samples_of_another_split", edit(run_files, "b/samples.jsonl", "\"id\":\"2\"", "\"id\":\"9\""),
       kCompare, kData,
       "the runs are not comparable (--force compares them all the same): @a has samples that @b has not: 1, "
       "the first is \"2\"; @b has samples that @a has not: 1, the first is \"9\""},
      {"compare_one_run", run_files, "compare @a", kUsage,
       "runs: At least 2 required but received 1 (--help lists the options)"},
      {"compare_two_tasks", edit(run_files, "b/manifest.json", "\"task\":\"vqav2\"", "\"task\":\"nlvr2\""),
       kCompare, kData,
       "the runs are not comparable (--force compares them all the same): task: @a has vqav2, @b has nlvr2"},
      {"compare_alpha_two", run_files, kCompare + " --alpha 2", kUsage,
       "--alpha lies between 0 and 1, not 2"},
      {"compare_reference_unknown", run_files, kCompare + " --reference @c", kUsage,
       "--reference @c: is none of the compared runs"},
      {"compare_slice_unknown", run_files, kCompare + " --by weather", kUsage,
       "--by: the samples have no slice \"weather\", only: words"},
      {"compare_names_too_few", run_files, kCompare + " --name only", kUsage, "--name: 1 names for 2 runs"},
      {"compare_into_no_folder", run_files, kCompare + " --json @none/c.json", kData,
       "@none/c.json: cannot write the file: No such file or directory"},
      {"compare_flips_onto_a_folder", run_files, kCompare + " --flips @a", kData,
       "@a: cannot rename the finished file into place: Is a directory"},
      {"verify_run_missing", nothing, "verify @a", kData, "@a: is no finished run: it has no manifest.json"},
      {"verify_run_without_outputs", run_files, "verify @a", kData,
       "@a/manifest.json: manifest: has no \"tool\""},
      {"verify_manifest_half", cut(run_files, manifest, 100), "verify @a", kData,
       "@a/manifest.json: at byte 100: is not valid JSON, near 'e-up\",\"inputs\":[{\"ro'"},
      {"reproduce_run_missing", nothing, "reproduce @a", kData,
       "@a: is no finished run: it has no manifest.json"},
      {"reproduce_without_command", run_files, "reproduce @a", kData,
       "@a/manifest.json: manifest: has no \"command\""},
      {"export_format_unknown", run_files, "export @a --format excel", kUsage,
       "--format: excel not in {model-index,mlflow,arrow,parquet} (--help lists the options)"},
      {"export_without_out", run_files, "export @a --format mlflow", kUsage,
       "--out is missing: the file or folder to write"},
      {"export_run_missing", nothing, "export @a --format model-index", kData,
       "@a: is no finished run: it has no manifest.json"},
      {"export_two_tables", run_files, "export @a @b --format arrow --out @t", kUsage,
       "arrow takes one run at a time"},
      {"export_onto_a_file", put(run_files, "t", "x"), "export @a --format mlflow --out @t", kData,
       "@t/metrics: cannot make the folder: Not a directory"},
  };
}

std::vector<BadInput> submission_rows() {
  return {
      {"submit_nothing", nothing, "submit", kUsage, "the run directory is missing (or --check FILE)"},
      {"submit_run_missing", nothing, "submit @a", kData, "@a: is no finished run: it has no manifest.json"},
      {"submit_run_without_predictions", run_files, "submit @a", kData,
       "@a/manifest.json: names no questions among its inputs"},
      {"check_without_questions", vqa_files, "submit --check @p.json", kUsage,
       "--questions is missing: the question or annotation file of the split"},
      {"check_task_unknown", vqa_files, kVqaCheck + " --task coco", kUsage,
       "--task: coco not in {vqav2,nlvr2,snli-ve} (--help lists the options)"},
      {"check_file_missing", drop(vqa_files, "p.json"), kVqaCheck, kData,
       "@p.json: cannot open the file: No such file or directory"},
      {"check_no_json", put(vqa_files, "p.json", "yes"), kVqaCheck, kData,
       "is not JSON; it starts with 'yes'\nbteval: @p.json: the server would refuse this file, or score it "
       "wrongly",
       "*\n*\n*\n"},
      {"check_lines", put(vqa_files, "p.json", "{\"question_id\": 10, \"answer\": \"x\"}\n"), kVqaCheck,
       kData,
       "is no JSON list: the server takes one list, not JSON lines and not an object\nbteval: @p.json: the "
       "server would refuse this file, or score it wrongly",
       "*\n*\n*\n"},
      {"check_ids_as_texts", edit(vqa_files, "p.json", ": 20", ": \"20\""), kVqaCheck, kData,
       "1 of 3 questions without an answer: 20\nbteval: 1 question ids that are no integers: record "
       "1\nbteval: 1 records without an integer question_id: record 1\nbteval: @p.json: the server would "
       "refuse this file, or score it wrongly",
       "*\n*\n*\n"},
      {"check_answer_missing", edit(vqa_files, "p.json", "{\"question_id\": 20, \"answer\": \"2\"},", ""),
       kVqaCheck, kData,
       "1 of 3 questions without an answer: 20\nbteval: @p.json: the server would refuse this file, or score "
       "it wrongly",
       "*\n*\n*\n"},
      {"check_answer_twice", edit(vqa_files, "p.json", ": 20", ": 10"), kVqaCheck, kData,
       "1 of 3 questions without an answer: 20\nbteval: 1 question ids that stand more than once: "
       "10\nbteval: @p.json: the server would refuse this file, or score it wrongly",
       "*\n*\n*\n"},
      {"check_nlvr2_blank_line", edit(nlvr2_files, "p.csv", "dev-1-1-0,True", ""), kNlvr2Check, kData,
       "1 blank lines, at which the official scorer ends with an error: line 2\nbteval: 1 of 4 examples "
       "without a prediction: dev-1-1-0\nbteval: @p.csv: the server would refuse this file, or score it "
       "wrongly",
       "*\n"},
      {"check_nlvr2_maybe", edit(nlvr2_files, "p.csv", "dev-1-1-0,True", "dev-1-1-0,maybe"), kNlvr2Check,
       kData,
       "1 predictions that are neither True nor False: line 2 'maybe'\nbteval: @p.csv: the server would "
       "refuse this file, or score it wrongly",
       "*\n"},
      {"check_snli_ve_missing",
       edit(snli_ve_files, "p.jsonl", "{\"pairID\": \"b\", \"prediction\": \"neutral\"}\n", ""), kSnliVeCheck,
       kData,
       "1 of 3 pairs without a prediction: b\nbteval: @p.jsonl: the server would refuse this file, or score "
       "it wrongly",
       "*\n"},
      {"check_snli_ve_unknown_label", edit(snli_ve_files, "p.jsonl", "neutral", "yes"), kSnliVeCheck, kData,
       "1 predictions that are no class: line 1 'yes'\nbteval: @p.jsonl: the server would refuse this file, "
       "or score it wrongly",
       "*\n"},
      {"reply_of_another_split", run_files, "submit @a --reply @a/manifest.json", kUsage,
       "@a: is a run of vqav2 on val: the server scores VQAv2's test splits only"},
      {"reply_missing", drop(test_run, "reply.json"), "submit @a --reply @reply.json", kData,
       "@reply.json: cannot open the file: No such file or directory"},
      {"reply_no_json", put(test_run, "reply.json", "Submission failed"), "submit @a --reply @reply.json",
       kData, "@reply.json: is not JSON; it starts with 'Submission failed'"},
      {"reply_of_another_challenge", put(test_run, "reply.json", R"([{"dev": {"accuracy": 7}}])"),
       "submit @a --reply @reply.json", kData, "@reply.json: phase \"dev\": has no \"yes/no\""},
      {"reply_score_above_100", edit(test_run, "reply.json", "\"overall\": 2", "\"overall\": 200"),
       "submit @a --reply @reply.json", kData,
       "@reply.json: phase \"test-dev\": \"overall\" is no percentage: 200"},
  };
}

class BadRun : public ::testing::TestWithParam<BadInput> {};

TEST_P(BadRun, IsRefused) { expect_refused(GetParam(), BTEVAL_BINARY); }

const auto kName = [](const auto& info) { return std::string(info.param.name); };
INSTANTIATE_TEST_SUITE_P(Runs, BadRun, ::testing::ValuesIn(run_rows()), kName);
INSTANTIATE_TEST_SUITE_P(Submissions, BadRun, ::testing::ValuesIn(submission_rows()), kName);

}  // namespace
}  // namespace bteval
