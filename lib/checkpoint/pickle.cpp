#include "checkpoint/pickle.h"

#include <algorithm>
#include <bit>
#include <unordered_map>
#include <utility>

#include "checkpoint/byte_reader.h"
#include "checkpoint/pickle_builders.h"
#include "checkpoint/pickle_globals.h"
#include "checkpoint/pickle_opcodes.h"

namespace bteval::checkpoint {
namespace {

using Items = std::vector<PickleRef>;

class Machine {
 public:
  Machine(std::string_view text, const std::string& file, std::uint64_t base, const PickleLimits& limits)
      : reader_(text, file, "pickle", base), limits_(limits), budget_(limits.max_values) {
    if (text.size() > limits.max_bytes) {
      reader_.fail(fmt::format("the pickle has {} bytes, more than {}", text.size(), limits.max_bytes));
    }
  }

  PickleDocument run() {
    while (document_.root == nullptr) {
      at_ = reader_.position();
      const auto opcode = reader_.read<std::uint8_t>("the pickle");
      if (at_ == 0 && opcode != static_cast<std::uint8_t>(PickleOp::kProto)) {
        fail("is not a pickle of protocol 2 or later");
      }
      try {
        step(opcode);
      } catch (const Error& error) {
        if (error.context().offset) throw;
        fail(error.message());
      }
    }
    if (reader_.remaining() > 0) {
      reader_.fail(fmt::format("{} bytes follow the end of the pickle", reader_.remaining()));
    }
    return std::move(document_);
  }

 private:
  [[noreturn]] void fail(const std::string& message) const { reader_.fail_at(at_, message); }

  void push(PickleRef value) { stack_.push_back(value); }

  void make(decltype(PickleValue::data) data) {
    budget_.charge(1);
    push(document_.add(std::move(data)));
  }

  /// First stack position that belongs to the innermost open mark.
  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }

  PickleRef& top() {
    if (stack_.size() <= floor()) fail("needs a value that is not there");
    return stack_.back();
  }

  PickleRef pop() {
    const PickleRef value = top();
    stack_.pop_back();
    return value;
  }

  Items pop_to_mark() {
    if (marks_.empty()) fail("needs a mark that is not there");
    const auto from = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    Items items(from, stack_.end());
    stack_.erase(from, stack_.end());
    marks_.pop_back();
    return items;
  }

  void make_tuple(std::size_t count) {
    if (stack_.size() - floor() < count) fail("needs values that are not there");
    PickleTuple tuple;
    tuple.items.assign(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
    stack_.resize(stack_.size() - count);
    make(std::move(tuple));
  }

  void append(const Items& items) {
    PickleValue& target = *top();
    Items* list = nullptr;
    if (auto* plain = target.as<PickleList>()) list = &plain->items;
    if (auto* object = target.as<PickleObject>()) list = &object->list_items;
    if (list == nullptr) fail(fmt::format("appends to {}", target.describe()));
    list->insert(list->end(), items.begin(), items.end());
  }

  void add_to_set(const Items& items) {
    PickleValue& target = *top();
    Items* set = nullptr;
    if (auto* plain = target.as<PickleSet>()) set = &plain->items;
    if (auto* object = target.as<PickleObject>()) set = &object->list_items;
    if (set == nullptr) fail(fmt::format("adds set items to {}", target.describe()));
    set->insert(set->end(), items.begin(), items.end());
  }

  void set_items(PickleValue& target, const Items& items) {
    if (items.size() % 2 != 0) fail("has a key without a value");
    std::vector<std::pair<PickleRef, PickleRef>>* dict = nullptr;
    if (auto* plain = target.as<PickleDict>()) dict = &plain->items;
    if (auto* object = target.as<PickleObject>()) dict = &object->dict_items;
    if (dict == nullptr) fail(fmt::format("sets items of {}", target.describe()));
    for (std::size_t i = 0; i < items.size(); i += 2) dict->emplace_back(items[i], items[i + 1]);
  }

  void make_dict(const Items& items) {
    PickleValue dict{PickleDict{}};
    set_items(dict, items);
    make(std::move(dict.data));
  }

  /// An attribute dictionary on top of a value. Only opaque values keep it (as in OrderedDict's _metadata,
  /// which says nothing about the weights).
  void build() {
    const PickleRef state = pop();
    PickleValue& target = *top();
    if (auto* object = target.as<PickleObject>()) {
      object->state = state;
    } else if (target.as<PickleDict>() == nullptr && target.as<PickleList>() == nullptr &&
               target.as<PickleSet>() == nullptr && target.as<PickleTensor>() == nullptr) {
      fail(fmt::format("sets attributes of {}", target.describe()));
    }
  }

  void make_global(std::string_view module, std::string_view name) {
    if (module.size() > 500 || name.size() > 500) fail("names a class by more than 500 characters");
    if (classify_global(module, name).kind == GlobalKind::kRefused) {
      fail(fmt::format(
          "names {}.{}, which can do more than hold data; bteval runs nothing from a pickle and refuses "
          "the file. If you trust it, load it with torch.load and save its state_dict alone",
          printable(module), printable(name)));
    }
    make(PickleGlobal{module, name});
  }

  void memoize(std::uint32_t index) {
    const PickleRef value = top();
    if (memo_.size() >= limits_.max_values) fail("the memo is too large");
    memo_[index] = value;
  }

  void recall(std::uint32_t index) {
    const auto found = memo_.find(index);
    if (found == memo_.end()) fail(fmt::format("recalls the memo {}, which is not set", index));
    budget_.charge(1);
    push(found->second);
  }

  std::string_view take_sized(std::uint64_t size) { return reader_.take(size, "a string"); }

  void make_long(std::string_view bytes) {
    if (bytes.size() > 8) return make(PickleBigInt{bytes});
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    }
    const bool negative = !bytes.empty() && (static_cast<unsigned char>(bytes.back()) & 0x80U) != 0;
    if (negative && bytes.size() < 8) value |= ~std::uint64_t{0} << (8 * bytes.size());
    make(static_cast<std::int64_t>(value));
  }

  void make_float() {
    std::uint64_t bits = 0;
    for (const char c : reader_.take(8, "a float")) bits = bits << 8 | static_cast<unsigned char>(c);
    make(std::bit_cast<double>(bits));
  }

  void stack_global() {
    const PickleRef name = pop();
    const PickleRef module = pop();
    if (name->text() == nullptr || module->text() == nullptr)
      fail("names a class by something else than strings");
    make_global(*module->text(), *name->text());
  }

  void reduce() {
    const PickleRef arguments = pop();
    const PickleRef callable = pop();
    budget_.charge(1);
    push(pickle_call(document_, budget_, callable, arguments));
  }

  void new_object(bool with_keywords) {
    const PickleRef keywords = with_keywords ? pop() : nullptr;
    const PickleRef arguments = pop();
    const PickleRef type = pop();
    budget_.charge(1);
    const PickleRef made = pickle_new_object(document_, budget_, type, arguments);
    if (keywords != nullptr) {
      if (auto* object = made->as<PickleObject>()) object->arguments.push_back(keywords);
    }
    push(made);
  }

  void check_protocol() {
    const auto protocol = reader_.read<std::uint8_t>("the protocol");
    if (protocol < 2 || protocol > 5) fail(fmt::format("has the pickle protocol {}, not 2 to 5", protocol));
  }

  void open_mark() {
    if (marks_.size() >= limits_.max_marks) fail("is nested too deeply");
    marks_.push_back(stack_.size());
  }

  void stop() {
    const PickleRef value = pop();
    if (!stack_.empty() || !marks_.empty()) fail("ends with more than one value");
    document_.root = value;
  }

  void drop_one() {
    // POP removes a mark where one lies on top, as Python's does.
    if (stack_.size() > floor()) {
      stack_.pop_back();
    } else {
      pop_to_mark();
    }
  }

  void step(std::uint8_t opcode);
  bool step_scalar(PickleOp opcode);
  bool step_container(PickleOp opcode);

  ByteReader reader_;
  PickleLimits limits_;
  PickleBudget budget_;
  PickleDocument document_;
  Items stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint32_t, PickleRef> memo_;
  std::size_t at_ = 0;  // of the current opcode
};

bool Machine::step_scalar(PickleOp opcode) {
  switch (opcode) {
    case PickleOp::kNone:
      make(PickleNone{});
      return true;
    case PickleOp::kNewTrue:
      make(true);
      return true;
    case PickleOp::kNewFalse:
      make(false);
      return true;
    case PickleOp::kBinInt:
      make(std::int64_t{reader_.read<std::int32_t>("an int")});
      return true;
    case PickleOp::kBinInt1:
      make(std::int64_t{reader_.read<std::uint8_t>("an int")});
      return true;
    case PickleOp::kBinInt2:
      make(std::int64_t{reader_.read<std::uint16_t>("an int")});
      return true;
    case PickleOp::kLong1:
      make_long(take_sized(reader_.read<std::uint8_t>("an int")));
      return true;
    case PickleOp::kLong4:
      make_long(take_sized(reader_.read<std::uint32_t>("an int")));
      return true;
    case PickleOp::kBinFloat:
      make_float();
      return true;
    // Python 2 wrote its strings with the opcodes of bytes.
    case PickleOp::kShortBinString:
    case PickleOp::kShortBinUnicode:
      make(PickleString{take_sized(reader_.read<std::uint8_t>("a string"))});
      return true;
    case PickleOp::kBinString:
    case PickleOp::kBinUnicode:
      make(PickleString{take_sized(reader_.read<std::uint32_t>("a string"))});
      return true;
    case PickleOp::kBinUnicode8:
      make(PickleString{take_sized(reader_.read<std::uint64_t>("a string"))});
      return true;
    case PickleOp::kShortBinBytes:
      make(PickleBytes{take_sized(reader_.read<std::uint8_t>("bytes"))});
      return true;
    case PickleOp::kBinBytes:
      make(PickleBytes{take_sized(reader_.read<std::uint32_t>("bytes"))});
      return true;
    case PickleOp::kBinBytes8:
    case PickleOp::kByteArray8:
      make(PickleBytes{take_sized(reader_.read<std::uint64_t>("bytes"))});
      return true;
    default:
      return false;
  }
}

bool Machine::step_container(PickleOp opcode) {
  switch (opcode) {
    case PickleOp::kEmptyList:
      make(PickleList{});
      return true;
    case PickleOp::kList:
      make(PickleList{pop_to_mark()});
      return true;
    case PickleOp::kAppend:
      append({pop()});
      return true;
    case PickleOp::kAppends:
      append(pop_to_mark());
      return true;
    case PickleOp::kEmptyTuple:
      make(PickleTuple{});
      return true;
    case PickleOp::kTuple:
      make(PickleTuple{pop_to_mark()});
      return true;
    case PickleOp::kTuple1:
      make_tuple(1);
      return true;
    case PickleOp::kTuple2:
      make_tuple(2);
      return true;
    case PickleOp::kTuple3:
      make_tuple(3);
      return true;
    case PickleOp::kEmptyDict:
      make(PickleDict{});
      return true;
    case PickleOp::kDict:
      make_dict(pop_to_mark());
      return true;
    case PickleOp::kSetItem: {
      const PickleRef value = pop();
      const PickleRef key = pop();
      set_items(*top(), {key, value});
      return true;
    }
    case PickleOp::kSetItems: {
      const Items items = pop_to_mark();
      set_items(*top(), items);
      return true;
    }
    case PickleOp::kEmptySet:
      make(PickleSet{});
      return true;
    case PickleOp::kFrozenSet:
      make(PickleSet{pop_to_mark()});
      return true;
    case PickleOp::kAddItems:
      add_to_set(pop_to_mark());
      return true;
    default:
      return false;
  }
}

void Machine::step(std::uint8_t byte) {
  const auto opcode = static_cast<PickleOp>(byte);
  if (step_scalar(opcode) || step_container(opcode)) return;
  switch (opcode) {
    case PickleOp::kProto:
      return check_protocol();
    case PickleOp::kFrame:
      if (reader_.read<std::uint64_t>("a frame") > reader_.remaining())
        fail("a frame ends behind the pickle");
      return;
    case PickleOp::kStop:
      return stop();
    case PickleOp::kMark:
      return open_mark();
    case PickleOp::kPop:
      return drop_one();
    case PickleOp::kPopMark:
      pop_to_mark();
      return;
    case PickleOp::kDup:
      budget_.charge(1);
      return push(top());
    case PickleOp::kBinGet:
      return recall(reader_.read<std::uint8_t>("a memo index"));
    case PickleOp::kLongBinGet:
      return recall(reader_.read<std::uint32_t>("a memo index"));
    case PickleOp::kBinPut:
      return memoize(reader_.read<std::uint8_t>("a memo index"));
    case PickleOp::kLongBinPut:
      return memoize(reader_.read<std::uint32_t>("a memo index"));
    case PickleOp::kMemoize:
      return memoize(static_cast<std::uint32_t>(memo_.size()));
    case PickleOp::kGlobal: {
      const std::string_view module = reader_.take_line("a class's module");
      return make_global(module, reader_.take_line("a class's name"));
    }
    case PickleOp::kStackGlobal:
      return stack_global();
    case PickleOp::kReduce:
      return reduce();
    case PickleOp::kBuild:
      return build();
    case PickleOp::kNewObj:
      return new_object(false);
    case PickleOp::kNewObjEx:
      return new_object(true);
    case PickleOp::kBinPersId: {
      const PickleRef id = pop();
      budget_.charge(1);
      return push(pickle_persistent_load(document_, id));
    }
    default:
      break;
  }
  if (const char* name = refused_opcode_name(byte)) {
    fail(fmt::format("uses the opcode {}, which torch.save never writes", name));
  }
  fail(fmt::format("{:#04x} is no pickle opcode", byte));
}

}  // namespace

PickleDocument parse_pickle(std::string_view text, const std::string& file, std::uint64_t base,
                            const PickleLimits& limits) {
  return Machine(text, file, base, limits).run();
}

}  // namespace bteval::checkpoint
