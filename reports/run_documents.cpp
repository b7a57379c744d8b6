#include "reports/run_documents.h"

#include <fmt/format.h>

#include <initializer_list>
#include <string_view>

#include "core/error.h"

namespace bteval::reports {
namespace {

/// Looks at one document, or a part of it, and knows what to say.
class Part {
 public:
  /// `nulls`: whether a member may be null instead of what it should be.
  Part(const Json& json, const std::string& name, std::string what, bool nulls = false)
      : json_(json), name_(name), what_(std::move(what)), nulls_(nulls) {}

  [[noreturn]] void fail(const std::string& message) const {
    throw Error(ErrorCode::kData, message, {name_, what_, std::nullopt});
  }

  void require_object() const {
    if (!json_.is_object()) fail("is no JSON object");
  }

  /// The member, or nothing where it is not there, or is a null that may be.
  const Json* find(const char* key) const {
    const auto found = json_.find(key);
    return found == json_.end() || (nulls_ && found->is_null()) ? nullptr : &*found;
  }
  Part with_nulls() const { return {json_, name_, what_, true}; }

  void texts(std::initializer_list<const char*> keys) const {
    for (const char* key : keys)
      check(
          key, [](const Json& value) { return value.is_string(); }, "a string");
  }
  void numbers(std::initializer_list<const char*> keys) const {
    for (const char* key : keys)
      check(
          key, [](const Json& value) { return value.is_number(); }, "a number");
  }
  /// Whole numbers of up to 63 bits, not negative.
  void counts(std::initializer_list<const char*> keys) const {
    const auto is_count = [](const Json& value) {
      return holds_integer<std::int64_t>(value) && value.get<std::int64_t>() >= 0;
    };
    for (const char* key : keys) check(key, is_count, "a whole number from 0 on");
  }

  /// Calls `sink` with a Part for the object under this key, if it is there.
  template <typename Sink>
  void object(const char* key, const Sink& sink) const {
    const Json* found = find(key);
    if (found == nullptr) return;
    const Part part(*found, name_, key);
    part.require_object();
    sink(part);
  }

  /// Calls `sink` with a Part for each object of the list under this key, if it is there.
  template <typename Sink>
  void objects(const char* key, const Sink& sink) const {
    const Json* found = find(key);
    if (found == nullptr) return;
    if (!found->is_array()) fail(fmt::format("\"{}\" is no list", key));
    for (std::size_t i = 0; i < found->size(); ++i) {
      const Part part((*found)[i], name_, fmt::format("{} {}", key, i));
      part.require_object();
      sink(part);
    }
  }

  void text_list(const char* key) const {
    const auto is_list = [](const Json& value) {
      if (!value.is_array()) return false;
      for (const Json& item : value) {
        if (!item.is_string()) return false;
      }
      return true;
    };
    check(key, is_list, "a list of strings");
  }

  /// Every member is an object itself.
  template <typename Sink>
  void each_object(const Sink& sink) const {
    for (const auto& [key, value] : json_.items()) {
      const Part part(value, name_, fmt::format("{} \"{}\"", what_, printable(key, 40)));
      part.require_object();
      sink(part);
    }
  }

  const Json& json() const { return json_; }

 private:
  template <typename Is>
  void check(const char* key, const Is& is, const char* wanted) const {
    const Json* found = find(key);
    if (found == nullptr || is(*found)) return;
    fail(fmt::format("\"{}\" is not {}: {}", key, wanted,
                     printable(found->dump(-1, ' ', false, Json::error_handler_t::replace), 60)));
  }

  const Json& json_;
  const std::string& name_;
  std::string what_;
  bool nulls_;
};

void check_output_name(const Part& output) {
  const Json* name = output.find("name");
  if (name == nullptr) return;
  const auto text = name->get<std::string>();
  if (!text.empty() && text != "." && text != ".." && text.find('/') == std::string::npos &&
      text.find('\0') == std::string::npos)
    return;
  output.fail(fmt::format("\"{}\" is no name of a file in the run's folder", printable(text, 60)));
}

void check_value(const Part& value) {
  value.with_nulls().numbers({"value", "unrounded", "fraction"});
  value.counts({"count", "correct"});
}

}  // namespace

void check_manifest(const Json& manifest, const std::string& name) {
  const Part all(manifest, name, "manifest");
  all.require_object();
  all.texts({"task", "split", "signature", "identity"});
  all.object("tool", [](const Part& tool) { tool.texts({"name", "version", "git_revision", "build"}); });
  all.objects("inputs", [](const Part& input) {
    input.texts({"role", "path", "sha256"});
    input.counts({"bytes"});
  });
  all.object("options", [](const Part& options) {
    options.with_nulls().texts({"model", "scorer", "protocol", "ties", "folds", "fold", "captions", "dtype",
                                "device", "on_bad_image"});
    options.with_nulls().counts({"limit", "top_k", "image_size_px", "max_length"});
  });
  all.object("counts", [](const Part& counts) {
    counts.counts({"samples", "images", "captions", "pairs", "refused", "excluded", "parameters"});
  });
  all.objects("refused", [](const Part& refused) { refused.texts({"id", "image_id", "reason"}); });
  all.text_list("warnings");
  all.text_list("command");
  all.object("environment", [](const Part&) {});
  all.object("timing", [](const Part& timing) {
    timing.texts({"start"});
    timing.numbers({"seconds", "samples_per_second"});
  });
  all.objects("outputs", [](const Part& output) {
    output.texts({"name", "sha256"});
    output.counts({"bytes"});
    check_output_name(output);
  });
}

void check_metrics(const Json& metrics, const std::string& name) {
  const Part all(metrics, name, "metrics");
  all.require_object();
  all.texts({"signature", "why_no_score"});
  all.with_nulls().object("score", [](const Part& score) {
    score.texts({"metric", "scorer"});
    score.object("overall", check_value);
    score.object("groups", [](const Part& groups) {
      groups.each_object([](const Part& group) { group.each_object(check_value); });
    });
  });
  all.objects("server", [](const Part& phase) {
    phase.texts({"phase"});
    phase.numbers({"yes/no", "number", "other", "overall"});
  });
}

}  // namespace bteval::reports
