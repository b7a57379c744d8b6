#include "tasks/bench_work.h"

#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <array>
#include <random>

#include "core/checked.h"
#include "core/error.h"
#include "engine/pixels.h"
#include "tasks/probe_forward.h"

namespace bteval::app {
namespace {

namespace fs = std::filesystem;

// Questions of the kinds that VQAv2 asks.
constexpr std::array kQuestions = {
    "What color is the bus?",
    "How many people are standing near the table?",
    "Is it raining?",
    "What is the man on the left holding in his right hand?",
    "Where was this picture taken?",
    "Is the dog wearing a collar?",
    "What sport are they playing?",
    "Are there any clouds in the sky?",
    "What does the sign above the door say?",
    "Which of these two animals is closer to the camera?",
};

// The spread of short questions, both special tokens included: drawn from with equal chances.
constexpr std::array kLengths = {7, 7, 8, 8, 8, 9, 9, 9, 9, 9, 10, 10, 10, 10, 11, 11, 11, 12, 13, 14};

bool is_image_name(const fs::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension == ".jpg" || extension == ".jpeg" || extension == ".png";
}

const at::Tensor& need(const NamedTensors& tensors, const std::string& name, std::int64_t dims, bool floats) {
  const auto found = tensors.find(name);
  if (found == tensors.end()) throw Error(ErrorCode::kData, "has no tensor " + name);
  if (found->second.dim() != dims || found->second.is_floating_point() != floats) {
    throw Error(ErrorCode::kData,
                fmt::format("must hold {} and have {} dimensions", floats ? "floats" : "integers", dims),
                {"", "tensor " + name, std::nullopt});
  }
  return found->second;
}

std::vector<std::int32_t> unpadded(const std::int64_t* ids, const std::int64_t* mask, std::int64_t length,
                                   std::int64_t row) {
  std::vector<std::int32_t> text;
  for (std::int64_t t = 0; t < length; ++t) {
    if (mask[t] == 0) continue;
    if (mask[t] != 1 || static_cast<std::int64_t>(text.size()) != t) {
      throw Error(ErrorCode::kData, fmt::format("row {} is not ones followed by zeros", row),
                  {"", "tensor attention_mask", std::nullopt});
    }
    text.push_back(checked_cast<std::int32_t>(ids[t], "a token id", ErrorCode::kData));
  }
  return text;
}

engine::PreparedWork work_of(const NamedTensors& tensors) {
  engine::PreparedWork work;
  work.pixels = need(tensors, "pixel_values", 4, true).to(at::kFloat).contiguous();
  const at::Tensor ids = need(tensors, "input_ids", 2, false).to(at::kLong).contiguous();
  const at::Tensor mask = need(tensors, "attention_mask", 2, false).to(at::kLong).contiguous();
  const at::Tensor images = need(tensors, "image_of_text", 1, false).to(at::kLong).contiguous();
  if (mask.sizes() != ids.sizes() || images.size(0) != ids.size(0))
    throw Error(ErrorCode::kData, "input_ids, attention_mask and image_of_text are not of one size");
  const std::int64_t length = ids.size(1);
  for (std::int64_t row = 0; row < ids.size(0); ++row) {
    work.texts.push_back(unpadded(ids.data_ptr<std::int64_t>() + row * length,
                                  mask.data_ptr<std::int64_t>() + row * length, length, row));
    work.image_of_text.push_back(
        checked_cast<std::uint32_t>(images.data_ptr<std::int64_t>()[row], "image_of_text", ErrorCode::kData));
    if (work.image_of_text.back() >= work.pixels.size(0))
      throw Error(ErrorCode::kData, fmt::format("row {} refers to an image that is not there", row),
                  {"", "tensor image_of_text", std::nullopt});
  }
  return work;
}

}  // namespace

engine::PreparedWork random_work(const BenchOptions& options, const model::ModelConfig& config) {
  const std::int64_t side = options.engine.transform.size_px;
  at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(options.seed);
  engine::PreparedWork work;
  work.pixels = at::empty({options.images, 3, side, side}).normal_(0.0, 1.0, generator);
  std::mt19937_64 random(options.seed);
  for (std::uint32_t image = 0; image < options.images; ++image) {
    for (std::uint32_t t = 0; t < options.texts_per_image; ++t) {
      const std::uint32_t length = options.tokens != 0
                                       ? options.tokens
                                       : static_cast<std::uint32_t>(kLengths[random() % kLengths.size()]);
      std::vector<std::int32_t> text = {0};  // <s>
      // Ordinary tokens follow RoBERTa's four special ones; </s> is 2.
      while (text.size() + 1 < length)
        text.push_back(
            static_cast<std::int32_t>(4 + random() % static_cast<std::uint64_t>(config.vocab_size - 4)));
      text.push_back(2);
      work.texts.push_back(std::move(text));
      work.image_of_text.push_back(image);
    }
  }
  return work;
}

engine::PreparedWork read_work(const fs::path& file) {
  try {
    return work_of(read_tensors(file));
  } catch (const Error& error) {
    throw error.with_context({file.string(), "", std::nullopt});
  }
}

records::SampleSet sample_set_of_folder(const fs::path& folder, std::uint32_t images,
                                        std::uint32_t texts_per_image) {
  std::vector<fs::path> files;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(folder, failure)) {
    if (is_image_name(entry.path())) files.push_back(entry.path());
  }
  if (failure || files.empty()) {
    throw Error(ErrorCode::kData,
                failure ? "cannot be read: " + failure.message() : "has no JPEG or PNG files",
                {folder.string(), "", std::nullopt});
  }
  std::sort(files.begin(), files.end());
  records::SampleSet set;
  for (std::uint32_t i = 0; i < images; ++i) {
    const fs::path& file = files[i % files.size()];
    set.images.push_back({fmt::format("{}#{}", file.filename().string(), i), file.string()});
    for (std::uint32_t t = 0; t < texts_per_image; ++t) {
      const char* question = kQuestions[(i + t) % kQuestions.size()];
      set.samples.push_back({fmt::format("{}-{}", i, t), question, {i}});
    }
  }
  return set;
}

engine::PreparedWork load_work(const records::SampleSet& set, const text::Tokenizer& tokenizer,
                               const engine::EngineOptions& options) {
  const std::int64_t side = options.transform.size_px, floats = 3 * side * side;
  engine::PreparedWork work;
  work.pixels = at::empty({static_cast<std::int64_t>(set.images.size()), 3, side, side});
  for (std::size_t i = 0; i < set.images.size(); ++i) {
    engine::load_pixels(set.images[i], options.transform,
                        {work.pixels.data_ptr<float>() + static_cast<std::int64_t>(i) * floats,
                         static_cast<std::size_t>(floats)});
  }
  for (const records::Sample& sample : set.samples) {
    work.texts.push_back(tokenizer.encode(sample.text, options.max_length).ids);
    work.image_of_text.push_back(sample.images.at(0));
  }
  return work;
}

}  // namespace bteval::app
