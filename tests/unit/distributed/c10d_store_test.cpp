#include "distributed/c10d_store.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>

#include "core/error.h"
#include "support/error_text.h"

namespace bteval::distributed {
namespace {

using namespace std::chrono_literals;

/// A socket on a port that the system has chosen.
struct Listener {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  std::uint16_t port = 0;

  Listener() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(fd, reinterpret_cast<sockaddr*>(&address), size);
    getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
  }
  ~Listener() { close(fd); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
};

World world_on(std::uint16_t port) {
  World world;
  world.size = 2;
  world.address = "127.0.0.1";
  world.port = port;
  world.run_id = "run 1";
  return world;
}

std::uint16_t free_port() { return Listener().port; }

TEST(C10dStore, SharesValuesAndCounters) {
  const World world = world_on(free_port());
  const auto server = serve_store(world);
  const auto one = connect_store(world, 10s), other = connect_store(world, 10s);
  EXPECT_EQ(one->get("key"), std::nullopt);
  const std::string bytes("a\0b", 3);
  one->set("key", bytes);
  EXPECT_EQ(other->get("key"), bytes);
  EXPECT_EQ(other->add("count", 2), 2);
  EXPECT_EQ(one->add("count", 3), 5);
  EXPECT_EQ(one->add("count", 0), 5);
  other->remove("key");
  EXPECT_EQ(one->get("key"), std::nullopt);
}

TEST(C10dStore, TakesValuesOfAnySize) {
  const World world = world_on(free_port());
  const auto server = serve_store(world);
  const auto store = connect_store(world, 10s);
  std::string large(std::size_t{9} << 20U, 'x');
  large[large.size() / 2] = 'y';
  store->set("large", large);
  EXPECT_TRUE(store->get("large") == large);
  store->set("empty", "");
  EXPECT_EQ(store->get("empty"), "");
  store->remove("large");
  EXPECT_EQ(store->get("large"), std::nullopt);
}

TEST(C10dStore, KeepsRunsApart) {
  World world = world_on(free_port());
  const auto server = serve_store(world);
  const auto first = connect_store(world, 10s);
  world.run_id = "run 2";
  const auto second = connect_store(world, 10s);
  first->set("key", "first");
  EXPECT_EQ(second->get("key"), std::nullopt);
}

TEST(C10dStore, SaysThatThePortIsTaken) {
  const World world = world_on(free_port());
  const auto server = serve_store(world);
  EXPECT_THAT(testing::error_text([&] { serve_store(world); }),
              ::testing::StartsWith("cannot serve the store on port " + std::to_string(world.port) +
                                    "; set MASTER_PORT"));
}

TEST(C10dStore, SaysThatNobodyIsThere) {
  const World world = world_on(free_port());
  EXPECT_THAT(testing::error_text([&] { connect_store(world, 300ms); }),
              ::testing::StartsWith("rank 0's store at 127.0.0.1:" + std::to_string(world.port)));
}

TEST(C10dStore, GivesUpAServerThatDoesNotAnswer) {
  Listener mute;  // accepts by the kernel, answers nothing
  listen(mute.fd, 4);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_THAT(testing::error_text([&] { connect_store(world_on(mute.port), 300ms); }),
              ::testing::StartsWith("rank 0's store at 127.0.0.1:"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, 10s);
}

}  // namespace
}  // namespace bteval::distributed
