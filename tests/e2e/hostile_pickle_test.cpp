// Pickles that would run a program when Python loads them, in many disguises; and pickles that grow.
#include <gtest/gtest.h>

#include "e2e/hostile.h"

namespace bteval {
namespace {

using namespace std::string_literals;
namespace fs = std::filesystem;

constexpr int kCheckpoint = 4;

std::string touch(const fs::path& marker) { return pickle_text("touch " + marker.string()); }

std::string global(const std::string& module, const std::string& name) {
  return "c" + module + "\n" + name + "\n";
}

std::string whole(const std::string& body) { return torch_zip("\x80\x04" + body + ".").build(); }

/// One tensor of four floats; `storage` is its persistent id's type, key and device.
std::string tensor(const std::string& storage) {
  return global("torch._utils", "_rebuild_tensor_v2") + "((" + pickle_text("storage") + storage + "K\x04tQK" +
         "\0"s + "K\x04\x85K\x01\x85\x89" + global("collections", "OrderedDict") + ")RtR";
}

/// {"hyper_parameters": {"x": value}, "state_dict": {}}
std::string in_hyper_parameters(const std::string& value) {
  return "}" + pickle_text("hyper_parameters") + "}" + pickle_text("x") + value + "ss" +
         pickle_text("state_dict") + "}s";
}

struct Disguise {
  const char* name;
  std::function<std::string(const fs::path& marker)> body;
  const char* message;
  std::uint64_t peak_bytes = kPeakBytes;
};

/// Values cost memory until there are too many of them.
constexpr std::uint64_t kPeakOfGrowth = 400'000'000;

const Disguise kDisguises[] = {
    {"reduce", [](auto& m) { return global("os", "system") + touch(m) + "\x85R"; }, "names os.system"},
    {"stack_global",
     [](auto& m) { return pickle_text("posix") + pickle_text("system") + "\x93" + touch(m) + "\x85R"; },
     "names posix.system"},
    {"stack_global_of_memoised_names",
     [](auto& m) {
       return pickle_text("system") + "\x94" + pickle_text("posix") + "\x94" + "00" + "h\x01h" + "\0"s +
              "\x93" + touch(m) + "\x85R";
     },
     "names posix.system"},
    {"stack_global_of_a_long_memo",
     [](auto& m) {
       return pickle_text("nt") + "r\x40\xe2\x01"s + "\0"s + "0" + pickle_text("system") + "q\x07" + "0" +
              "j\x40\xe2\x01"s + "\0"s + "h\x07\x93" + touch(m) + "\x85R";
     },
     "names nt.system"},
    {"newobj", [](auto& m) { return global("subprocess", "Popen") + touch(m) + "\x85\x81"; },
     "names subprocess.Popen"},
    {"newobj_ex",
     [](auto& m) {
       return global("subprocess", "Popen") + ")}" + pickle_text("args") + touch(m) + "s" +
              pickle_text("shell") + "\x88s\x92";
     },
     "names subprocess.Popen"},
    {"inst", [](auto& m) { return "(" + touch(m) + "ios\nsystem\n"; }, "uses the opcode INST"},
    {"obj", [](auto& m) { return "(" + global("os", "system") + touch(m) + "o"; }, "names os.system"},
    {"obj_of_an_innocent_class", [](auto& m) { return "(" + global("pkg", "C") + touch(m) + "o"; },
     "uses the opcode OBJ"},
    {"ext1", [](auto& m) { return "\x82\x01" + touch(m) + "\x85R"; }, "uses the opcode EXT1"},
    {"ext2", [](auto& m) { return "\x83\x01\x01" + touch(m) + "\x85R"; }, "uses the opcode EXT2"},
    {"ext4", [](auto& m) { return "\x84\x01\x01\x01\x01" + touch(m) + "\x85R"; }, "uses the opcode EXT4"},
    {"reconstructor_of_a_function",
     [](auto& m) {
       return global("copyreg", "_reconstructor") + global("os", "system") + global("builtins", "object") +
              touch(m) + "\x87R";
     },
     "names os.system"},
    {"reconstructor_of_no_class",
     [](auto& m) {
       return global("copyreg", "_reconstructor") + touch(m) + global("builtins", "object") + "N\x87R";
     },
     "copyreg._reconstructor makes an instance of"},
    {"reconstructor_of_a_reconstructor",
     [](auto& m) {
       return global("copy_reg", "_reconstructor") + global("copy_reg", "_reconstructor") +
              global("__builtin__", "apply") + touch(m) + "\x87R";
     },
     "names __builtin__.apply"},
    {"getattr_chain",
     [](auto& m) {
       return global("builtins", "getattr") + global("builtins", "__import__") + pickle_text("os") + "\x85R" +
              pickle_text("system") + "\x86R" + touch(m) + "\x85R";
     },
     "names builtins.getattr"},
    {"getattr_under_its_old_name",
     [](auto& m) {
       return global("__builtin__", "getattr") + global("torch", "serialization") + pickle_text("os") +
              "\x86R" + touch(m) + "\x85R";
     },
     "names __builtin__.getattr"},
    {"dotted_name_through_an_innocent_module",
     [](auto& m) {
       return pickle_text("torch") + pickle_text("serialization.os.system") + "\x93" + touch(m) + "\x85R";
     },
     "names torch.serialization.os.system"},
    {"partial",
     [](auto& m) { return global("functools", "partial") + global("os", "system") + touch(m) + "\x86R)R"; },
     "names os.system"},
    {"partial_of_an_innocent_function_that_is_called",
     [](auto& m) { return global("functools", "partial") + global("pkg", "make") + touch(m) + "\x86R)R"; },
     "calls a functools.partial, which is no class"},
    {"setstate_by_build",
     [](auto& m) {
       return global("pkg", "C") + ")\x81}" + pickle_text("__setstate__") + global("os", "system") + "sb" +
              touch(m) + "b";
     },
     "names os.system"},
    {"tensor_function_as_setstate",
     [](auto& m) {
       return global("torch._utils", "_rebuild_tensor_v2") + "}" + pickle_text("__setstate__") +
              global("torch._utils", "_rebuild_tensor_v2") + "sb" + touch(m) + "\x85R";
     },
     "sets attributes of"},
    {"tensor_function_called_with_a_command",
     [](auto& m) { return global("torch._utils", "_rebuild_tensor_v2") + touch(m) + "\x85R"; },
     "a tensor gets 1 arguments, not 4 or more"},
    {"from_type_with_another_function",
     [](auto& m) {
       return global("torch._tensor", "_rebuild_from_type_v2") + "(" + global("pkg", "make") +
              global("pkg", "C") + touch(m) + "\x85NtR";
     },
     "which rebuilds no tensor"},
    {"reduce_of_a_result", [](auto& m) { return global("pkg", "make") + ")R" + touch(m) + "\x85R"; },
     "which is no class"},
    {"persistent_id_in_a_persistent_id",
     [](auto& m) {
       return tensor(global("torch", "FloatStorage") + "(" + pickle_text("storage") +
                     global("torch", "FloatStorage") + touch(m) + pickle_text("cpu") + "K\x04tQ" +
                     pickle_text("cpu"));
     },
     "a storage has no type or no key"},
    {"persistent_id_of_a_function",
     [](auto& m) { return tensor(global("os", "system") + touch(m) + pickle_text("cpu")); },
     "names os.system"},
    {"persistent_id_of_no_storage",
     [](auto& m) { return tensor(global("pkg", "make") + touch(m) + pickle_text("cpu")); },
     "pkg.make is no storage type"},
    {"persistent_id_by_text", [](auto&) { return "Pos.system\n"s; }, "uses the opcode PERSID"},
    {"storage_bytes_that_are_a_pickle",
     [](auto& m) {
       return global("torch.storage", "_load_from_bytes") + "B" + "\x04\0\0\0"s + "evil" + touch(m) + "\x86R";
     },
     "names torch.storage._load_from_bytes"},
    {"pickle_in_a_pickle", [](auto& m) { return global("_pickle", "loads") + touch(m) + "\x85R"; },
     "names _pickle.loads"},
    {"code_in_a_callback",
     [](auto& m) {
       return in_hyper_parameters(global("types", "FunctionType") + global("marshal", "loads") + touch(m) +
                                  "\x85R}\x86R");
     },
     "names types.FunctionType"},
    {"dropped_before_the_end", [](auto& m) { return global("os", "system") + touch(m) + "\x85R0}"; },
     "names os.system"},
    {"behind_the_end", [](auto& m) { return "}." + global("os", "system") + touch(m) + "\x85R"; },
     "follow the end of the pickle"},
    {"evaluated_in_an_innocent_state",
     [](auto& m) {
       return global("collections", "OrderedDict") + ")R}" + pickle_text("x") +
              global("__builtin__", "eval") +
              pickle_text("__import__('os').system('touch " + m.string() + "')") + "\x85Rsb";
     },
     "names __builtin__.eval"},
    {"default_factory",
     [](auto& m) {
       return global("collections", "defaultdict") + global("os", "getcwd") + "\x85R" + touch(m) + "Ns";
     },
     "names os.getcwd"},
    // Nothing is run here, but a small file asks for much.
    {"lists_in_lists_that_double_40_times",
     [](auto&) {
       std::string value = "]";
       for (int i = 0; i < 40; ++i) value += "2\x86";
       return in_hyper_parameters(value);
     },
     "unfolds to more values than any checkpoint needs", kPeakOfGrowth},
    {"copies_of_copies",
     [](auto&) {
       std::string value = "(";
       for (int i = 0; i < 1000; ++i) value += "N";
       value += "l";
       // list(list(…)): each makes the items again.
       std::string body;
       for (int i = 0; i < 5000; ++i) body += global("builtins", "list");
       body += value;
       for (int i = 0; i < 5000; ++i) body += "\x85R";
       return in_hyper_parameters(body);
     },
     "the pickle makes more values than any checkpoint needs", kPeakOfGrowth},
    {"a_million_marks", [](auto&) { return std::string(1000000, '('); }, "is nested too deeply"},
    {"ten_million_values", [](auto&) { return "(" + std::string(10000000, 'N') + "t"; },
     "the pickle makes more values than any checkpoint needs", kPeakOfGrowth},
    {"a_string_of_2_to_63_bytes",
     [](auto&) {
       std::string out = "\x8d";
       checkpoint::append_le(out, std::uint64_t{1} << 63);
       return out;
     },
     "ends in the middle of"},
    {"a_number_of_2_to_31_bytes", [](auto&) { return "\x8b\xff\xff\xff\x7f"s; }, "ends in the middle of"},
};

std::vector<Hostile> pickles() {
  std::vector<Hostile> rows;
  for (const Disguise& disguise : kDisguises) {
    rows.push_back({disguise.name, "a.ckpt", [&](auto& marker) { return whole(disguise.body(marker)); },
                    kInspect, kCheckpoint, disguise.message, disguise.peak_bytes});
  }
  rows.push_back(
      {"protocol_0", "a.ckpt",
       [](auto& marker) { return torch_zip("cos\nsystem\n(S'touch " + marker.string() + "'\ntR.").build(); },
       kInspect, kCheckpoint, "is not a pickle of protocol 2 or later"});
  rows.push_back({"two_pickles", "a.ckpt",
                  [](auto& marker) {
                    return torch_zip("\x80\x02}.")
                        .add("other/data.pkl", "\x80\x02" + global("os", "system") + touch(marker) + "\x85R.")
                        .build();
                  },
                  kInspect, kCheckpoint, "has 2 entries named data.pkl"});
  rows.push_back({"pickle_under_another_local_name", "a.ckpt",
                  [](auto& marker) {
                    std::string bytes = whole(global("os", "system") + touch(marker) + "\x85R");
                    return bytes.replace(30, 7, "another");
                  },
                  kInspect, kCheckpoint, "disagree about the name"});
  rows.push_back({"without_an_archive", "a.bin",
                  [](auto& marker) { return "\x80\x02" + global("os", "system") + touch(marker) + "\x85R."; },
                  kInspect, kCheckpoint, "a.bin"});
  return rows;
}

class HostilePickle : public ::testing::TestWithParam<Hostile> {};

TEST_P(HostilePickle, RunsNothing) { expect_refused_soon(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Disguises, HostilePickle, ::testing::ValuesIn(pickles()),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace bteval
