// Rows by id. Ids grow and are never used twice; addresses of rows stay valid until the row is
// erased.
#pragma once

#include <map>
#include <utility>

#include "account/model.hpp"

namespace activecampaign_sandbox {

template <class Row>
class Table {
 public:
  Row& add(Row row) {
    row.id = next_++;
    return rows_.emplace_hint(rows_.end(), row.id, std::move(row))->second;
  }
  [[nodiscard]] Row* find(Id id) {
    const auto found = rows_.find(id);
    return found == rows_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] const Row* find(Id id) const {
    const auto found = rows_.find(id);
    return found == rows_.end() ? nullptr : &found->second;
  }
  bool erase(Id id) { return rows_.erase(id) != 0; }
  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  [[nodiscard]] const std::map<Id, Row>& rows() const { return rows_; }
  [[nodiscard]] std::map<Id, Row>& rows() { return rows_; }

 private:
  std::map<Id, Row> rows_;
  Id next_ = 1;
};

}  // namespace activecampaign_sandbox
