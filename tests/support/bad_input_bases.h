// Small whole sets of files, each of which a row of the table of bad inputs damages in one place.
#pragma once

#include <functional>
#include <string>

#include "support/bad_input.h"

namespace bteval::testing {

using MakeFiles = std::function<void(const BadInputFiles&)>;

/// q.json, a.json and p.json: three questions of VQAv2 (ids 10, 20, 30), their annotations, a result file.
void vqa_files(const BadInputFiles& files);
/// dev.json and p.csv: four examples of NLVR2 and their predictions.
void nlvr2_files(const BadInputFiles& files);
/// snli_ve_dev.jsonl and p.jsonl: three pairs of SNLI-VE and their predictions.
void snli_ve_files(const BadInputFiles& files);
/// captions.json and scores.f32: two images with three captions, and a matrix of their scores.
void caption_files(const BadInputFiles& files);
/// model/: the mini suite's checkpoint of SNLI-VE as a Hugging Face folder.
void model_files(const BadInputFiles& files);
/// data/ and model/: four questions of the mini suite's VQAv2.
void eval_vqav2_files(const BadInputFiles& files);
/// data/ and model/ of another of the mini suite's tasks.
void eval_nlvr2_files(const BadInputFiles& files);
void eval_snli_ve_files(const BadInputFiles& files);
void eval_coco_files(const BadInputFiles& files);
/// a/ and b/: two runs of the same three samples, as far as report, compare and export read them.
void run_files(const BadInputFiles& files);

/// `base`, then one change: a file written, a piece of one replaced, cut, removed, or anything.
MakeFiles put(const MakeFiles& base, const std::string& name, const std::string& content);
MakeFiles edit(const MakeFiles& base, const std::string& name, const std::string& before,
               const std::string& now);
MakeFiles cut(const MakeFiles& base, const std::string& name, std::size_t bytes);
MakeFiles drop(const MakeFiles& base, const std::string& name);
MakeFiles also(const MakeFiles& base, const MakeFiles& change);
/// One file alone.
MakeFiles only(const std::string& name, const std::string& content);
void nothing(const BadInputFiles& files);

}  // namespace bteval::testing
