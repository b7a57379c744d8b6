// Any bytes as a checkpoint's config.json, hyper-parameters and parameter shapes: sizes that fit together, or
// a bteval::Error of kind checkpoint or usage.
//
// Three parts: config.json, hyper_parameters as JSON, and lines "name 2 3 4" with a parameter's shape.
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.h"
#include "model/config.h"
#include "parts.h"
#include "tasks/model_files.h"

namespace {

using namespace bteval;

void add_parameter(std::string_view line, checkpoint::Checkpoint& out) {
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return;
  checkpoint::TensorView view;
  const char* at = line.data() + space + 1;
  const char* const end = line.data() + line.size();
  while (at < end && view.shape.size() < 8) {
    std::int64_t size = 0;
    const auto [next, error] = std::from_chars(at, end, size);
    if (error != std::errc()) break;
    view.shape.push_back(size);
    at = next + 1;
  }
  // As every reader of checkpoints does.
  try {
    checkpoint::shape_numel(view.shape);
  } catch (const Error&) {
    return;
  }
  view.strides = checkpoint::row_major_strides(view.shape);
  out.tensors.emplace(std::string(line.substr(0, space)), std::move(view));
}

void check(const model::ModelConfig& c) {
  using fuzz::require;
  for (const std::int64_t size : {c.hidden_size, c.num_heads, c.text_width, c.text_heads, c.text_layers,
                                  c.vision_width, c.vision_layers, c.patch_size, c.image_size, c.vocab_size})
    require(size > 0);
  require(c.hidden_size % c.num_heads == 0 && c.text_width % c.text_heads == 0 && c.vision_heads() > 0);
  require(c.image_size % c.patch_size == 0 && c.max_text_tokens() >= 1 && c.num_cross_layers >= 0);
  require(c.first_bridged(c.text_layers) >= 0);
  require(c.cross_layer_norm_eps > 0 && c.cross_layer_norm_eps <= 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = fuzz::parts({reinterpret_cast<const char*>(data), size}, 3);
  checkpoint::Checkpoint opened;
  opened.path = "m/model.safetensors";
  try {
    opened.config_source = "config.json";
    if (!input[0].empty()) opened.config = parse_json(input[0], "config.json", ErrorCode::kCheckpoint);
    if (!input[1].empty()) opened.hyper_parameters = parse_json(input[1], "hyper", ErrorCode::kCheckpoint);
    for (std::string_view rest = input[2]; !rest.empty();) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      add_parameter(rest.substr(0, end), opened);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    const model::ModelConfig config = model::resolve_config(opened);
    check(config);
    app::EvalOptions options;
    options.model = "m/model.safetensors";
    const auto transform = app::choose_transform(options, opened, config, 384);
    fuzz::require(transform.value.size_px > 0 && transform.value.size_px % config.patch_size == 0);
    fuzz::require(app::choose_max_length(options, opened, 50).value > 0);
  } catch (const Error& error) {
    fuzz::require(error.code() == ErrorCode::kCheckpoint || error.code() == ErrorCode::kUsage);
    fuzz::require(error.message().size() < 200000);
  }
  return 0;
}
