#include "checkpoint/safetensors.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "checkpoint/byte_reader.h"
#include "checkpoint/safetensors_header.h"
#include "core/checked.h"

namespace bteval::checkpoint {
namespace {

constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;  // the reference implementation's limit
constexpr std::size_t kMaxRank = 64;

struct Extent {
  std::uint64_t begin;
  std::uint64_t end;
  const std::string* tensor;
};

[[noreturn]] void fail(const std::string& message) { throw Error(ErrorCode::kCheckpoint, message); }

TensorView view_of(const SafetensorsEntry& entry, std::string_view data, Extent& extent) {
  if (!entry.dtype) fail("has no \"dtype\"");
  if (!entry.shape) fail("has no \"shape\"");
  if (!entry.data_offsets || entry.data_offsets->size() != 2) fail("has no \"data_offsets\" of two numbers");
  const auto dtype = dtype_from_name(*entry.dtype);
  if (!dtype) fail(fmt::format("has the dtype {}, which bteval does not read", printable(*entry.dtype, 20)));
  if (entry.shape->size() > kMaxRank) fail(fmt::format("has {} dimensions", entry.shape->size()));

  TensorView view;
  view.dtype = *dtype;
  for (const std::uint64_t size : *entry.shape) {
    view.shape.push_back(checked_cast<std::int64_t>(size, "a size in the shape", ErrorCode::kCheckpoint));
  }
  view.strides = row_major_strides(view.shape);
  const auto numel = static_cast<std::uint64_t>(view.numel());
  const auto bytes =
      checked_mul<std::uint64_t>(numel, dtype_size(*dtype), "the size", ErrorCode::kCheckpoint);

  extent.begin = (*entry.data_offsets)[0];
  extent.end = (*entry.data_offsets)[1];
  if (extent.begin > extent.end)
    fail(fmt::format("ends ({}) before it begins ({})", extent.end, extent.begin));
  if (extent.end > data.size()) {
    fail(fmt::format(
        "ends at byte {} of the data, which has {} bytes: the file is truncated or the header wrong",
        extent.end, data.size()));
  }
  if (extent.end - extent.begin != bytes) {
    fail(fmt::format("takes {} bytes, but {} and the shape [{}] need {}", extent.end - extent.begin,
                     *entry.dtype, fmt::join(*entry.shape, ", "), bytes));
  }
  view.data = reinterpret_cast<const std::byte*>(data.data() + extent.begin);
  return view;
}

/// The format demands that the tensors cover the data exactly.
void check_cover(std::vector<Extent> extents, std::uint64_t data_size, std::uint64_t data_base,
                 const std::string& name) {
  std::ranges::sort(extents, {}, [](const Extent& e) { return std::tie(e.begin, e.end); });
  std::uint64_t position = 0;
  for (const Extent& extent : extents) {
    if (extent.begin != position) {
      const char* what =
          extent.begin < position ? "overlaps the tensor before it" : "leaves a hole before it";
      throw Error(ErrorCode::kCheckpoint, what, {name, "tensor " + *extent.tensor, data_base + extent.begin});
    }
    position = extent.end;
  }
  if (position != data_size) {
    throw Error(ErrorCode::kCheckpoint,
                fmt::format("{} bytes at the end belong to no tensor", data_size - position),
                {name, "", data_base + position});
  }
}

}  // namespace

SafetensorsFile read_safetensors(const std::shared_ptr<const Bytes>& bytes) {
  ByteReader reader(bytes->text(), bytes->name());
  const auto header_size = reader.read<std::uint64_t>("the header's length");
  if (header_size > kMaxHeaderBytes) {
    reader.fail_at(0, fmt::format("the header's length is {}, more than {}", header_size, kMaxHeaderBytes));
  }
  const std::size_t header_base = reader.position();
  const std::string_view json = reader.take(header_size, "the header");
  if (!json.starts_with('{')) reader.fail_at(header_base, "the header does not start with '{'");
  SafetensorsHeader header = parse_safetensors_header(json, bytes->name(), header_base);

  const std::size_t data_base = reader.position();
  const std::string_view data = bytes->text().substr(data_base);
  SafetensorsFile file;
  file.metadata = std::move(header.metadata);
  std::vector<Extent> extents;
  for (const auto& [tensor, entry] : header.entries) {
    Extent extent{0, 0, &tensor};
    try {
      TensorView view = view_of(entry, data, extent);
      view.owner = bytes;
      file.tensors.emplace(tensor, std::move(view));
    } catch (const Error& error) {
      throw error.with_context({bytes->name(), "tensor " + tensor, std::nullopt});
    }
    extents.push_back(extent);
  }
  check_cover(std::move(extents), data.size(), data_base, bytes->name());
  return file;
}

}  // namespace bteval::checkpoint
