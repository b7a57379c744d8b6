// A store in this process's memory: several threads play the ranks.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "distributed/store.h"

namespace bteval::testing {

/// Opens connections to one store.
class MemoryStore {
 public:
  distributed::Connect connect() {
    return [data = data_] { return std::make_unique<Connection>(data); };
  }

 private:
  struct Data {
    std::mutex mutex;
    std::map<std::string, std::string> values;
    std::map<std::string, std::int64_t> counters;
  };
  class Connection : public distributed::Store {
   public:
    explicit Connection(std::shared_ptr<Data> data) : data_(std::move(data)) {}
    void set(const std::string& key, std::string_view value) override {
      const std::lock_guard lock(data_->mutex);
      data_->values[key] = value;
    }
    std::optional<std::string> get(const std::string& key) override {
      const std::lock_guard lock(data_->mutex);
      const auto found = data_->values.find(key);
      return found == data_->values.end() ? std::nullopt : std::optional(found->second);
    }
    std::int64_t add(const std::string& key, std::int64_t value) override {
      const std::lock_guard lock(data_->mutex);
      return data_->counters[key] += value;
    }
    void remove(const std::string& key) override {
      const std::lock_guard lock(data_->mutex);
      data_->values.erase(key);
    }

   private:
    std::shared_ptr<Data> data_;
  };

  std::shared_ptr<Data> data_ = std::make_shared<Data>();
};

}  // namespace bteval::testing
