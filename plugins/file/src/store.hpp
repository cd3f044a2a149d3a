// What a destination writes into: documents by key.
#pragma once

#include <optional>
#include <sluice/context.hpp>
#include <sluice/json.hpp>
#include <string>

namespace file_connector {

// Changes are staged and become part of the store together, by `commit`. Not thread-safe.
class Store {
 public:
  virtual ~Store() = default;

  // Reads what has been changed outside since the last call. Creates and changes nothing.
  virtual void refresh(sluice::Context& context) = 0;
  // As refresh, and takes the store for writing, until it goes; repairs what a crash left.
  // Errors: Transient when another run is writing.
  virtual void refresh_to_write(sluice::Context& context) = 0;

  // The document as it stands, staged changes included; nothing when there is none or it was
  // deleted.
  [[nodiscard]] virtual std::optional<sluice::json::object> find(const std::string& key) const = 0;
  virtual void put(const std::string& key, const sluice::json::object& document) = 0;
  // The same of the fields that have a value, in the place of nothing.
  virtual void put_new(const std::string& key, const sluice::json::object& fields) = 0;
  virtual void remove(const std::string& key) = 0;
  // The document as `find` will answer it once it was put.
  [[nodiscard]] virtual sluice::json::object stored(sluice::json::object document) const {
    return document;
  }

  // Keeps what is staged: all of it or, on an error, nothing; nothing is staged afterwards.
  virtual void commit() = 0;
  virtual void discard() noexcept = 0;
  // Makes what was committed survive a power failure, and shows it to others.
  virtual void sync(sluice::Context& context) = 0;
};

}  // namespace file_connector
