#include "model/weight_loader.h"

#include <fmt/ranges.h>

#include "core/error.h"
#include "model/key_map.h"

namespace bteval::model {
namespace {

at::ScalarType scalar_type(checkpoint::DType dtype, const ErrorContext& context) {
  switch (dtype) {
    case checkpoint::DType::kFloat64:
      return at::kDouble;
    case checkpoint::DType::kFloat32:
      return at::kFloat;
    case checkpoint::DType::kFloat16:
      return at::kHalf;
    case checkpoint::DType::kBFloat16:
      return at::kBFloat16;
    default:
      throw Error(ErrorCode::kCheckpoint,
                  fmt::format("is of type {}, where a parameter must be floating-point", dtype_name(dtype)),
                  context);
  }
}

void append_list(std::string& message, const char* what, const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 12;
  if (names.empty()) return;
  if (!message.empty()) message += "; ";
  const std::vector<std::string> shown(names.begin(), names.begin() + std::min(names.size(), kShown));
  message += fmt::format("{} {}: {}", names.size(), what, fmt::join(shown, ", "));
  if (names.size() > kShown) message += ", …";
}

}  // namespace

WeightLoader::WeightLoader(const checkpoint::Checkpoint& checkpoint, Family family)
    : file_(checkpoint.path.string()), family_(family) {
  for (const auto& [name, view] : checkpoint.tensors) {
    const auto key = canonical_key(family, name);
    if (!key) continue;
    if (!views_.emplace(key->name, view).second) {
      throw Error(ErrorCode::kCheckpoint,
                  fmt::format("names the same parameter as {}", names_in_file_[key->name]),
                  {file_, "tensor " + printable(name), std::nullopt});
    }
    names_in_file_[key->name] = name;
    negate_log_of_scale_ |= key->rule == ValueRule::kNegativeLog;
  }
}

bool WeightLoader::has_prefix(const std::string& prefix) const {
  const auto found = views_.lower_bound(prefix);
  return found != views_.end() && found->first.starts_with(prefix);
}

std::string WeightLoader::shown(const std::string& name) const {
  if (const auto found = names_in_file_.find(name); found != names_in_file_.end())
    return printable(found->second);
  const auto official = family_ == Family::kOfficial ? official_key(name) : std::nullopt;
  return official ? official->name : name;
}

std::int64_t WeightLoader::rows(const std::string& name) const {
  const auto found = views_.find(name);
  return found != views_.end() && found->second.shape.size() == 2 ? found->second.shape[0] : 0;
}

at::Tensor WeightLoader::tensor(const std::string& name, at::IntArrayRef shape) {
  used_.insert(name);
  const auto found = views_.find(name);
  if (found == views_.end()) {
    missing_.push_back(shown(name));
    return at::zeros(shape);
  }
  const checkpoint::TensorView& view = found->second;
  if (at::IntArrayRef(view.shape) != shape) {
    misshapen_.push_back(fmt::format("{} [{}] instead of [{}]", shown(name), fmt::join(view.shape, ", "),
                                     fmt::join(shape, ", ")));
    return at::zeros(shape);
  }
  const auto type = scalar_type(view.dtype, {file_, "tensor " + shown(name), std::nullopt});
  // from_blob wants a mutable pointer but is only read here: the copy below is what leaves this function.
  const at::Tensor raw = at::from_blob(const_cast<std::byte*>(view.data), view.shape, view.strides,
                                       at::TensorOptions().dtype(type));
  at::Tensor values = raw.to(at::kFloat, /*non_blocking=*/false, /*copy=*/true, at::MemoryFormat::Contiguous);
  if (negate_log_of_scale_ && name == "logit_scale") values.log_().neg_();
  return values;
}

void WeightLoader::finish(const char* model) const {
  std::vector<std::string> unexpected;
  for (const auto& [name, view] : views_) {
    if (!used_.contains(name) && !name.starts_with("text_model.pooler.")) {
      unexpected.push_back(shown(name));
    }
  }
  std::string message;
  append_list(message, "missing", missing_);
  append_list(message, "misshapen", misshapen_);
  append_list(message, "unexpected", unexpected);
  if (!message.empty()) {
    throw Error(ErrorCode::kCheckpoint, fmt::format("the parameters do not make a {}: {}", model, message),
                {file_, "", std::nullopt});
  }
}

}  // namespace bteval::model
