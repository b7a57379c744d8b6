#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "checkpoint/safetensors.h"
#include "checkpoint/tensor_copy.h"
#include "core/atomic_file.h"
#include "core/checked.h"
#include "core/interrupt.h"
#include "core/json.h"

namespace bteval::checkpoint {
namespace {

constexpr std::size_t kChunkElements = std::size_t{1} << 17;

struct Item {
  const std::string* name;
  const TensorView* view;
  DType dtype;  // as written
};

/// The reference implementation's order of dtypes; wide ones come first, which keeps every tensor aligned.
int rank_of(DType dtype) {
  static constexpr std::array kOrder = {DType::kInt64,    DType::kFloat64, DType::kFloat32, DType::kInt32,
                                        DType::kBFloat16, DType::kFloat16, DType::kInt16,   DType::kInt8,
                                        DType::kUInt8,    DType::kBool};
  return static_cast<int>(std::ranges::find(kOrder, dtype) - kOrder.begin());
}

std::string header_of(const std::vector<Item>& items, const std::map<std::string, std::string>& metadata) {
  OrderedJson header = OrderedJson::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t position = 0;
  for (const Item& item : items) {
    const auto size = checked_mul<std::uint64_t>(static_cast<std::uint64_t>(item.view->numel()),
                                                 dtype_size(item.dtype), "a tensor");
    const std::uint64_t end = checked_add(position, size, "the file");
    header[*item.name] = {
        {"dtype", dtype_name(item.dtype)}, {"shape", item.view->shape}, {"data_offsets", {position, end}}};
    position = end;
  }
  // Names that are no UTF-8 cannot stand in JSON; they come from damaged pickles only.
  std::string text = header.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
  text.append((8 - text.size() % 8) % 8, ' ');
  return text;
}

void write_tensor(AtomicFile& file, const Item& item, std::vector<std::byte>& in,
                  std::vector<std::byte>& out) {
  ElementCopier copier(*item.view);
  in.resize(kChunkElements * dtype_size(item.view->dtype));
  out.resize(kChunkElements * dtype_size(item.dtype));
  while (const std::size_t count = copier.next(in)) {
    throw_if_interrupted();
    const bool convert = item.dtype != item.view->dtype;
    if (convert) convert_floats(item.view->dtype, in.data(), item.dtype, out.data(), count);
    file.write(std::span(convert ? out : in).first(count * dtype_size(item.dtype)));
  }
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, const std::map<std::string, TensorView>& tensors,
                       const std::map<std::string, std::string>& metadata,
                       const SafetensorsWriteOptions& options) {
  std::vector<Item> items;
  for (const auto& [name, view] : tensors) {
    if (name == "__metadata__") {
      throw Error(ErrorCode::kData, "no tensor can have this name",
                  {path.string(), "tensor " + name, std::nullopt});
    }
    const bool convert = options.floating_dtype && is_floating(view.dtype);
    items.push_back({&name, &view, convert ? *options.floating_dtype : view.dtype});
  }
  std::ranges::sort(
      items, {}, [](const Item& i) { return std::tuple<int, std::string_view>(rank_of(i.dtype), *i.name); });

  const std::string header = header_of(items, metadata);
  std::string length(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) length[i] = static_cast<char>((header.size() >> (8 * i)) & 0xFF);
  AtomicFile file(path);
  file.write(length);
  file.write(header);
  std::vector<std::byte> in;
  std::vector<std::byte> out;
  for (const Item& item : items) write_tensor(file, item, in, out);
  file.commit();
}

}  // namespace bteval::checkpoint
