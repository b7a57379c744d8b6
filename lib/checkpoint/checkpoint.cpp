#include "checkpoint/checkpoint.h"

#include <array>
#include <utility>

#include "checkpoint/file_kind.h"
#include "checkpoint/safetensors.h"
#include "checkpoint/sharded_index.h"
#include "checkpoint/torch_zip.h"
#include "core/hash.h"
#include "core/io_retry.h"

namespace bteval::checkpoint {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, const std::string& message, const std::string& record = "") {
  throw Error(ErrorCode::kCheckpoint, message, {path.string(), record, std::nullopt});
}

bool is_there(const fs::path& path) { return path_exists(path, ErrorCode::kCheckpoint); }

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

/// Adds one weight file's tensors. The first file decides on format, hyper-parameters and metadata.
void add_weight_file(Checkpoint& checkpoint, const fs::path& path, const std::shared_ptr<const Bytes>& bytes,
                     FileKind kind) {
  const bool first = checkpoint.files.empty();
  checkpoint.files.push_back(path);
  std::map<std::string, TensorView> tensors;
  if (kind == FileKind::kSafetensors) {
    SafetensorsFile file = read_safetensors(bytes);
    tensors = std::move(file.tensors);
    if (first) checkpoint.metadata = std::move(file.metadata);
    if (first) checkpoint.format = Format::kSafetensors;
  } else {
    TorchFile file = read_torch_zip(bytes);
    tensors = std::move(file.tensors);
    if (first) checkpoint.hyper_parameters = std::move(file.hyper_parameters);
    if (first) checkpoint.format = Format::kTorchZip;
  }
  for (auto& [name, view] : tensors) {
    if (!checkpoint.tensors.emplace(name, std::move(view)).second) {
      fail(path, "is in another shard, too", "tensor " + name);
    }
  }
}

void add_shards(Checkpoint& checkpoint, const fs::path& index_path, std::string_view index_text) {
  const ShardedIndex index = parse_sharded_index(index_text, index_path.string());
  for (const auto& [shard, names] : index.shards) {
    const fs::path path = index_path.parent_path() / shard;
    const auto bytes = Bytes::map_file(path, ErrorCode::kCheckpoint);
    const FileKind kind = detect_file_kind(*bytes);
    if (kind == FileKind::kJson) fail(path, "is JSON, not a shard of weights");
    const std::size_t before = checkpoint.tensors.size();
    add_weight_file(checkpoint, path, bytes, kind);
    for (const std::string& name : names) {
      if (!checkpoint.tensors.contains(name)) {
        fail(path, fmt::format("is not in this shard, though {} says so", index_path.filename().string()),
             "tensor " + name);
      }
    }
    if (const std::size_t here = checkpoint.tensors.size() - before; here != names.size()) {
      fail(path, fmt::format("has {} tensors, but {} lists {} of them", here, index_path.filename().string(),
                             names.size()));
    }
  }
}

void add_file(Checkpoint& checkpoint, const fs::path& path) {
  const auto bytes = Bytes::map_file(path, ErrorCode::kCheckpoint);
  const FileKind kind = detect_file_kind(*bytes);
  if (kind == FileKind::kJson) return add_shards(checkpoint, path, bytes->text());
  add_weight_file(checkpoint, path, bytes, kind);
}

fs::path weights_of_folder(const fs::path& folder) {
  static constexpr std::array kNames = {"model.safetensors", "model.safetensors.index.json",
                                        "pytorch_model.bin", "pytorch_model.bin.index.json"};
  for (const char* name : kNames) {
    if (is_there(folder / name)) return folder / name;
  }
  std::string others;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string extension = entry.path().extension().string();
    if (extension == ".ckpt" || extension == ".safetensors" || extension == ".bin" || extension == ".pt" ||
        extension == ".pth") {
      if (others.empty() || entry.path().filename().string() < others)
        others = entry.path().filename().string();
    }
  }
  fail(folder,
       fmt::format(
           "the folder has no {}{}", fmt::join(kNames, ", "),
           others.empty() ? "" : fmt::format("; name the file itself: {}", (folder / others).string())));
}

void read_config(Checkpoint& checkpoint, const std::optional<fs::path>& given, const fs::path& folder) {
  fs::path path = given.value_or(folder / "config.json");
  if (given && is_folder(path)) path /= "config.json";
  if (!given && !is_there(path)) return;
  checkpoint.config = read_json(path, ErrorCode::kCheckpoint);
  checkpoint.config_source = path.string();
  if (!checkpoint.config->is_object()) fail(path, "is not a JSON object");
}

}  // namespace

const char* format_name(Format format) {
  return format == Format::kSafetensors ? "safetensors" : "torch zip";
}

Checkpoint open_checkpoint(const fs::path& path, const std::optional<fs::path>& config) {
  Checkpoint checkpoint;
  checkpoint.path = path;
  const bool folder = is_folder(path);
  read_config(checkpoint, config, folder ? path : path.parent_path());
  add_file(checkpoint, folder ? weights_of_folder(path) : path);
  return checkpoint;
}

std::string checkpoint_sha256(const Checkpoint& checkpoint) {
  if (checkpoint.files.size() == 1) return sha256_file(checkpoint.files.front(), ErrorCode::kCheckpoint);
  std::string lines;
  for (const fs::path& file : checkpoint.files) {
    lines += fmt::format("{}  {}\n", sha256_file(file, ErrorCode::kCheckpoint), file.filename().string());
  }
  return sha256(lines);
}

}  // namespace bteval::checkpoint
