// What a pickle describes, as plain data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "checkpoint/tensor_view.h"

namespace bteval::checkpoint {

struct PickleValue;
/// Points into a PickleDocument; values may be shared and may contain themselves.
using PickleRef = PickleValue*;

struct PickleNone {};
struct PickleBigInt {
  std::string_view bytes;  ///< two's complement, little-endian, longer than 8 bytes
};
struct PickleString {
  std::string_view text;  ///< UTF-8 as far as the writer kept to it
};
struct PickleBytes {
  std::string_view bytes;
};
struct PickleList {
  std::vector<PickleRef> items;
};
struct PickleTuple {
  std::vector<PickleRef> items;
};
struct PickleSet {
  std::vector<PickleRef> items;
};
struct PickleDict {
  std::vector<std::pair<PickleRef, PickleRef>> items;  ///< in the order of writing; keys may repeat
};
/// A class or function, by name only.
struct PickleGlobal {
  std::string_view module;
  std::string_view name;
  std::string qualified() const { return std::string(module) + "." + std::string(name); }
};
/// An instance of a class that bteval does not know: an opaque value.
struct PickleObject {
  PickleRef type = nullptr;  ///< a PickleGlobal
  std::vector<PickleRef> arguments;
  std::vector<PickleRef> list_items;
  std::vector<std::pair<PickleRef, PickleRef>> dict_items;
  PickleRef state = nullptr;  ///< null where BUILD set none
};
/// A tensor's storage: an entry of the archive.
struct PickleStorage {
  std::optional<DType> dtype;  ///< empty for dtypes that bteval does not read
  bool untyped = false;        ///< bytes; the tensor knows the dtype
  std::string_view type_name;
  std::string_view key;
  std::int64_t numel = 0;
};
struct PickleTensor {
  PickleRef storage = nullptr;  ///< a PickleStorage
  std::optional<DType> dtype;
  std::string_view dtype_text;  ///< for messages
  std::int64_t offset = 0;      ///< in elements
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;  ///< in elements
};

struct PickleValue {
  std::variant<PickleNone, bool, std::int64_t, double, PickleBigInt, PickleString, PickleBytes, PickleList,
               PickleTuple, PickleSet, PickleDict, PickleGlobal, PickleObject, PickleStorage, PickleTensor>
      data;

  template <typename T>
  const T* as() const {
    return std::get_if<T>(&data);
  }
  template <typename T>
  T* as() {
    return std::get_if<T>(&data);
  }
  const std::string_view* text() const {
    const auto* string = as<PickleString>();
    return string == nullptr ? nullptr : &string->text;
  }
  /// "a dict", "a tensor", "a pkg.Class", ...: for messages.
  std::string describe() const;
};

/// Owns all values of a pickle. The pickle's bytes must outlive it.
struct PickleDocument {
  std::deque<PickleValue> values;
  std::deque<std::string> strings;  ///< texts that do not stand in the pickle as such
  PickleRef root = nullptr;

  PickleRef add(decltype(PickleValue::data) data) {
    return &values.emplace_back(PickleValue{std::move(data)});
  }
};

/// The value of the last item whose key is the string `key`; null where there is none.
PickleRef dict_find(const PickleDict& dict, std::string_view key);

}  // namespace bteval::checkpoint
