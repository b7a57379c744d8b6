#include "distributed/c10d_store.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "distributed/call_thread.h"

#ifdef BTEVAL_WITH_C10D
#include <c10/util/Flags.h>

#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#endif

#ifdef BTEVAL_WITH_C10D
C10_DECLARE_int(caffe2_log_level);
#endif

namespace bteval::distributed {

#ifdef BTEVAL_WITH_C10D

namespace {

std::string place(const World& world) {
  return fmt::format("{} store at {}:{}", world.store_elsewhere ? "the launcher's" : "rank 0's",
                     world.address, world.port);
}

c10d::TCPStoreOptions options_for(const World& world, bool is_server, std::chrono::milliseconds timeout) {
  c10d::TCPStoreOptions options;
  options.port = world.port;
  options.isServer = is_server;
  options.waitWorkers = false;
  options.timeout = timeout;
  return options;
}

/// Keeps c10d from writing back-traces to standard error about what becomes our own one line.
void hush_c10d() {
  constexpr int kFatal = 3;
  if (std::getenv("TORCH_CPP_LOG_LEVEL") == nullptr) FLAGS_caffe2_log_level = kFatal;
}

// The server of newer LibTorch refuses values over 8 MiB.
constexpr std::size_t kPieceBytes = std::size_t{4} << 20U;

std::string piece_key(const std::string& key, std::size_t number) {
  return key + "#" + std::to_string(number);
}

/// Sets a value in pieces; the number of pieces comes last, under the key itself.
void set_pieces(c10d::TCPStore& store, const std::string& key, const std::string& value) {
  std::size_t pieces = 0;
  for (std::size_t begin = 0; begin < value.size(); begin += kPieceBytes, ++pieces) {
    const auto* const data = reinterpret_cast<const std::uint8_t*>(value.data()) + begin;
    store.set(piece_key(key, pieces),
              std::vector<std::uint8_t>(data, data + std::min(kPieceBytes, value.size() - begin)));
  }
  const std::string count = std::to_string(pieces);
  store.set(key, std::vector<std::uint8_t>(count.begin(), count.end()));
}

std::size_t count_pieces(c10d::TCPStore& store, const std::string& key) {
  const std::vector<std::uint8_t> count = store.get(key);
  return std::stoul(std::string(count.begin(), count.end()));
}

std::string get_pieces(c10d::TCPStore& store, const std::string& key) {
  std::string value;
  const std::size_t pieces = count_pieces(store, key);
  for (std::size_t number = 0; number < pieces; ++number) {
    const std::vector<std::uint8_t> bytes = store.get(piece_key(key, number));
    value.append(bytes.begin(), bytes.end());
  }
  return value;
}

/// Each rank has a few connections to rank 0.
void allow_many_connections() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

/// The first line: c10d adds a back-trace.
std::string first_line(const std::exception& error) {
  const std::string text = error.what();
  return printable(text.substr(0, text.find('\n')), 300);
}

class TcpServer : public StoreServer {
 public:
  explicit TcpServer(const World& world)
      // It is its own first client, under an address that is always there.
      : store_("127.0.0.1", options_for(world, true, std::chrono::seconds(30))) {}

 private:
  c10d::TCPStore store_;
};

class TcpStore : public Store {
 public:
  TcpStore(const World& world, std::chrono::milliseconds deadline)
      : place_(place(world)), prefix_(world.run_id + "/"), deadline_(deadline) {
    hush_c10d();
    const auto made = std::make_shared<std::shared_ptr<c10d::TCPStore>>();
    // Its own time-out is the shorter one, because its message says more.
    call(
        [made, world, deadline] {
          *made = std::make_shared<c10d::TCPStore>(world.address, options_for(world, false, deadline));
        },
        deadline + std::chrono::seconds(2));
    store_ = *made;
  }

  void set(const std::string& key, std::string_view value) override {
    call([store = store_, key = prefix_ + key, value = std::string(value)] {
      set_pieces(*store, key, value);
    });
  }

  std::optional<std::string> get(const std::string& key) override {
    const auto found = std::make_shared<std::optional<std::string>>();
    call([store = store_, key = prefix_ + key, found] {
      if (store->check({key})) *found = get_pieces(*store, key);
    });
    return std::move(*found);
  }

  std::int64_t add(const std::string& key, std::int64_t value) override {
    const auto sum = std::make_shared<std::int64_t>(0);
    call([store = store_, key = prefix_ + key, value, sum] { *sum = store->add(key, value); });
    return *sum;
  }

  void remove(const std::string& key) override {
    call([store = store_, key = prefix_ + key] {
      if (!store->check({key})) return;
      const std::size_t pieces = count_pieces(*store, key);
      store->deleteKey(key);
      for (std::size_t number = 0; number < pieces; ++number) store->deleteKey(piece_key(key, number));
    });
  }

 private:
  void call(std::function<void()> what) { call(std::move(what), deadline_); }
  void call(std::function<void()> what, std::chrono::milliseconds deadline) {
    bool ended = false;
    try {
      ended = thread_.run(std::move(what), deadline);
    } catch (const std::exception& error) {
      throw Error(ErrorCode::kRanks, fmt::format("{} failed: {}", place_, first_line(error)));
    }
    if (!ended) {
      throw Error(ErrorCode::kRanks, fmt::format("{} has not answered for {:.1f} s", place_,
                                                 std::chrono::duration<double>(deadline).count()));
    }
  }

  std::string place_, prefix_;
  std::chrono::milliseconds deadline_;
  CallThread thread_;
  std::shared_ptr<c10d::TCPStore> store_;
};

}  // namespace

std::unique_ptr<StoreServer> serve_store(const World& world) try {
  hush_c10d();
  allow_many_connections();
  return std::make_unique<TcpServer>(world);
} catch (const std::exception& error) {
  throw Error(ErrorCode::kRanks,
              fmt::format("cannot serve the store on port {}; set MASTER_PORT to a free one: {}", world.port,
                          first_line(error)));
}

std::unique_ptr<Store> connect_store(const World& world, std::chrono::milliseconds deadline) {
  return std::make_unique<TcpStore>(world, deadline);
}

#else

namespace {
[[noreturn]] void refuse() {
  throw Error(ErrorCode::kUsage,
              "this LibTorch was built without its distributed engine (c10d): start one process");
}
}  // namespace

std::unique_ptr<StoreServer> serve_store(const World&) { refuse(); }
std::unique_ptr<Store> connect_store(const World&, std::chrono::milliseconds) { refuse(); }

#endif

}  // namespace bteval::distributed
