// Pickles that would run something in Python: each must be refused by name, and nothing may happen.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>

#include "checkpoint/pickle.h"
#include "checkpoint/pickle_globals.h"
#include "support/test_paths.h"
#include "unit/checkpoint/support.h"

namespace bteval::checkpoint {
namespace {

using namespace std::string_literals;
using pickle_text::global;
using pickle_text::stack_global;
using pickle_text::text;
using pickle_text::whole;
using ::testing::HasSubstr;

std::string refusal(const std::string& body) {
  const std::string pickle = whole(body);
  return error_of([&] { parse_pickle(pickle, "evil.ckpt"); });
}

TEST(PickleRefusal, DangerousNamesAreRefusedHoweverTheyAreReached) {
  const std::pair<const char*, const char*> names[] = {{"os", "system"},
                                                       {"posix", "system"},
                                                       {"nt", "system"},
                                                       {"builtins", "eval"},
                                                       {"builtins", "exec"},
                                                       {"__builtin__", "eval"},
                                                       {"__builtin__", "execfile"},
                                                       {"builtins", "getattr"},
                                                       {"builtins", "__import__"},
                                                       {"builtins", "open"},
                                                       {"builtins", "type"},
                                                       {"builtins", "apply"},
                                                       {"builtins", "map"},
                                                       {"subprocess", "Popen"},
                                                       {"subprocess", "check_output"},
                                                       {"sys", "modules"},
                                                       {"sys", "exit"},
                                                       {"importlib", "import_module"},
                                                       {"runpy", "run_path"},
                                                       {"pty", "spawn"},
                                                       {"commands", "getoutput"},
                                                       {"shutil", "rmtree"},
                                                       {"socket", "create_connection"},
                                                       {"webbrowser", "open"},
                                                       {"ctypes", "CDLL"},
                                                       {"pickle", "loads"},
                                                       {"_pickle", "Unpickler"},
                                                       {"marshal", "loads"},
                                                       {"types", "FunctionType"},
                                                       {"types", "CodeType"},
                                                       {"operator", "attrgetter"},
                                                       {"_operator", "methodcaller"},
                                                       {"code", "InteractiveInterpreter"},
                                                       {"timeit", "timeit"},
                                                       {"torch", "load"},
                                                       {"torch.storage", "_load_from_bytes"},
                                                       {"torch.hub", "load"},
                                                       {"torch.jit", "load"},
                                                       {"torch.ops", "load_library"},
                                                       {"torch.serialization", "os.system"},
                                                       {"torch", "_utils.os.system"},
                                                       {"collections", "OrderedDict.__init__.__globals__"},
                                                       {"collections", "OrderedDict.__class__"},
                                                       {"numpy.testing._private.utils", "runstring"},
                                                       {"numpy.distutils.exec_command", "exec_command"},
                                                       {"joblib", "load"},
                                                       {"dill", "loads"},
                                                       {"pkg.os", "path"},
                                                       {"_codecs", "decode"},
                                                       {"codecs", "decode"},
                                                       {"copyreg", "__newobj__"},
                                                       {"__builtin__.eval", "x"},
                                                       {"os.path", "join"},
                                                       {"pkg", "C..d"},
                                                       {"", "system"},
                                                       {"os ", "system"},
                                                       {"multiprocessing.context", "Process"},
                                                       {"threading", "Thread"},
                                                       {"tempfile", "mkstemp"}};
  for (const auto& [module, name] : names) {
    const std::string shown = std::string(module) + "." + name;
    EXPECT_EQ(classify_global(module, name).kind, GlobalKind::kRefused) << shown;
    const std::string call = text("echo") + "\x85R";
    const std::pair<const char*, std::string> disguises[] = {
        {"call", global(module, name) + call},
        {"call by strings", stack_global(module, name) + call},
        {"name without a call", global(module, name)},
        {"instance", global(module, name) + ")\x81"},
        {"instance with keywords", global(module, name) + ")}\x92"},
        {"hidden behind a value that is dropped", global(module, name) + call + "0N"},
        {"inside hyper_parameters",
         "}"s + text("hyper_parameters") + "}"s + text("x") + global(module, name) + call + "ss"},
        {"inside a callback's state",
         global("pkg", "Callback") + ")\x81}"s + text("x") + global(module, name) + call + "sb"},
        {"as a default factory", global("collections", "defaultdict") + global(module, name) + "\x85R"},
        {"through a memo", text(name) + "q\x01" + "0"s + text(module) + "h\x01\x93"s + call},
    };
    for (const auto& [what, body] : disguises) {
      const std::string message = refusal(body);
      EXPECT_THAT(message, HasSubstr("names " + shown + ", which can do more than hold data")) << what;
      EXPECT_THAT(message, ::testing::StartsWith("evil.ckpt: pickle: at byte ")) << what;
    }
  }
}

TEST(PickleRefusal, OpcodesThatImportOrCallOtherwiseAreRefused) {
  const std::pair<std::string, const char*> cases[] = {
      {"(S'echo'\nios\nsystem\n", "STRING"},
      {"("s + text("echo") + "ios\nsystem\n", "INST"},
      {"(cos\nsystem\n"s + text("echo") + "o", "names os.system"},
      {"("s + global("pkg", "C") + text("echo") + "o", "OBJ"},
      {"\x82\x01", "EXT1"},
      {"\x83\x01\x01", "EXT2"},
      {"\x84\x01\x01\x01\x01", "EXT4"},
      {"P0\n", "PERSID"},
      {"I1\n", "INT"},
      {"L1L\n", "LONG"},
      {"F1\n", "FLOAT"},
      {"Vx\n", "UNICODE"},
      {"g0\n", "GET"},
      {"p0\n", "PUT"},
      {"\x97", "NEXT_BUFFER"},
      {"\x98", "READONLY_BUFFER"},
  };
  for (const auto& [body, expected] : cases)
    EXPECT_THAT(refusal(body), HasSubstr(expected)) << printable(body);
}

TEST(PickleRefusal, ResultsAreNotCallable) {
  // The result of an opaque call, called in turn; and a method that BUILD would plant.
  EXPECT_THAT(refusal(global("pkg", "make") + ")R)R"), HasSubstr("calls a pkg.make, which is no class"));
  EXPECT_THAT(refusal(global("pkg", "C") + "}"s + text("__setstate__") + global("os", "system") + "sb"),
              HasSubstr("names os.system"));
  EXPECT_THAT(refusal(global("torch._tensor", "_rebuild_from_type_v2") + "("s + global("pkg", "run_it") +
                      global("pkg", "C") + ")NtR"),
              HasSubstr("which rebuilds no tensor"));
}

TEST(PickleRefusal, NothingRuns) {
  const bteval::testing::TempDir folder;
  const std::string file = (folder.path() / "ran").string();
  const std::string command = text("touch " + file) + "\x85R";
  for (const auto& [module, name] :
       {std::pair{"os", "system"}, {"posix", "system"}, {"subprocess", "getoutput"}}) {
    EXPECT_NE(refusal(global(module, name) + command), "no error");
  }
  EXPECT_EQ(refusal(global("pkg", "system_call") + command), "no error");  // opaque: kept as data
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST(PickleGlobals, NamesOfCheckpointsStayAllowed) {
  const std::pair<const char*, const char*> names[] = {
      {"pytorch_lightning.callbacks.model_checkpoint", "ModelCheckpoint"},
      {"pytorch_lightning.utilities.parsing", "AttributeDict"},
      {"sacred.config.custom_containers", "ReadOnlyDict"},
      {"omegaconf.dictconfig", "DictConfig"},
      {"argparse", "Namespace"},
      {"pathlib", "PosixPath"},
      {"datetime", "datetime"},
      {"numpy.core.multiarray", "scalar"},
      {"numpy", "dtype"},
      {"torch", "device"},
      {"torch.optim.lr_scheduler", "LambdaLR"},
      {"functools", "partial"},
      {"__main__", "Config"},
      {"my.types", "Options"}};
  for (const auto& [module, name] : names) {
    EXPECT_EQ(classify_global(module, name).kind, GlobalKind::kOpaque) << module << "." << name;
  }
  EXPECT_EQ(classify_global("torch", "HalfStorage").dtype, DType::kFloat16);
  EXPECT_EQ(classify_global("torch.cuda", "FloatStorage").dtype, DType::kFloat32);
  // A dot must not move between module and name to reach a known name.
  EXPECT_NE(classify_global("torch", "_utils._rebuild_tensor_v2").kind, GlobalKind::kRebuildTensor);
}

}  // namespace
}  // namespace bteval::checkpoint
