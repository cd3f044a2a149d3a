// Chargebee's HTTP API: lists, single objects, and what its error answers mean.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <sluice/context.hpp>
#include <sluice/http.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "fields.hpp"
#include "thin_rows.hpp"

namespace chargebee {

enum class Catalogue { V1, V2 };  // product catalogue 1.0 (plans) or 2.0 (items)

// Moved, never assigned: assignment would copy the rows out of their storage.
struct ListPage {
  json::array rows;
  std::string next_offset;  // empty on the last page
  std::int64_t date = 0;    // the server's time, in seconds
};

// Chargebee does not accept the offset any more: the list must be opened anew.
class OffsetRefused final : public sluice::Error {
 public:
  explicit OffsetRefused(const std::string& message)
      : Error{sluice::Code::CursorInvalid, message} {}
};

struct Site {
  std::string domain;  // "acme-test"; empty when Chargebee does not say
  Catalogue catalogue = Catalogue::V2;
};

// Threads: [any thread].
class Api {
 public:
  // `site` names the site in messages.
  Api(sluice::HttpOptions options, std::string site);

  // One page of a list. Errors: Auth, NotFound (site), Unsupported (not with this product
  // catalogue), OffsetRefused, Rejected naming the parameter, RateLimited, Transient, Cancelled.
  // The rows live in `storage`. `thin`: the member whose objects only pass through (thin_rows.hpp);
  // empty: they are read whole.
  [[nodiscard]] ListPage list(sluice::Context& context, const std::string& path,
                              const sluice::Pairs& query, const json::storage_ptr& storage = {},
                              std::string_view thin = {});
  // The object with this id, or nothing when it does not exist.
  [[nodiscard]] std::optional<json::object> retrieve(sluice::Context& context,
                                                     const std::string& path,
                                                     std::string_view member,
                                                     const std::string& id);
  // Asked once, then remembered.
  [[nodiscard]] Site site(sluice::Context& context);

 private:
  [[nodiscard]] json::object answer(const sluice::HttpResponse& response, const std::string& what,
                                    const json::storage_ptr& storage = {}) const;
  [[nodiscard]] sluice::Error error_of(const sluice::HttpResponse& response,
                                       const std::string& what) const;
  [[nodiscard]] std::optional<ThinList> read_thin(std::string_view body, std::string_view member,
                                                  const json::storage_ptr& storage);
  [[nodiscard]] Site ask_site(sluice::Context& context);
  [[nodiscard]] Catalogue probe(sluice::Context& context);

  sluice::HttpClient http_;
  std::string site_;
  std::mutex mutex_;
  std::optional<Site> known_;
  std::mutex readers_mutex_;
  std::vector<std::unique_ptr<ThinReader>> readers_;  // not in use
};

}  // namespace chargebee
