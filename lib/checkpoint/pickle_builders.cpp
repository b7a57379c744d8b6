#include "checkpoint/pickle_builders.h"

#include <utility>

#include "checkpoint/pickle_globals.h"
#include "core/error.h"
#include "core/utf8.h"

namespace bteval::checkpoint {
namespace {

using Items = std::vector<PickleRef>;

[[noreturn]] void fail(const std::string& message) { throw Error(ErrorCode::kCheckpoint, message); }

const Items& tuple_items(PickleRef value, const char* what) {
  const auto* tuple = value->as<PickleTuple>();
  if (tuple == nullptr) fail(fmt::format("{} is {}, not a tuple", what, value->describe()));
  return tuple->items;
}

const PickleGlobal& global_of(PickleRef value, const char* verb) {
  const auto* global = value->as<PickleGlobal>();
  if (global == nullptr) fail(fmt::format("{} {}, which is no class", verb, value->describe()));
  return *global;
}

const Items* sequence_items(PickleRef value) {
  if (const auto* list = value->as<PickleList>()) return &list->items;
  if (const auto* tuple = value->as<PickleTuple>()) return &tuple->items;
  if (const auto* set = value->as<PickleSet>()) return &set->items;
  return nullptr;
}

/// The items of the one argument of list(), tuple(), set(); nothing without an argument.
Items copied_items(PickleBudget& budget, const Items& arguments, const std::string& type) {
  if (arguments.empty()) return {};
  const Items* items = arguments.size() == 1 ? sequence_items(arguments[0]) : nullptr;
  if (items == nullptr) fail(fmt::format("{} does not get a list of items", type));
  budget.charge(items->size());
  return *items;
}

PickleDict dict_of(PickleBudget& budget, const Items& arguments, const std::string& type) {
  PickleDict dict;
  // defaultdict's first argument is its factory; the items follow by SETITEMS.
  if (arguments.empty() || arguments[0]->as<PickleGlobal>() != nullptr ||
      arguments[0]->as<PickleNone>() != nullptr) {
    return dict;
  }
  if (const auto* source = arguments[0]->as<PickleDict>()) {
    budget.charge(source->items.size());
    return *source;
  }
  const Items* pairs = sequence_items(arguments[0]);
  if (pairs == nullptr) fail(fmt::format("{} does not get a list of pairs", type));
  budget.charge(pairs->size());
  for (const PickleRef pair : *pairs) {
    const Items* item = sequence_items(pair);
    if (item == nullptr || item->size() != 2) fail(fmt::format("{} does not get a list of pairs", type));
    dict.items.emplace_back((*item)[0], (*item)[1]);
  }
  return dict;
}

std::int64_t integer(PickleRef value, const char* what) {
  const auto* number = value->as<std::int64_t>();
  if (number == nullptr) fail(fmt::format("{} is {}, not an int", what, value->describe()));
  return *number;
}

std::vector<std::int64_t> integers(PickleBudget& budget, PickleRef value, const char* what) {
  const Items& items = tuple_items(value, what);
  budget.charge(items.size());
  std::vector<std::int64_t> numbers;
  numbers.reserve(items.size());
  for (const PickleRef item : items) numbers.push_back(integer(item, what));
  return numbers;
}

PickleTensor tensor_of(PickleBudget& budget, const Items& arguments) {
  if (arguments.size() < 4) fail(fmt::format("a tensor gets {} arguments, not 4 or more", arguments.size()));
  const auto* storage = arguments[0]->as<PickleStorage>();
  if (storage == nullptr) fail(fmt::format("a tensor's storage is {}", arguments[0]->describe()));
  PickleTensor tensor;
  tensor.storage = arguments[0];
  tensor.dtype = storage->dtype;
  tensor.dtype_text = storage->type_name;
  tensor.offset = integer(arguments[1], "a tensor's storage offset");
  tensor.shape = integers(budget, arguments[2], "a tensor's shape");
  tensor.strides = integers(budget, arguments[3], "a tensor's strides");
  return tensor;
}

PickleTensor tensor_v3_of(PickleBudget& budget, const Items& arguments) {
  PickleTensor tensor = tensor_of(budget, arguments);
  const auto* dtype = arguments.size() < 7 ? nullptr : arguments[6]->as<PickleGlobal>();
  if (dtype == nullptr) fail("a tensor of the third version gets no dtype");
  const GlobalRule rule = classify_global(dtype->module, dtype->name);
  if (rule.kind != GlobalKind::kDType) fail(fmt::format("{} is no dtype", dtype->qualified()));
  tensor.dtype = rule.dtype;
  tensor.dtype_text = dtype->name;
  return tensor;
}

PickleRef from_type(PickleDocument& document, PickleBudget& budget, const Items& arguments) {
  if (arguments.size() != 4)
    fail(fmt::format("_rebuild_from_type_v2 gets {} arguments, not 4", arguments.size()));
  const PickleGlobal& function = global_of(arguments[0], "_rebuild_from_type_v2 calls");
  const GlobalKind kind = classify_global(function.module, function.name).kind;
  if (kind != GlobalKind::kRebuildTensor && kind != GlobalKind::kRebuildTensorV3 &&
      kind != GlobalKind::kRebuildParameter) {
    fail(fmt::format("_rebuild_from_type_v2 calls {}, which rebuilds no tensor", function.qualified()));
  }
  return pickle_call(document, budget, arguments[0], arguments[2]);
}

std::string latin1(std::string_view text) {
  std::string bytes;
  for (std::size_t pos = 0; pos < text.size();) {
    if (utf8_sequence_length(text.substr(pos)) == 0) fail("_codecs.encode gets a text that is not UTF-8");
    const char32_t code = utf8_decode(text, pos);
    if (code > 0xFF) fail("_codecs.encode gets a text that is not latin1");
    bytes += static_cast<char>(static_cast<unsigned char>(code));
  }
  return bytes;
}

PickleRef encode(PickleDocument& document, PickleBudget& budget, const Items& arguments) {
  const auto* text = arguments.size() == 2 ? arguments[0]->text() : nullptr;
  const auto* encoding = arguments.size() == 2 ? arguments[1]->text() : nullptr;
  if (text == nullptr || encoding == nullptr || (*encoding != "latin1" && *encoding != "latin-1")) {
    fail("_codecs.encode is used for something else than bytes");
  }
  budget.charge(text->size() / 64);
  return document.add(PickleBytes{document.strings.emplace_back(latin1(*text))});
}

PickleRef opaque(PickleDocument& document, PickleBudget& budget, PickleRef type, const Items& arguments) {
  budget.charge(arguments.size());
  PickleObject object;
  object.type = type;
  object.arguments = arguments;
  return document.add(std::move(object));
}

}  // namespace

void PickleBudget::charge(std::size_t count) {
  if (count > left_) fail("the pickle makes more values than any checkpoint needs");
  left_ -= count;
}

PickleRef pickle_call(PickleDocument& document, PickleBudget& budget, PickleRef callable,
                      PickleRef arguments) {
  const PickleGlobal& global = global_of(callable, "calls");
  const Items& items = tuple_items(arguments, "the list of arguments");
  switch (classify_global(global.module, global.name).kind) {
    case GlobalKind::kOpaque:
    case GlobalKind::kStorage:
      return opaque(document, budget, callable, items);
    case GlobalKind::kDict:
      return document.add(dict_of(budget, items, global.qualified()));
    case GlobalKind::kList:
      return document.add(PickleList{copied_items(budget, items, global.qualified())});
    case GlobalKind::kTuple:
      return document.add(PickleTuple{copied_items(budget, items, global.qualified())});
    case GlobalKind::kSet:
      return document.add(PickleSet{copied_items(budget, items, global.qualified())});
    case GlobalKind::kRebuildTensor:
      return document.add(tensor_of(budget, items));
    case GlobalKind::kRebuildTensorV3:
      return document.add(tensor_v3_of(budget, items));
    case GlobalKind::kRebuildParameter:
      if (items.empty()) fail("a parameter gets no tensor");
      return items[0];
    case GlobalKind::kRebuildFromType:
      return from_type(document, budget, items);
    case GlobalKind::kReconstruct:
      if (items.empty()) fail("copyreg._reconstructor gets no class");
      global_of(items[0], "copyreg._reconstructor makes an instance of");
      return opaque(document, budget, items[0], {});
    case GlobalKind::kEncode:
      return encode(document, budget, items);
    case GlobalKind::kDType:
    case GlobalKind::kRefused:
      break;
  }
  fail(fmt::format("calls {}, which is no class", global.qualified()));
}

PickleRef pickle_new_object(PickleDocument& document, PickleBudget& budget, PickleRef type,
                            PickleRef arguments) {
  const PickleGlobal& global = global_of(type, "makes an instance of");
  switch (classify_global(global.module, global.name).kind) {
    case GlobalKind::kOpaque:
    case GlobalKind::kDict:
    case GlobalKind::kList:
    case GlobalKind::kTuple:
    case GlobalKind::kSet:
      return pickle_call(document, budget, type, arguments);
    default:
      fail(fmt::format("makes an instance of {}, which is no class that has any", global.qualified()));
  }
}

PickleRef pickle_persistent_load(PickleDocument& document, PickleRef id) {
  const Items& items = tuple_items(id, "a persistent id");
  const auto* tag = items.empty() ? nullptr : items[0]->text();
  if (tag == nullptr || *tag != "storage" || items.size() < 5) fail("a persistent id names no storage");
  const auto* type = items[1]->as<PickleGlobal>();
  const auto* key = items[2]->text();
  if (type == nullptr || key == nullptr) fail("a storage has no type or no key");
  const GlobalRule rule = classify_global(type->module, type->name);
  if (rule.kind != GlobalKind::kStorage) fail(fmt::format("{} is no storage type", type->qualified()));
  PickleStorage storage;
  storage.dtype = rule.dtype;
  storage.untyped = rule.untyped;
  storage.type_name = type->name;
  storage.key = *key;
  storage.numel = integer(items[4], "a storage's number of elements");
  if (storage.numel < 0) fail("a storage has a negative number of elements");
  return document.add(storage);
}

}  // namespace bteval::checkpoint
