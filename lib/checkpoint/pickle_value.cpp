#include "checkpoint/pickle_value.h"

namespace bteval::checkpoint {
namespace {

struct Describer {
  std::string operator()(const PickleNone&) const { return "None"; }
  std::string operator()(bool) const { return "a bool"; }
  std::string operator()(std::int64_t) const { return "an int"; }
  std::string operator()(double) const { return "a float"; }
  std::string operator()(const PickleBigInt&) const { return "an int"; }
  std::string operator()(const PickleString&) const { return "a string"; }
  std::string operator()(const PickleBytes&) const { return "bytes"; }
  std::string operator()(const PickleList&) const { return "a list"; }
  std::string operator()(const PickleTuple&) const { return "a tuple"; }
  std::string operator()(const PickleSet&) const { return "a set"; }
  std::string operator()(const PickleDict&) const { return "a dict"; }
  std::string operator()(const PickleGlobal& global) const { return "the class " + global.qualified(); }
  std::string operator()(const PickleObject& object) const {
    const auto* type = object.type == nullptr ? nullptr : object.type->as<PickleGlobal>();
    return type == nullptr ? "an object" : "a " + type->qualified();
  }
  std::string operator()(const PickleStorage&) const { return "a storage"; }
  std::string operator()(const PickleTensor&) const { return "a tensor"; }
};

}  // namespace

std::string PickleValue::describe() const { return std::visit(Describer{}, data); }

PickleRef dict_find(const PickleDict& dict, std::string_view key) {
  for (auto item = dict.items.rbegin(); item != dict.items.rend(); ++item) {
    if (const auto* text = item->first->text(); text != nullptr && *text == key) return item->second;
  }
  return nullptr;
}

}  // namespace bteval::checkpoint
