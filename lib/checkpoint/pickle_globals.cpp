#include "checkpoint/pickle_globals.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <string>

namespace bteval::checkpoint {
namespace {

using Rules = std::map<std::string, GlobalRule, std::less<>>;

void add_storages(Rules& rules) {
  const std::pair<const char*, std::optional<DType>> storages[] = {{"DoubleStorage", DType::kFloat64},
                                                                   {"FloatStorage", DType::kFloat32},
                                                                   {"HalfStorage", DType::kFloat16},
                                                                   {"BFloat16Storage", DType::kBFloat16},
                                                                   {"LongStorage", DType::kInt64},
                                                                   {"IntStorage", DType::kInt32},
                                                                   {"ShortStorage", DType::kInt16},
                                                                   {"CharStorage", DType::kInt8},
                                                                   {"ByteStorage", DType::kUInt8},
                                                                   {"BoolStorage", DType::kBool},
                                                                   {"ComplexFloatStorage", {}},
                                                                   {"ComplexDoubleStorage", {}},
                                                                   {"QInt8Storage", {}},
                                                                   {"QUInt8Storage", {}},
                                                                   {"QInt32Storage", {}},
                                                                   {"QUInt4x2Storage", {}},
                                                                   {"QUInt2x4Storage", {}}};
  for (const auto& [name, dtype] : storages) {
    for (const char* module : {"torch.", "torch.cuda.", "torch.storage."}) {
      rules[std::string(module) + name] = {GlobalKind::kStorage, dtype, false};
    }
  }
  for (const char* name :
       {"torch.UntypedStorage", "torch.storage.UntypedStorage", "torch.storage._UntypedStorage"}) {
    rules[name] = {GlobalKind::kStorage, DType::kUInt8, true};
  }
}

void add_dtypes(Rules& rules) {
  const std::pair<const char*, std::optional<DType>> dtypes[] = {{"float64", DType::kFloat64},
                                                                 {"float32", DType::kFloat32},
                                                                 {"float16", DType::kFloat16},
                                                                 {"bfloat16", DType::kBFloat16},
                                                                 {"int64", DType::kInt64},
                                                                 {"int32", DType::kInt32},
                                                                 {"int16", DType::kInt16},
                                                                 {"int8", DType::kInt8},
                                                                 {"uint8", DType::kUInt8},
                                                                 {"bool", DType::kBool},
                                                                 {"uint16", {}},
                                                                 {"uint32", {}},
                                                                 {"uint64", {}},
                                                                 {"complex64", {}},
                                                                 {"complex128", {}},
                                                                 {"float8_e4m3fn", {}},
                                                                 {"float8_e5m2", {}}};
  for (const auto& [name, dtype] : dtypes) {
    rules[std::string("torch.") + name] = {GlobalKind::kDType, dtype, false};
  }
}

const Rules& known_globals() {
  static const Rules kRules = [] {
    Rules rules;
    const auto add = [&](GlobalKind kind, std::initializer_list<const char*> names) {
      for (const char* name : names) rules[name] = {kind, std::nullopt, false};
    };
    add(GlobalKind::kDict,
        {"builtins.dict", "collections.OrderedDict", "collections.defaultdict", "collections.Counter"});
    add(GlobalKind::kList, {"builtins.list"});
    add(GlobalKind::kTuple, {"builtins.tuple", "torch.Size"});
    add(GlobalKind::kSet, {"builtins.set", "builtins.frozenset"});
    add(GlobalKind::kRebuildTensor, {"torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2"});
    add(GlobalKind::kRebuildTensorV3, {"torch._utils._rebuild_tensor_v3"});
    add(GlobalKind::kRebuildParameter,
        {"torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state"});
    add(GlobalKind::kRebuildFromType, {"torch._tensor._rebuild_from_type_v2"});
    add(GlobalKind::kReconstruct, {"copyreg._reconstructor", "copy_reg._reconstructor"});
    add(GlobalKind::kEncode, {"_codecs.encode"});
    // Data of builtins and types: their instances need no constructor to be described.
    add(GlobalKind::kOpaque,
        {"builtins.int", "builtins.float", "builtins.str", "builtins.bool", "builtins.bytes",
         "builtins.bytearray", "builtins.complex", "builtins.object", "builtins.slice", "builtins.range",
         "builtins.long", "builtins.unicode", "types.SimpleNamespace"});
    add_storages(rules);
    add_dtypes(rules);
    return rules;
  }();
  return kRules;
}

/// Packages of which nothing may be named, whatever the case of its first letter (subprocess.Popen is a
/// class).
constexpr std::array<std::string_view, 62> kRefusedPackages = {"os",
                                                               "posix",
                                                               "nt",
                                                               "posixpath",
                                                               "ntpath",
                                                               "subprocess",
                                                               "_posixsubprocess",
                                                               "sys",
                                                               "shutil",
                                                               "socket",
                                                               "_socket",
                                                               "ssl",
                                                               "importlib",
                                                               "_frozen_importlib",
                                                               "imp",
                                                               "_imp",
                                                               "zipimport",
                                                               "pkgutil",
                                                               "runpy",
                                                               "code",
                                                               "codeop",
                                                               "codecs",
                                                               "_codecs",
                                                               "ctypes",
                                                               "_ctypes",
                                                               "cffi",
                                                               "pty",
                                                               "pickle",
                                                               "_pickle",
                                                               "cPickle",
                                                               "cloudpickle",
                                                               "dill",
                                                               "marshal",
                                                               "shelve",
                                                               "joblib",
                                                               "commands",
                                                               "popen2",
                                                               "webbrowser",
                                                               "multiprocessing",
                                                               "threading",
                                                               "_thread",
                                                               "asyncio",
                                                               "tempfile",
                                                               "http",
                                                               "httplib",
                                                               "urllib",
                                                               "urllib2",
                                                               "requests",
                                                               "ftplib",
                                                               "smtplib",
                                                               "operator",
                                                               "_operator",
                                                               "inspect",
                                                               "timeit",
                                                               "pdb",
                                                               "bdb",
                                                               "cProfile",
                                                               "profile",
                                                               "trace",
                                                               "pip",
                                                               "gc",
                                                               "types"};

/// Modules that no component of a dotted name may be: "torch.serialization" with the name "os.system".
constexpr std::array<std::string_view, 16> kRefusedComponents = {
    "os",     "posix", "nt",     "subprocess", "sys",   "builtins", "importlib", "ctypes",
    "pickle", "pty",   "shutil", "socket",     "runpy", "_pickle",  "popen2",    "commands"};

/// Functions that are refused in any module.
constexpr std::array<std::string_view, 44> kRefusedNames = {"eval",         "exec",
                                                            "execfile",     "compile",
                                                            "system",       "popen",
                                                            "Popen",        "spawn",
                                                            "fork",         "getattr",
                                                            "setattr",      "delattr",
                                                            "attrgetter",   "methodcaller",
                                                            "itemgetter",   "import_module",
                                                            "open",         "fdopen",
                                                            "input",        "globals",
                                                            "locals",       "vars",
                                                            "breakpoint",   "load",
                                                            "loads",        "_load_from_bytes",
                                                            "load_library", "load_state_dict_from_url",
                                                            "run",          "call",
                                                            "check_call",   "check_output",
                                                            "getoutput",    "getstatusoutput",
                                                            "rmtree",       "remove",
                                                            "unlink",       "kill",
                                                            "runstring",    "exec_command",
                                                            "run_module",   "run_path",
                                                            "load_module",  "download_url_to_file"};

template <typename Range>
bool contains(const Range& range, std::string_view item) {
  return std::ranges::find(range, item) != range.end();
}

bool is_dunder(std::string_view part) {
  return part.size() >= 4 && part.starts_with("__") && part.ends_with("__");
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return std::isalnum(byte) != 0 || byte == '_' || byte == '.' || byte >= 0x80;
  });
}

/// Calls f(component, index) for each part between dots; stops at and returns the first true.
template <typename F>
bool any_component(std::string_view dotted, F f) {
  for (std::size_t index = 0;; ++index) {
    const std::size_t dot = dotted.find('.');
    if (f(dotted.substr(0, dot), index)) return true;
    if (dot == std::string_view::npos) return false;
    dotted.remove_prefix(dot + 1);
  }
}

bool is_refused(std::string_view module, std::string_view name) {
  if (!is_name(module) || !is_name(name)) return true;
  const std::string_view package = module.substr(0, module.find('.'));
  if (contains(kRefusedPackages, package)) return true;
  if (package == "builtins") {
    // Exceptions and their like are classes; functions are lower-case.
    if (module != package || std::isupper(static_cast<unsigned char>(name[0])) == 0) return true;
  }
  const bool module_refused = any_component(module, [](std::string_view part, std::size_t index) {
    return part.empty() || (index > 0 && contains(kRefusedComponents, part)) ||
           (is_dunder(part) && !(index == 0 && part == "__main__"));
  });
  return module_refused || any_component(name, [](std::string_view part, std::size_t) {
           return part.empty() || is_dunder(part) || contains(kRefusedComponents, part) ||
                  contains(kRefusedNames, part);
         });
}

}  // namespace

GlobalRule classify_global(std::string_view module, std::string_view name) {
  if (module == "__builtin__") module = "builtins";  // Python 2
  const std::string qualified = std::string(module) + "." + std::string(name);
  // A dot in `name` must not make "a" + "b.c" pass for "a.b" + "c".
  if (name.find('.') == std::string_view::npos) {
    if (const auto found = known_globals().find(qualified); found != known_globals().end())
      return found->second;
  }
  if (is_refused(module, name)) return {GlobalKind::kRefused, std::nullopt, false};
  return {};
}

}  // namespace bteval::checkpoint
