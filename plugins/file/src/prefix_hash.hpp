// The hash of everything that a walk has read: shows whether a file still begins as it did.
#pragma once

#include <xxhash.h>

#include <memory>
#include <new>
#include <string>
#include <string_view>

namespace file_connector {

class PrefixHash {
 public:
  PrefixHash() : state_{make()} { XXH3_128bits_reset(state_.get()); }
  PrefixHash(const PrefixHash& other) : state_{make()} {
    XXH3_copyState(state_.get(), other.state_.get());
  }
  PrefixHash& operator=(const PrefixHash& other) {
    XXH3_copyState(state_.get(), other.state_.get());
    return *this;
  }

  void update(std::string_view text) {
    XXH3_128bits_update(state_.get(), text.data(), text.size());
  }

  [[nodiscard]] std::string text() const {
    XXH128_canonical_t bytes;
    XXH128_canonicalFromHash(&bytes, XXH3_128bits_digest(state_.get()));
    static constexpr std::string_view kHex = "0123456789abcdef";
    std::string text;
    for (const unsigned char byte : bytes.digest) {
      text.push_back(kHex[byte >> 4]);
      text.push_back(kHex[byte & 15]);
    }
    return text;
  }

 private:
  struct Free {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  using State = std::unique_ptr<XXH3_state_t, Free>;

  static State make() {
    State state{XXH3_createState()};
    if (state == nullptr) throw std::bad_alloc{};
    return state;
  }

  State state_;
};

}  // namespace file_connector
