#include "text/byte_alphabet.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include "text/character_class.h"

namespace bteval::text {
namespace {

constexpr bool stands_for_itself(unsigned byte) {
  return (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
}

constexpr char32_t kFirstExtra = 0x100;
constexpr std::size_t kCharacters = 0x100 + 68;

struct Alphabet {
  std::array<char32_t, 256> character{};
  std::array<std::int16_t, kCharacters> byte{};
};

constexpr Alphabet make_alphabet() {
  Alphabet alphabet;
  for (auto& byte : alphabet.byte) byte = -1;
  char32_t extra = kFirstExtra;
  for (unsigned byte = 0; byte < 256; ++byte) {
    const char32_t character = stands_for_itself(byte) ? byte : extra++;
    alphabet.character[byte] = character;
    alphabet.byte[character] = static_cast<std::int16_t>(byte);
  }
  return alphabet;
}

constexpr Alphabet kAlphabet = make_alphabet();

}  // namespace

char32_t character_of_byte(unsigned char byte) { return kAlphabet.character[byte]; }

std::optional<std::string> bytes_of_token(std::string_view token) {
  std::string bytes;
  bytes.reserve(token.size());
  for (std::size_t pos = 0; pos < token.size();) {
    const Decoded next = decode_valid(token, pos);
    if (next.code >= kCharacters || kAlphabet.byte[next.code] < 0) return std::nullopt;
    bytes.push_back(static_cast<char>(kAlphabet.byte[next.code]));
    pos += next.length;
  }
  return bytes;
}

}  // namespace bteval::text
