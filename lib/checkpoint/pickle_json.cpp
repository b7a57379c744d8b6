#include "checkpoint/pickle_json.h"

#include <cmath>
#include <cstring>
#include <optional>

#include "core/utf8.h"

namespace bteval::checkpoint {
namespace {

constexpr int kMaxDepth = 100;
constexpr std::size_t kMaxValues = 250'000;
constexpr std::size_t kMaxTextBytes = std::size_t{64} << 20;

std::string clean_text(std::string_view text) {
  return utf8_first_invalid(text) == std::string_view::npos ? std::string(text)
                                                            : printable(text, text.size() * 4);
}

Json number(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}

template <typename T>
T load(std::string_view bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

/// numpy.core.multiarray.scalar(dtype, bytes) as a number; empty where it is something else.
std::optional<Json> numpy_scalar(const PickleObject& object, const PickleGlobal& type) {
  if (type.name != "scalar" || object.arguments.size() != 2) return std::nullopt;
  if (type.module != "numpy.core.multiarray" && type.module != "numpy._core.multiarray") return std::nullopt;
  const auto* dtype = object.arguments[0]->as<PickleObject>();
  const auto* bytes = object.arguments[1]->as<PickleBytes>();
  if (dtype == nullptr || bytes == nullptr || dtype->arguments.empty()) return std::nullopt;
  const auto* code = dtype->arguments[0]->text();
  const auto* state = dtype->state == nullptr ? nullptr : dtype->state->as<PickleTuple>();
  const auto* order = state == nullptr || state->items.size() < 2 ? nullptr : state->items[1]->text();
  if (code == nullptr || (order != nullptr && *order == ">")) return std::nullopt;
  const std::string_view raw = bytes->bytes;
  const auto is = [&](std::string_view name, std::size_t size) {
    return *code == name && raw.size() == size;
  };
  if (is("f8", 8)) return number(load<double>(raw));
  if (is("f4", 4)) return number(static_cast<double>(load<float>(raw)));
  if (is("i8", 8)) return Json(load<std::int64_t>(raw));
  if (is("i4", 4)) return Json(load<std::int32_t>(raw));
  if (is("i2", 2)) return Json(load<std::int16_t>(raw));
  if (is("i1", 1)) return Json(load<std::int8_t>(raw));
  if (is("u8", 8)) return Json(load<std::uint64_t>(raw));
  if (is("u4", 4)) return Json(load<std::uint32_t>(raw));
  if (is("u1", 1)) return Json(load<std::uint8_t>(raw));
  if (is("b1", 1)) return Json(raw[0] != 0);
  return std::nullopt;
}

class Converter {
 public:
  Json convert(const PickleValue& value) {
    if (++values_ > kMaxValues) fail("unfolds to more values than any checkpoint needs");
    if (++depth_ > kMaxDepth) fail("is nested too deeply, or contains itself");
    Json json = std::visit([this](const auto& data) { return to_json(data); }, value.data);
    --depth_;
    return json;
  }

 private:
  [[noreturn]] static void fail(const char* message) { throw Error(ErrorCode::kCheckpoint, message); }

  std::string text(std::string_view raw) {
    text_bytes_ += raw.size();
    if (text_bytes_ > kMaxTextBytes) fail("unfolds to more text than any checkpoint needs");
    return clean_text(raw);
  }

  Json to_json(const PickleNone&) { return nullptr; }
  Json to_json(bool value) { return value; }
  Json to_json(std::int64_t value) { return value; }
  Json to_json(double value) { return number(value); }
  Json to_json(const PickleString& value) { return text(value.text); }
  Json to_json(const PickleBytes& value) {
    return {{"__class__", "builtins.bytes"}, {"size", value.bytes.size()}};
  }
  Json to_json(const PickleBigInt& value) {
    return {{"__class__", "builtins.int"}, {"size", value.bytes.size()}};
  }
  Json to_json(const PickleList& value) { return array(value.items); }
  Json to_json(const PickleTuple& value) { return array(value.items); }
  Json to_json(const PickleSet& value) { return array(value.items); }
  Json to_json(const PickleGlobal& value) { return text(value.qualified()); }
  Json to_json(const PickleStorage& value) {
    return {{"__class__", "torch." + text(value.type_name)}, {"numel", value.numel}};
  }
  Json to_json(const PickleTensor& value) {
    return {{"__class__", "torch.Tensor"}, {"shape", value.shape}, {"dtype", text(value.dtype_text)}};
  }
  Json to_json(const PickleDict& value) {
    Json object = Json::object();
    add_members(object, value.items);
    return object;
  }

  Json to_json(const PickleObject& value) {
    const auto* type = value.type->as<PickleGlobal>();
    if (type == nullptr) fail("has an object without a class");
    if (auto scalar = numpy_scalar(value, *type)) return *std::move(scalar);
    Json object = Json::object();
    if (!value.arguments.empty()) object["__args__"] = array(value.arguments);
    if (!value.list_items.empty()) object["__items__"] = array(value.list_items);
    if (value.state != nullptr) {
      if (const auto* attributes = value.state->as<PickleDict>()) {
        add_members(object, attributes->items);
      } else {
        object["__state__"] = convert(*value.state);
      }
    }
    add_members(object, value.dict_items);
    object["__class__"] = text(type->qualified());
    return object;
  }

  Json array(const std::vector<PickleRef>& items) {
    Json list = Json::array();
    for (const PickleRef item : items) list.push_back(convert(*item));
    return list;
  }

  void add_members(Json& object, const std::vector<std::pair<PickleRef, PickleRef>>& items) {
    for (const auto& [key, value] : items) {
      const auto* name = key->text();
      const Json other = name == nullptr ? convert(*key) : Json();
      object[name != nullptr     ? text(*name)
             : other.is_string() ? other.get<std::string>()
                                 : other.dump()] = convert(*value);
    }
  }

  int depth_ = 0;
  std::size_t values_ = 0;
  std::size_t text_bytes_ = 0;
};

}  // namespace

Json pickle_to_json(const PickleValue& value) { return Converter().convert(value); }

}  // namespace bteval::checkpoint
