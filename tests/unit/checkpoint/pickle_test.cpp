#include "checkpoint/pickle.h"

#include <gmock/gmock.h>

#include "checkpoint/pickle_json.h"
#include "unit/checkpoint/support.h"
#include "unit/checkpoint/zip_builder.h"

namespace bteval::checkpoint {
namespace {

using namespace std::string_literals;
using pickle_text::global;
using pickle_text::stack_global;
using pickle_text::text;
using pickle_text::whole;
using ::testing::HasSubstr;

/// The JSON of a pickle of protocol 2 with this body.
std::string json(const std::string& body) {
  const std::string pickle = whole(body);
  const PickleDocument document = parse_pickle(pickle, "p");
  return pickle_to_json(*document.root).dump();
}

std::string refusal(const std::string& pickle, const PickleLimits& limits = {}) {
  return error_of([&] { parse_pickle(pickle, "p.ckpt", 100, limits); });
}

TEST(Pickle, ReadsEveryOpcodeThatBuildsData) {
  const std::pair<std::string, std::string> cases[] = {
      {"N", "null"},
      {"\x88", "true"},
      {"\x89", "false"},
      {"K\xff", "255"},
      {"M\x01\x02", "513"},
      {"J\xfe\xff\xff\xff", "-2"},
      {"\x8a\x00"s, "0"},
      {"\x8a\x01\xff", "-1"},
      {"\x8a\x03\x00\x00\x01"s, "65536"},
      {"\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80"s, "-9223372036854775808"},
      {"\x8b\x02\x00\x00\x00\x01\x01"s, "257"},
      {"G\x3f\xe0\x00\x00\x00\x00\x00\x00"s, "0.5"},
      {"G\x7f\xf0\x00\x00\x00\x00\x00\x00"s, "\"inf\""},
      {"U\x02hi", "\"hi\""},
      {"T\x02\x00\x00\x00hi"s, "\"hi\""},
      {"X\x02\x00\x00\x00hi"s, "\"hi\""},
      {"\x8d\x02\x00\x00\x00\x00\x00\x00\x00hi"s, "\"hi\""},
      {"C\x02hi", R"({"__class__":"builtins.bytes","size":2})"},
      {"B\x02\x00\x00\x00hi"s, R"({"__class__":"builtins.bytes","size":2})"},
      {"\x8e\x02\x00\x00\x00\x00\x00\x00\x00hi"s, R"({"__class__":"builtins.bytes","size":2})"},
      {"\x96\x02\x00\x00\x00\x00\x00\x00\x00hi"s, R"({"__class__":"builtins.bytes","size":2})"},
      {")", "[]"},
      {"K\x01\x85", "[1]"},
      {"K\x01K\x02\x86", "[1,2]"},
      {"K\x01K\x02K\x03\x87", "[1,2,3]"},
      {"(K\x01K\x02t", "[1,2]"},
      {"]K\x01"
       "a",
       "[1]"},
      {"](K\x01K\x02"
       "e",
       "[1,2]"},
      {"(K\x01l", "[1]"},
      {"}"s + text("k") + "K\x01s", R"({"k":1})"},
      {"}("s + text("k") + "K\x01K\x02Nu", R"({"2":null,"k":1})"},
      {"("s + text("k") +
           "K\x01"
           "d",
       R"({"k":1})"},
      {"\x8f(K\x01\x90", "[1]"},
      {"(K\x01\x91", "[1]"},
      {"K\x01K\x02"
       "0",
       "1"},
      {"K\x01(K\x02K\x03"
       "1",
       "1"},
      {"K\x01("
       "0",
       "1"},
      {"K\x01"
       "2\x86",
       "[1,1]"},
      {"K\x07q\x05"
       "0h\x05",
       "7"},
      {"K\x07r\x05\x01\x00\x00"
       "0j\x05\x01\x00\x00"s,
       "7"},
      {"K\x07\x94"
       "0h\x00"s,
       "7"},
      {"\x95\x02\x00\x00\x00\x00\x00\x00\x00K\x07"s, "7"},
      {global("torch", "float16"), "\"torch.float16\""},
      {stack_global("torch", "float16"), "\"torch.float16\""},
  };
  for (const auto& [body, expected] : cases) EXPECT_EQ(json(body), expected) << printable(body);
}

TEST(Pickle, BuildsTheKnownTypes) {
  const std::string pairs = "]("s + text("a") + "K\x01\x86"s + text("b") + "K\x02\x86" + "e\x85R";
  const std::pair<std::string, std::string> cases[] = {
      {global("collections", "OrderedDict") + ")R"s + text("k") + "K\x01s", R"({"k":1})"},
      {global("collections", "OrderedDict") + ")R}"s + text("_metadata") + "Nsb", "{}"},
      {global("collections", "OrderedDict") + pairs, R"({"a":1,"b":2})"},
      {global("collections", "defaultdict") + global("builtins", "list") + "\x85R"s + text("k") + "K\x01s",
       R"({"k":1})"},
      {global("collections", "Counter") + "}"s + text("k") + "K\x01s\x85R", R"({"k":1})"},
      {global("__builtin__", "set") + "](K\x01K\x02"
                                      "e\x85R",
       "[1,2]"},
      {global("builtins", "frozenset") + ")R", "[]"},
      {global("torch", "Size") + "(K\x02K\x03t\x85R", "[2,3]"},
      {global("torch", "Size") + "K\x02K\x03\x86\x85\x81", "[2,3]"},
      {global("_codecs", "encode") + text("\xc3\xbf") + text("latin1") + "\x86R",
       R"({"__class__":"builtins.bytes","size":1})"},
      {global("torch", "device") + text("cuda") + "K\x00\x86R"s,
       R"({"__args__":["cuda",0],"__class__":"torch.device"})"},
  };
  for (const auto& [body, expected] : cases) EXPECT_EQ(json(body), expected) << printable(body);
}

TEST(Pickle, UnknownClassesAreOpaqueValues) {
  const std::string state = "}"s + text("lr") + "K\x05sb";
  const std::pair<std::string, std::string> cases[] = {
      {global("pkg.mod", "Class"), "\"pkg.mod.Class\""},
      {global("pkg", "C") + ")\x81", R"({"__class__":"pkg.C"})"},
      {global("pkg", "C") + ")\x81"s + state, R"({"__class__":"pkg.C","lr":5})"},
      {global("pkg", "C") + ")\x81K\x05"
                            "b",
       R"({"__class__":"pkg.C","__state__":5})"},
      {global("pkg", "C") + "K\x01\x85R", R"({"__args__":[1],"__class__":"pkg.C"})"},
      {global("pkg", "function") + "K\x01\x85R", R"({"__args__":[1],"__class__":"pkg.function"})"},
      {global("pkg", "Dict") + ")\x81"s + text("k") + "K\x01s", R"({"__class__":"pkg.Dict","k":1})"},
      {global("pkg", "List") + ")\x81K\x01"
                               "a",
       R"({"__class__":"pkg.List","__items__":[1]})"},
      {global("pkg", "C") + ")}"s + text("k") + "K\x01s\x92",
       R"({"__args__":[{"k":1}],"__class__":"pkg.C"})"},
      {global("copy_reg", "_reconstructor") + global("__main__", "C") + global("builtins", "object") +
           "N\x87R",
       R"({"__class__":"__main__.C"})"},
      {global("types", "SimpleNamespace") + ")R"s + state, R"({"__class__":"types.SimpleNamespace","lr":5})"},
      {global("builtins", "ValueError") + ")R", R"({"__class__":"builtins.ValueError"})"},
  };
  for (const auto& [body, expected] : cases) EXPECT_EQ(json(body), expected) << printable(body);
}

TEST(Pickle, RefusesMalformedPrograms) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "ends in the middle of the pickle"},
      {"N.", "not a pickle of protocol 2 or later"},
      {"\x80\x01N.", "protocol 1, not 2 to 5"},
      {"\x80\x06N.", "protocol 6, not 2 to 5"},
      {whole(""), "needs a value"},
      {whole("NN"), "more than one value"},
      {whole("(N"), "more than one value"},
      {whole("N") + "x", "1 bytes follow the end"},
      {whole("0"), "needs a mark"},
      {whole("a"), "needs a value"},
      {whole("t"), "needs a mark"},
      {whole("K\x01\x86"), "needs values"},
      {whole("K\x01(\x85"), "needs values"},
      {whole("K\x01N"
             "a"),
       "appends to an int"},
      {whole("]NNs"), "sets items of a list"},
      {whole("}(Nu"), "key without a value"},
      {whole("}(N\x90"), "adds set items to a dict"},
      {whole("h\x01"), "recalls the memo 1"},
      {whole("q\x01"), "needs a value"},
      {whole("\x99"), "0x99 is no pickle opcode"},
      {whole("X\xff\xff\xff\xff"), "ends in the middle of a string (4294967295 bytes needed, 1 left)"},
      {whole("\x8d\xff\xff\xff\xff\xff\xff\xff\xff"), "18446744073709551615 bytes needed"},
      {whole("\x95\xff\xff\xff\xff\xff\xff\xff\xff"), "a frame ends behind the pickle"},
      {whole("cmodule"), "ends in the middle of a class's module"},
      {whole("NN\x93"), "by something else than strings"},
      {whole("K\x01)R"), "calls an int, which is no class"},
      {whole(global("pkg", "C") + "NR"), "is None, not a tuple"},
      {whole(global("torch", "float32") + ")R"), "calls torch.float32"},
      {whole("N)\x81"), "makes an instance of None"},
      {whole(global("torch._utils", "_rebuild_tensor_v2") + ")\x81"), "which is no class that has any"},
      {whole(global("pkg", "C") + "}b"), "sets attributes of the class pkg.C"},
      {whole("NQ"), "a persistent id is None, not a tuple"},
      {whole(text("module") + "\x85Q"), "names no storage"},
      {whole("("s + text("storage") + global("pkg", "C") + text("0") + text("cpu") + "K\x01tQ"),
       "no storage type"},
      {whole(global("_codecs", "encode") + text("x") + text("rot13") + "\x86R"), "something else than bytes"},
      {whole(global("collections", "OrderedDict") + "K\x01\x85R"), "does not get a list of pairs"},
      {whole(global("builtins", "set") + "K\x01\x85R"), "does not get a list of items"},
      {whole(global(std::string(600, 'a'), "C")), "more than 500 characters"},
  };
  for (const auto& [pickle, expected] : cases) {
    const std::string message = refusal(pickle);
    EXPECT_THAT(message, HasSubstr(expected)) << printable(pickle);
    EXPECT_THAT(message, ::testing::StartsWith("p.ckpt: pickle: at byte 1")) << printable(pickle);
  }
}

TEST(Pickle, HoldsItsLimits) {
  PickleLimits limits;
  limits.max_values = 10;
  limits.max_marks = 3;
  limits.max_bytes = 100;
  EXPECT_EQ(refusal(whole("(((N"
                          "1"
                          "1"
                          "1N"),
                    limits),
            "no error");
  EXPECT_THAT(refusal(whole("((((N"), limits), HasSubstr("nested too deeply"));
  EXPECT_THAT(refusal(whole("("s + std::string(12, 'N') + "t"), limits), HasSubstr("more values"));
  EXPECT_THAT(refusal(whole("(N"s + std::string(12, '2') + "t"), limits), HasSubstr("more values"));
  EXPECT_THAT(refusal(whole(std::string(120, 'N')), limits), HasSubstr("has 123 bytes, more than 100"));
  // Copies count: each set() of the same list of four takes four.
  const std::string list = "(NNNNlq\x01";
  const std::string copy = global("builtins", "set") + "h\x01\x85R";
  EXPECT_THAT(refusal(whole("("s + list + copy + copy + "t"), limits), HasSubstr("more values"));
}

TEST(PickleJson, HoldsItsLimits) {
  // Fifty lists, each of which holds the one before it twice: 2^50 values.
  std::string body = "]q\x01";
  for (int i = 0; i < 50; ++i)
    body +=
        "0](h\x01h\x01"
        "eq\x01";
  EXPECT_THAT(error_of([&] { json(body); }), HasSubstr("more values"));
  EXPECT_THAT(error_of([&] {
                json(
                    "]q\x01h\x01"
                    "a");
              }),
              HasSubstr("contains itself"));
  EXPECT_THAT(error_of([&] { json(std::string(50, ']') + std::string(49, 'a')); }), "no error");
  EXPECT_THAT(error_of([&] { json(std::string(101, ']') + std::string(100, 'a')); }),
              HasSubstr("nested too deeply"));
}

TEST(PickleJson, EscapesTextThatIsNotUtf8) { EXPECT_EQ(json(text("a\xff")), R"("a\\xff")"); }

}  // namespace
}  // namespace bteval::checkpoint
