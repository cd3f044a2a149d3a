// Which parts of a record the expressions of a mapping can tell apart, so that the others need not
// be read: a record whose members are not in here maps as it does with them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::host {

// What is known of one value. Scalars are always kept. Of an object or an array that is not
// `whole`, only these members or elements are, and that it is one.
class RecordParts {
 public:
  // A step "[]" is any element of an array; an object at that place is kept whole.
  void add(const std::vector<std::string>& path, bool whole);

  [[nodiscard]] bool whole() const noexcept { return whole_; }
  // nullptr: not needed.
  [[nodiscard]] const RecordParts* element() const noexcept { return element_.get(); }
  [[nodiscard]] const std::vector<std::pair<std::string, RecordParts>>& members() const noexcept {
    return members_;
  }
  // Whether a member may be among them whose name and the quote behind it begin so.
  [[nodiscard]] bool may_have(const char* begin) const noexcept {
    return (beginnings_ & bit_of(begin[0], begin[1])) != 0;
  }

 private:
  static std::uint64_t bit_of(char first, char second) noexcept {
    return std::uint64_t{1} << ((static_cast<unsigned char>(first) * 31U +
                                 static_cast<unsigned char>(second)) %
                                64U);
  }

  RecordParts& step(const std::string& name);

  bool whole_ = false;
  std::unique_ptr<RecordParts> element_;
  std::vector<std::pair<std::string, RecordParts>> members_;
  std::uint64_t beginnings_ = 0;
};

}  // namespace sluice::host
