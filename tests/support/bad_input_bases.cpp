#include "support/bad_input_bases.h"

#include "support/made_up_run.h"
#include "support/mini_vqav2.h"

namespace bteval::testing {

void vqa_files(const BadInputFiles& files) {
  files.write("q.json", R"({"data_subtype": "val2014", "questions": [
{"question_id": 10, "image_id": 1, "question": "Is it red?"},
{"question_id": 20, "image_id": 1, "question": "How many?"},
{"question_id": 30, "image_id": 2, "question": "What is it?"}]})");
  std::string annotations = R"({"annotations": [)";
  for (const char* id : {"10", "20", "30"}) {
    annotations += annotations.ends_with('[') ? "" : ",\n";
    annotations +=
        R"({"question_id": )" + std::string(id) + R"(, "image_id": )" +
        (std::string_view(id) == "30" ? "2" : "1") +
        R"(, "answer_type": "other", "question_type": "what", "multiple_choice_answer": "yes", "answers": [)";
    for (int i = 1; i <= 10; ++i) {
      annotations += R"({"answer": "yes", "answer_confidence": "yes", "answer_id": )" + std::to_string(i) +
                     (i < 10 ? "}, " : "}]}");
    }
  }
  files.write("a.json", annotations + "]}");
  files.write("p.json", R"([{"question_id": 10, "answer": "yes"}, {"question_id": 20, "answer": "2"},
{"question_id": 30, "answer": "dog"}])");
}

void nlvr2_files(const BadInputFiles& files) {
  std::string examples, predictions;
  for (const char* id : {"dev-1-0-0", "dev-1-1-0", "dev-1-0-1", "dev-2-0-0"}) {
    examples += R"({"sentence": "x", "label": "True", "identifier": ")" + std::string(id) + "\"}\n";
    predictions += std::string(id) + ",True\n";
  }
  files.write("dev.json", examples);
  files.write("p.csv", predictions);
}

void snli_ve_files(const BadInputFiles& files) {
  std::string pairs, predictions;
  for (const char* id : {"a", "b", "c"}) {
    pairs += R"({"Flikr30kID": "7", "pairID": ")" + std::string(id) +
             R"(", "gold_label": "neutral", "sentence2": "x )" + id + "\"}\n";
    predictions += R"({"pairID": ")" + std::string(id) + R"(", "prediction": "neutral"})" + "\n";
  }
  files.write("snli_ve_dev.jsonl", pairs);
  files.write("p.jsonl", predictions);
}

void caption_files(const BadInputFiles& files) {
  files.write("captions.json", R"([{"image": "flickr30k-images/1.jpg", "caption": ["x", "y"]},
{"image": "flickr30k-images/2.jpg", "caption": ["z"]}])");
  const float scores[] = {3, 1, 2, 1, 2, 3};
  files.write("scores.f32", {reinterpret_cast<const char*>(scores), sizeof scores});
}

void model_files(const BadInputFiles& files) { files.copy("checkpoints/snli_ve", "model"); }

void eval_vqav2_files(const BadInputFiles& files) {
  const MiniVqav2 data(files.path("data"), 4);
  files.copy("checkpoints/vqav2", "model");
}

void eval_nlvr2_files(const BadInputFiles& files) {
  files.copy("nlvr2", "data");
  files.copy("checkpoints/nlvr2", "model");
}

void eval_snli_ve_files(const BadInputFiles& files) {
  files.copy("snli_ve", "data");
  files.copy("checkpoints/snli_ve", "model");
}

void eval_coco_files(const BadInputFiles& files) {
  files.copy("coco", "data");
  files.copy("checkpoints/coco", "model");
}

void run_files(const BadInputFiles& files) {
  MadeUpRun run("vqav2");
  run.add("1", "1", 1);
  run.add("2", "1", 0);
  run.add("3", "2", 0.9);
  run.write(files.path("a"));
  run.samples[1]["value"] = 1;
  run.write(files.path("b"));
  for (const char* folder : {"a", "b"}) {
    files.write(std::string(folder) + "/metrics.json",
                R"({"schema": 1, "task": "vqav2", "split": "val", "signature": "vqav2|split:val",
"score": {"metric": "VQA accuracy", "scorer": "official-2021",
"overall": {"value": 63.33, "unrounded": 63.333, "count": 3}, "groups": {}}})");
  }
}

MakeFiles put(const MakeFiles& base, const std::string& name, const std::string& content) {
  return [=](const BadInputFiles& files) {
    base(files);
    files.write(name, content);
  };
}

MakeFiles edit(const MakeFiles& base, const std::string& name, const std::string& before,
               const std::string& now) {
  return [=](const BadInputFiles& files) {
    base(files);
    files.replace(name, before, now);
  };
}

MakeFiles cut(const MakeFiles& base, const std::string& name, std::size_t bytes) {
  return [=](const BadInputFiles& files) {
    base(files);
    files.cut(name, bytes);
  };
}

MakeFiles drop(const MakeFiles& base, const std::string& name) {
  return [=](const BadInputFiles& files) {
    base(files);
    files.remove(name);
  };
}

MakeFiles also(const MakeFiles& base, const MakeFiles& change) {
  return [=](const BadInputFiles& files) {
    base(files);
    change(files);
  };
}

MakeFiles only(const std::string& name, const std::string& content) { return put(nothing, name, content); }

void nothing(const BadInputFiles&) {}

}  // namespace bteval::testing
