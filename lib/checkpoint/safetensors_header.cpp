#include "checkpoint/safetensors_header.h"

#include <set>

#include "core/json.h"

namespace bteval::checkpoint {
namespace {

constexpr const char* kMetadata = "__metadata__";
/// Far more than any model has, and far fewer than a header of the largest size could name.
constexpr std::size_t kMaxTensors = 1'000'000, kMaxListLength = 1000;

/// Receives the parser's events. Depth 1 is inside the header's object, 2 inside a tensor's (or the
/// metadata's) object, 3 inside a tensor's list; anything deeper or elsewhere is only allowed under a skipped
/// member.
class HeaderHandler final : public nlohmann::json_sax<Json> {
 public:
  HeaderHandler(std::string name, std::uint64_t base) : name_(std::move(name)), base_(base) {}

  SafetensorsHeader take() { return std::move(header_); }

  bool null() override { return scalar("null"); }
  bool boolean(bool) override { return scalar("a boolean"); }
  bool number_integer(number_integer_t) override { return scalar("a negative number"); }
  bool number_float(number_float_t, const string_t&) override { return scalar("a fraction"); }
  bool binary(binary_t&) override { return scalar("binary data"); }

  bool number_unsigned(number_unsigned_t value) override {
    if (depth_ == 3 && list_ != nullptr) {
      if (list_->size() >= kMaxListLength) fail(fmt::format("has a list of more than {}", kMaxListLength));
      list_->push_back(value);
      return true;
    }
    return scalar("a number");
  }

  bool string(string_t& value) override {
    if (depth_ == 2 && in_metadata_) {
      header_.metadata[member_] = value;
      return true;
    }
    if (depth_ == 2 && member_ == "dtype") {
      entry_->dtype = value;
      return true;
    }
    return scalar("a string");
  }

  bool start_object(std::size_t) override {
    enter();
    if (depth_ == 1) return true;
    if (depth_ == 2) {
      in_object_ = true;
      in_metadata_ = tensor_ == kMetadata;
      entry_ = in_metadata_ ? nullptr : &header_.entries[tensor_];
      members_.clear();
      return true;
    }
    if (!skipping()) fail("has an object where the format has none");
    return true;
  }

  bool key(string_t& value) override {
    if (depth_ == 1) {
      if (tensors_.size() >= kMaxTensors)
        fail_about("", fmt::format("names more than {} tensors", kMaxTensors));
      if (!tensors_.insert(value).second) fail_about(value, "comes twice in the header");
      tensor_ = value;
    } else if (depth_ == 2) {
      if (!members_.insert(value).second) fail(fmt::format("has the member \"{}\" twice", printable(value)));
      member_ = value;
    }
    return true;
  }

  bool start_array(std::size_t) override {
    enter();
    if (depth_ == 3 && !in_metadata_ && (member_ == "shape" || member_ == "data_offsets")) {
      auto& list = member_ == "shape" ? entry_->shape : entry_->data_offsets;
      list_ = &list.emplace();
      return true;
    }
    if (!skipping()) fail("has a list where the format has none");
    return true;
  }

  bool end_object() override { return leave(); }
  bool end_array() override { return leave(); }

  bool parse_error(std::size_t position, const std::string& token,
                   const nlohmann::detail::exception&) override {
    throw Error(ErrorCode::kCheckpoint,
                fmt::format("the header is not valid JSON, near '{}'", printable(token, 60)),
                {name_, "", base_ + (position == 0 ? 0 : position - 1)});
  }

 private:
  void enter() {
    if (++depth_ > 32) fail("is nested too deeply");
  }

  bool leave() {
    --depth_;
    if (depth_ == 2) list_ = nullptr;
    if (depth_ == 1) in_object_ = false;
    return true;
  }

  /// Inside a tensor's member that the format does not define.
  bool skipping() const {
    return in_object_ && !in_metadata_ && member_ != "dtype" && member_ != "shape" &&
           member_ != "data_offsets";
  }

  bool scalar(const char* what) {
    if (depth_ >= 2 && in_metadata_)
      fail(fmt::format("\"{}\" is {}, not a string", printable(member_), what));
    if (!skipping()) fail(fmt::format("has {} where the format has none", what));
    return true;
  }

  [[noreturn]] void fail(const std::string& message) const { fail_about(tensor_, message); }

  [[noreturn]] void fail_about(const std::string& tensor, const std::string& message) const {
    const std::string record = tensor.empty() ? "header" : "tensor " + tensor;
    throw Error(ErrorCode::kCheckpoint, message, {name_, record, std::nullopt});
  }

  std::string name_;
  std::uint64_t base_;
  SafetensorsHeader header_;
  std::set<std::string> tensors_;
  std::set<std::string> members_;
  std::string tensor_;
  std::string member_;
  SafetensorsEntry* entry_ = nullptr;
  std::vector<std::uint64_t>* list_ = nullptr;
  std::size_t depth_ = 0;
  bool in_object_ = false;  // of a tensor or the metadata
  bool in_metadata_ = false;
};

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view json, const std::string& name,
                                           std::uint64_t base) {
  // The parser takes a zero byte for the end of its input.
  if (const std::size_t zero = json.find('\0'); zero != std::string_view::npos) {
    throw Error(ErrorCode::kCheckpoint, "the header is not valid JSON: it holds a zero byte",
                {name, "", base + zero});
  }
  HeaderHandler handler(name, base);
  Json::sax_parse(json, &handler);
  return handler.take();
}

}  // namespace bteval::checkpoint
