// The rows of a list whose objects only pass through: the few members that the connector itself
// looks at are read, and the rest is handed on as Chargebee wrote it.
#pragma once

#include <memory>
#include <optional>
#include <sluice/json.hpp>
#include <string>
#include <string_view>

#include "fields.hpp"

namespace chargebee {

// The member of a thin object that holds the whole of it as text.
inline constexpr std::string_view kWritten = "\x1fwritten";

struct ThinList {
  json::array rows;  // {member: thin object}; {} where a row lacks it
  std::string next_offset;
};

// Keeps its buffers. Threads: [instance] one at a time.
class ThinReader {
 public:
  ThinReader();
  ~ThinReader();

  // A list's answer, its rows in `storage`. Nothing when it is no list, or no JSON as far as it was
  // looked at: the exact parser then says what is wrong.
  [[nodiscard]] std::optional<ThinList> read(std::string_view body, std::string_view member,
                                             const json::storage_ptr& storage);

 private:
  struct Buffers;
  std::unique_ptr<Buffers> buffers_;
};

// Appends the value as JSON, a thin object as it was written, with the members that were added.
void write_whole(std::string& out, const json::value& value);

}  // namespace chargebee
