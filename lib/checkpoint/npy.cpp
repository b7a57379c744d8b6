#include "checkpoint/npy.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "checkpoint/byte_reader.h"
#include "core/checked.h"

namespace bteval::checkpoint {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::uint32_t kMaxHeaderBytes = 1'000'000;
constexpr std::size_t kMaxRank = 32;  // NumPy's own limit before version 2

struct Header {
  std::optional<std::string> descr;
  std::optional<bool> fortran_order;
  std::optional<std::vector<std::int64_t>> shape;
};

// Reads the header: a Python dict of a string, a boolean and a tuple of integers, such as
// {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& name, std::uint64_t base)
      : text_(text), name_(name), base_(base) {}

  Header parse() {
    Header header;
    expect('{');
    while (!take('}')) {
      const std::string key = parse_string();
      expect(':');
      if (key == "descr") {
        skip_space();
        if (peek() == '[') fail("the elements are records; only arrays of numbers are read");
        header.descr = parse_string();
      } else if (key == "fortran_order") {
        header.fortran_order = parse_boolean();
      } else if (key == "shape") {
        header.shape = parse_shape();
      } else {
        fail(fmt::format("has the unknown key \"{}\"", printable(key, 40)));
      }
      if (take(',')) continue;
      expect('}');
      break;
    }
    skip_space();
    if (position_ != text_.size()) fail("has something behind its end");
    return header;
  }

 private:
  [[noreturn]] void fail(const std::string& message) const {
    throw Error(ErrorCode::kCheckpoint, message, {name_, "header", base_ + position_});
  }
  char peek() const { return position_ < text_.size() ? text_[position_] : '\0'; }
  void skip_space() {
    while (peek() == ' ' || peek() == '\n' || peek() == '\t' || peek() == '\r') ++position_;
  }
  bool take(char c) {
    skip_space();
    if (peek() != c) return false;
    ++position_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail(fmt::format("expected '{}'", c));
  }
  std::string parse_string() {
    skip_space();
    const char quote = peek();
    if (quote != '\'' && quote != '"') fail("expected a string");
    const std::size_t end = text_.find(quote, position_ + 1);
    if (end == std::string_view::npos) fail("a string does not end");
    std::string value(text_.substr(position_ + 1, end - position_ - 1));
    position_ = end + 1;
    return value;
  }
  bool parse_boolean() {
    skip_space();
    for (const bool value : {true, false}) {
      const std::string_view word = value ? "True" : "False";
      if (text_.substr(position_).starts_with(word)) {
        position_ += word.size();
        return value;
      }
    }
    fail("expected True or False");
  }
  std::vector<std::int64_t> parse_shape() {
    std::vector<std::int64_t> shape;
    expect('(');
    while (!take(')')) {
      skip_space();
      std::int64_t size = 0;
      const char* begin = text_.data() + position_;
      const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), size);
      if (error != std::errc() || size < 0) fail("expected a size");
      position_ += static_cast<std::size_t>(end - begin);
      if (peek() == 'L') ++position_;  // Python 2 wrote its long integers so
      shape.push_back(size);
      if (shape.size() > kMaxRank) fail("has too many dimensions");
      if (take(',')) continue;
      expect(')');
      break;
    }
    return shape;
  }

  std::string_view text_;
  const std::string& name_;
  std::uint64_t base_;
  std::size_t position_ = 0;
};

std::optional<DType> dtype_of(std::string_view descr) {
  struct Known {
    std::string_view descr;
    DType dtype;
  };
  static constexpr Known kKnown[] = {
      {"<f8", DType::kFloat64}, {"<f4", DType::kFloat32}, {"<f2", DType::kFloat16},
      {"<i8", DType::kInt64},   {"<i4", DType::kInt32},   {"<i2", DType::kInt16},
      {"|i1", DType::kInt8},    {"|u1", DType::kUInt8},   {"|b1", DType::kBool},
  };
  for (const Known& known : kKnown) {
    if (descr == known.descr) return known.dtype;
  }
  return std::nullopt;
}

std::vector<std::int64_t> fortran_strides(std::vector<std::int64_t> shape) {
  std::ranges::reverse(shape);
  std::vector<std::int64_t> strides = row_major_strides(shape);
  std::ranges::reverse(strides);
  return strides;
}

/// Sets the strides and returns the size in bytes.
std::uint64_t lay_out(TensorView& view, bool fortran_order, const std::string& name) {
  try {
    view.strides = fortran_order ? fortran_strides(view.shape) : row_major_strides(view.shape);
    return checked_mul<std::uint64_t>(static_cast<std::uint64_t>(view.numel()), dtype_size(view.dtype),
                                      "the array", ErrorCode::kCheckpoint);
  } catch (const Error& error) {
    throw error.with_context({name, "header", std::nullopt});
  }
}

}  // namespace

bool is_npy(const Bytes& bytes) { return bytes.text().starts_with(kMagic); }

TensorView read_npy(const std::shared_ptr<const Bytes>& bytes) {
  ByteReader reader(bytes->text(), bytes->name());
  if (!is_npy(*bytes)) reader.fail_at(0, "is no NumPy array file");
  reader.take(kMagic.size(), "the magic");
  const auto major = reader.read<std::uint8_t>("the version");
  reader.read<std::uint8_t>("the version");
  if (major < 1 || major > 3) {
    reader.fail_at(kMagic.size(), fmt::format("has the format version {}, and only 1 to 3 are read", major));
  }
  const std::uint32_t header_size = major == 1 ? reader.read<std::uint16_t>("the header's length")
                                               : reader.read<std::uint32_t>("the header's length");
  if (header_size > kMaxHeaderBytes) {
    reader.fail(fmt::format("the header's length is {}, more than {}", header_size, kMaxHeaderBytes));
  }
  const std::size_t header_base = reader.position();
  const Header header =
      HeaderParser(reader.take(header_size, "the header"), bytes->name(), header_base).parse();
  const auto fail = [&](const std::string& message) { reader.fail_at(header_base, message); };
  if (!header.descr) fail("the header has no 'descr'");
  if (!header.fortran_order) fail("the header has no 'fortran_order'");
  if (!header.shape) fail("the header has no 'shape'");
  const std::optional<DType> dtype = dtype_of(*header.descr);
  if (!dtype) {
    fail(fmt::format(
        "the elements are '{}'; little-endian floats and signed integers, uint8 and bool are read",
        printable(*header.descr, 20)));
  }

  TensorView view;
  view.dtype = *dtype;
  view.shape = *header.shape;
  const std::uint64_t size = lay_out(view, *header.fortran_order, bytes->name());
  if (size != reader.remaining()) {
    reader.fail(fmt::format("'{}' and the shape ({}) need {} bytes, and {} are left", *header.descr,
                            fmt::join(view.shape, ", "), size, reader.remaining()));
  }
  view.data = bytes->data() + reader.position();
  view.owner = bytes;
  return view;
}

}  // namespace bteval::checkpoint
