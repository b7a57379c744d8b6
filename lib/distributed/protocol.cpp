#include "distributed/protocol.h"

#include "core/packing.h"

namespace bteval::distributed {

std::string pack(const Message& message) {
  Packer packer;
  packer.put(static_cast<std::uint8_t>(message.kind));
  packer.put(message.rank);
  packer.put(std::string_view(message.stage));
  packer.put(message.item);
  packer.put(message.code);
  packer.put(std::string_view(message.text));
  return packer.bytes();
}

Message unpack_message(std::string_view bytes) {
  Unpacker unpacker(bytes);
  Message message;
  const auto kind = unpacker.get<std::uint8_t>();
  if (kind > static_cast<std::uint8_t>(MessageKind::kLeft))
    throw Error(ErrorCode::kData, "a message of another version of bteval");
  message.kind = static_cast<MessageKind>(kind);
  message.rank = unpacker.get<int>();
  message.stage = unpacker.get_string();
  message.item = unpacker.get<std::uint64_t>();
  message.code = unpacker.get<std::int32_t>();
  message.text = unpacker.get_string();
  unpacker.finish();
  return message;
}

}  // namespace bteval::distributed
