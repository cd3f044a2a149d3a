// Reads the members of a JSON object that crossed the boundary, with errors that say where and
// what.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/json.hpp"

namespace sluice::detail {

class Members {
 public:
  // `where` opens every message: "line 3 of the batch".
  Members(json::value& value, std::string where);

  [[nodiscard]] std::string text(std::string_view name) const;
  [[nodiscard]] std::optional<std::string> maybe_text(std::string_view name) const;
  [[nodiscard]] std::string text_or_empty(std::string_view name) const;
  [[nodiscard]] bool flag(std::string_view name, bool fallback) const;
  [[nodiscard]] std::int64_t integer(std::string_view name, std::int64_t fallback) const;
  [[nodiscard]] std::vector<std::string> texts(std::string_view name) const;
  [[nodiscard]] std::optional<std::vector<std::string>> maybe_texts(std::string_view name) const;
  // Moves the object out, with its memory; empty in the same memory when absent.
  [[nodiscard]] json::object take_object(std::string_view name);
  // Absent, or null: nullptr.
  [[nodiscard]] json::value* find(std::string_view name) const noexcept;

  [[noreturn]] void fail(std::string_view name, std::string_view wanted) const;
  [[nodiscard]] const std::string& where() const noexcept { return where_; }

 private:
  json::object& object_;
  std::string where_;
};

[[nodiscard]] std::vector<std::string> texts_of(const json::value& value, const Members& members,
                                                std::string_view name);

}  // namespace sluice::detail
