// The store of LibTorch's distributed engine, c10d::TCPStore: one server, and clients over TCP.
#pragma once

#include <chrono>
#include <memory>

#include "distributed/store.h"
#include "distributed/world.h"

namespace bteval::distributed {

/// The server, for as long as the object lives. Only rank 0 has one, and only where the launcher has none.
class StoreServer {
 public:
  virtual ~StoreServer() = default;
};

/// Listens on world.port on all interfaces. Error(kRanks) where the port cannot be had; Error(kUsage) where
/// this LibTorch was built without c10d.
std::unique_ptr<StoreServer> serve_store(const World& world);

/// Connects to world.address and world.port, trying for as long as `deadline`; each call of the connection
/// has the same deadline. Keys get world.run_id as their prefix, as torchrun's agent keeps its own in the
/// same store. Error(kRanks) naming the address; Error(kUsage) where this LibTorch was built without c10d.
std::unique_ptr<Store> connect_store(const World& world, std::chrono::milliseconds deadline);

}  // namespace bteval::distributed
