#include "exclusions.hpp"

#include "texts.hpp"
#include "values.hpp"

namespace activecampaign {

namespace {

constexpr auto kPath = "/lists/exclusions";
constexpr std::size_t kPage = 100;

// The vendor's examples say "exact" and "end"; other words are not documented.
bool is_kind(std::string_view match, std::string_view kind) {
  return fold(match).starts_with(kind);
}

Exclusion exclusion_of(const json::object& row) {
  Exclusion exclusion{
      fold(scalar(row, "matchPhrase")), scalar(row, "matchType"), scalar(row, "channel"), {}};
  for (const auto& list : items(row, "lists")) exclusion.lists.push_back(scalar(list));
  return exclusion;
}

}  // namespace

bool Exclusion::concerns(std::string_view email, const std::optional<std::string>& list_id) const {
  if (phrase.empty() || channel == "allSms") return false;
  if (channel == "several" && !(list_id && contains(lists, *list_id))) return false;
  const auto address = fold(email);
  if (is_kind(match, "end")) return address.ends_with(phrase);
  if (is_kind(match, "begin") || is_kind(match, "start")) return address.starts_with(phrase);
  if (is_kind(match, "contain")) return address.find(phrase) != std::string::npos;
  return address == phrase;
}

std::string Exclusion::describe() const {
  const std::string where =
      channel == "several" ? "the list that contacts join" : std::string{"the account"};
  if (is_kind(match, "end")) return where + " excludes addresses that end with \"" + phrase + '"';
  if (is_kind(match, "begin") || is_kind(match, "start"))
    return where + " excludes addresses that begin with \"" + phrase + '"';
  if (is_kind(match, "contain"))
    return where + " excludes addresses that contain \"" + phrase + '"';
  return where + " excludes this address";
}

std::vector<Exclusion> read_exclusions(sluice::Context& context, Client& client) {
  std::vector<Exclusion> exclusions;
  for (std::size_t received = 0;;) {
    const auto answer = client.send(context, get_request(kPath, kPath,
                                                         {{"limit", std::to_string(kPage)},
                                                          {"offset", std::to_string(received)}}));
    using Kind = Answer::Kind;
    const bool hidden =
        answer.kind == Kind::Denied || answer.kind == Kind::Refused || answer.kind == Kind::Missing;
    if (hidden) {
      context.warn("the account does not show its exclusion list to this key (" + answer.message +
                   "): excluded addresses are found only when they are written");
      return {};
    }
    if (!answer.ok()) throw answer.error(std::string{"GET "} + kPath);
    const auto& rows = items(answer.body, "exclusions");
    for (const auto& row : rows) exclusions.push_back(exclusion_of(as_object(row)));
    received += rows.size();
    if (rows.size() < kPage) return exclusions;
  }
}

}  // namespace activecampaign
