#include "checkpoint/torch_zip.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "checkpoint/pickle.h"
#include "checkpoint/pickle_json.h"
#include "checkpoint/zip_reader.h"
#include "core/checked.h"

namespace bteval::checkpoint {
namespace {

constexpr std::string_view kPickleName = "data.pkl";
constexpr std::size_t kMaxRank = 64;
/// An expanded view repeats its storage; a small file could otherwise demand any amount of memory.
constexpr std::int64_t kMaxExpandedElements = std::int64_t{1} << 26;

[[noreturn]] void fail(const std::string& message) { throw Error(ErrorCode::kCheckpoint, message); }

[[noreturn]] void fail_in(const ZipArchive& archive, const std::string& message) {
  throw Error(ErrorCode::kCheckpoint, message, {archive.bytes()->name(), "", std::nullopt});
}

/// The folder inside the archive ("official/"), which torch.save names after the file.
std::string find_prefix(const ZipArchive& archive) {
  std::vector<std::string> prefixes;
  for (const auto& [name, entry] : archive.entries()) {
    if (name == kPickleName || name.ends_with("/data.pkl")) {
      prefixes.emplace_back(name.substr(0, name.size() - kPickleName.size()));
    }
  }
  if (prefixes.empty()) {
    fail_in(archive, "is a zip archive without data.pkl: nothing that torch.save wrote");
  }
  if (prefixes.size() > 1) {
    fail_in(archive,
            fmt::format("has {} entries named data.pkl: which one is the checkpoint?", prefixes.size()));
  }
  return prefixes.front();
}

void check_kind(const ZipArchive& archive, const std::string& prefix) {
  if (archive.find(prefix + "constants.pkl") != nullptr) {
    fail_in(archive,
            "is a TorchScript archive (torch.jit.save), not a checkpoint: save the module's state_dict");
  }
  if (const ZipEntry* order = archive.find(prefix + "byteorder")) {
    const std::string_view text = archive.content(prefix + "byteorder", *order);
    if (text != "little") {
      throw Error(
          ErrorCode::kCheckpoint,
          fmt::format("has the byte order '{}'; bteval reads little-endian files only: load and save it on a "
                      "little-endian machine",
                      printable(text, 20)),
          {archive.bytes()->name(), "entry " + prefix + "byteorder", order->offset});
    }
  }
}

/// Index behind the last element that the view reaches, from the start of the storage. The view is not empty.
std::int64_t view_end(const PickleTensor& tensor) {
  std::int64_t last = tensor.offset;
  for (std::size_t axis = 0; axis < tensor.shape.size(); ++axis) {
    if (tensor.strides[axis] < 0) fail(fmt::format("has the negative stride {}", tensor.strides[axis]));
    const std::int64_t reach =
        checked_mul(tensor.shape[axis] - 1, tensor.strides[axis], "a stride", ErrorCode::kCheckpoint);
    last = checked_add(last, reach, "the view's extent", ErrorCode::kCheckpoint);
  }
  return checked_add(last, std::int64_t{1}, "the view's extent", ErrorCode::kCheckpoint);
}

TensorView view_of(const PickleTensor& tensor, const ZipArchive& archive, const std::string& prefix) {
  if (!tensor.dtype) {
    fail(fmt::format("has the dtype of {}, which bteval does not read", printable(tensor.dtype_text, 60)));
  }
  const auto& storage = *tensor.storage->as<PickleStorage>();
  const std::string entry_name = prefix + "data/" + std::string(storage.key);
  const ZipEntry* entry = archive.find(entry_name);
  if (entry == nullptr) fail(fmt::format("its storage {} is not in the archive", printable(entry_name)));

  const std::string_view content = archive.content(entry_name, *entry);
  const std::size_t size = dtype_size(*tensor.dtype);
  const auto needed =
      checked_mul<std::uint64_t>(static_cast<std::uint64_t>(storage.numel), storage.untyped ? 1 : size,
                                 "the storage", ErrorCode::kCheckpoint);
  if (needed > content.size()) {
    throw Error(
        ErrorCode::kCheckpoint,
        fmt::format("its storage {} has {} bytes, but {} elements of {} need {}", printable(entry_name),
                    entry->size, storage.numel, dtype_name(*tensor.dtype), needed),
        {"", "", entry->offset});
  }
  const auto available = static_cast<std::int64_t>(needed / size);

  if (tensor.shape.size() != tensor.strides.size() || tensor.shape.size() > kMaxRank) {
    fail(fmt::format("has {} sizes and {} strides", tensor.shape.size(), tensor.strides.size()));
  }
  if (tensor.offset < 0) fail(fmt::format("has the negative storage offset {}", tensor.offset));
  TensorView view;
  view.dtype = *tensor.dtype;
  view.shape = tensor.shape;
  view.strides = tensor.strides;
  view.owner = archive.bytes();
  view.data = reinterpret_cast<const std::byte*>(content.data());
  const std::int64_t numel = view.numel();
  if (numel == 0) {
    view.strides = row_major_strides(view.shape);
    return view;
  }
  const std::int64_t end = view_end(tensor);
  if (end > available) {
    throw Error(ErrorCode::kCheckpoint,
                fmt::format("reaches to element {} of its storage {}, which has {}", end,
                            printable(entry_name), available),
                {"", "", entry->offset});
  }
  if (numel > available && numel > kMaxExpandedElements) {
    fail(fmt::format("repeats the {} elements of its storage {} times", available, numel / available));
  }
  view.data += static_cast<std::size_t>(tensor.offset) * size;
  return view;
}

std::string list_items(const PickleDict& dict) {
  std::string text;
  std::size_t shown = 0;
  for (const auto& [key, value] : dict.items) {
    if (++shown > 8) return text + ", ...";
    const auto* name = key->text();
    if (!text.empty()) text += ", ";
    text +=
        fmt::format("{} ({})", name == nullptr ? key->describe() : printable(*name, 40), value->describe());
  }
  return text.empty() ? "none" : text;
}

const PickleDict& find_state_dict(const PickleDict& top) {
  if (const PickleRef named = dict_find(top, "state_dict")) {
    const auto* state_dict = named->as<PickleDict>();
    if (state_dict == nullptr) fail(fmt::format("its state_dict is {}, not a dict", named->describe()));
    return *state_dict;
  }
  const bool any_tensor = std::ranges::any_of(
      top.items, [](const auto& item) { return item.second->template as<PickleTensor>() != nullptr; });
  if (!any_tensor) {
    fail(fmt::format("has no state_dict, and is none itself; its items are: {}", list_items(top)));
  }
  return top;
}

const PickleDict& top_dict(const PickleValue& root) {
  if (const auto* dict = root.as<PickleDict>()) return *dict;
  if (root.as<PickleObject>() != nullptr) {
    fail(fmt::format("is {}, a whole object (torch.save(model)); save its state_dict() instead",
                     root.describe()));
  }
  fail(fmt::format("is {}, not a dict of tensors", root.describe()));
}

std::map<std::string, TensorView> read_state_dict(const PickleDict& state_dict, const ZipArchive& archive,
                                                  const std::string& prefix) {
  std::map<std::string, TensorView> tensors;
  for (const auto& [key, value] : state_dict.items) {
    const auto* name = key->text();
    if (name == nullptr)
      fail(fmt::format("its state_dict has a key that is {}, not a string", key->describe()));
    try {
      const auto* tensor = value->as<PickleTensor>();
      if (tensor == nullptr) fail(fmt::format("is {}, not a tensor", value->describe()));
      if (!tensors.emplace(*name, view_of(*tensor, archive, prefix)).second)
        fail("comes twice in the state_dict");
    } catch (const Error& error) {
      throw error.with_context({"", "tensor " + std::string(*name), std::nullopt});
    }
  }
  return tensors;
}

}  // namespace

TorchFile read_torch_zip(const std::shared_ptr<const Bytes>& bytes) {
  const ZipArchive archive(bytes);
  const std::string prefix = find_prefix(archive);
  check_kind(archive, prefix);
  const std::string pickle_name = prefix + std::string(kPickleName);
  const ZipEntry& pickle = *archive.find(pickle_name);
  const PickleDocument document =
      parse_pickle(archive.content(pickle_name, pickle), bytes->name(), pickle.offset);
  TorchFile file;
  try {
    const PickleDict& top = top_dict(*document.root);
    file.tensors = read_state_dict(find_state_dict(top), archive, prefix);
    try {
      if (const PickleRef found = dict_find(top, "hyper_parameters"))
        file.hyper_parameters = pickle_to_json(*found);
    } catch (const Error& error) {
      throw error.with_context({"", "hyper_parameters", std::nullopt});
    }
  } catch (const Error& error) {
    throw error.with_context({bytes->name(), "", std::nullopt});
  }
  return file;
}

}  // namespace bteval::checkpoint
