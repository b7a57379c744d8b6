// The keys of the store and the messages that ranks send to rank 0. docs/scaling.md draws who sends what.
//
//     beat/R            counter: rank R lives
//     host/R            the host of rank R
//     told/NAME         what rank 0 tells all: options, lists of work
//     stop              why rank 0 ends the run early
//     parted            counter of the ranks that have left
//     parted/R          rank R has left
//     arrivals          counter of the messages to rank 0
//     arrival/N         message N; rank 0 removes it
//     STAGE/next        counter of the places that were given out
//     STAGE/owner/P     the rank that took place P
//     STAGE/again/K     the item of place (items of the stage + K): an item that is given out again
//     STAGE/finished    all items are done
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bteval::distributed {

inline std::string beat_key(int rank) { return "beat/" + std::to_string(rank); }
inline std::string host_key(int rank) { return "host/" + std::to_string(rank); }
inline std::string told_key(const std::string& name) { return "told/" + name; }
inline constexpr const char* kStopKey = "stop";
inline constexpr const char* kPartedKey = "parted";
inline std::string parted_key(int rank) { return "parted/" + std::to_string(rank); }
inline constexpr const char* kArrivalsKey = "arrivals";
inline std::string arrival_key(std::int64_t number) { return "arrival/" + std::to_string(number); }

inline std::string next_key(const std::string& stage) { return stage + "/next"; }
inline std::string owner_key(const std::string& stage, std::int64_t place) {
  return stage + "/owner/" + std::to_string(place);
}
inline std::string again_key(const std::string& stage, std::uint64_t number) {
  return stage + "/again/" + std::to_string(number);
}
inline std::string finished_key(const std::string& stage) { return stage + "/finished"; }

/// What a message says.
enum class MessageKind : std::uint8_t {
  kResult,  ///< of an item of a stage
  kAgreed,  ///< the rank is about to compute the same as rank 0
  kError,   ///< the rank ends with it
  kLeft,    ///< the rank ends
};

struct Message {
  MessageKind kind = MessageKind::kLeft;
  int rank = 0;
  std::string stage;       ///< of a result; the run that was agreed on
  std::uint64_t item = 0;  ///< of a result
  std::int32_t code = 0;   ///< of an error: its ErrorCode
  std::string text;        ///< a result's payload, an error's message
};
std::string pack(const Message& message);
/// Error(kData) where the bytes are none.
Message unpack_message(std::string_view bytes);

}  // namespace bteval::distributed
