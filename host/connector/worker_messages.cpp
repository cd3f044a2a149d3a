#include "connector/worker_messages.hpp"

#include <sluice/error.hpp>
#include <sluice/json.hpp>

namespace sluice::host {
namespace {

// Reads members of an object that the other end of the connection wrote.
class Members {
 public:
  explicit Members(std::string_view text) try : value_(parse_json(text)) {
  } catch (const Error& error) {
    throw Error{Code::Internal, std::string{"a message is not JSON: "} + error.what()};
  }

  [[nodiscard]] std::string text(std::string_view name) const {
    if (const auto* member = find(name); member != nullptr && member->is_string())
      return std::string{member->get_string()};
    throw Error{Code::Internal, "a message has no text \"" + std::string{name} + "\""};
  }

  template <typename Number>
  [[nodiscard]] Number number(std::string_view name) const {
    boost::system::error_code error;
    if (const auto* member = find(name); member != nullptr && member->is_number()) {
      const auto result = member->to_number<Number>(error);
      if (!error) return result;
    }
    throw Error{Code::Internal, "a message has no number \"" + std::string{name} + "\""};
  }

 private:
  [[nodiscard]] const json::value* find(std::string_view name) const {
    const auto* object = value_.if_object();
    return object == nullptr ? nullptr : object->if_contains(name);
  }

  json::value value_;
};

}  // namespace

std::string encode_plugin(const PluginFile& plugin) {
  return to_json(json::object{{"path", plugin.path.string()},
                              {"id", plugin.id},
                              {"version", plugin.version},
                              {"sdk_version", plugin.sdk_version},
                              {"abi_major", plugin.abi_major},
                              {"abi_minor", plugin.abi_minor},
                              {"capabilities", plugin.capabilities}});
}

PluginFile decode_plugin(std::string_view text) {
  const Members members{text};
  PluginFile plugin;
  plugin.path = members.text("path");
  plugin.id = members.text("id");
  plugin.version = members.text("version");
  plugin.sdk_version = members.text("sdk_version");
  plugin.abi_major = members.number<std::uint16_t>("abi_major");
  plugin.abi_minor = members.number<std::uint16_t>("abi_minor");
  plugin.capabilities = members.number<std::uint64_t>("capabilities");
  return plugin;
}

std::string encode_rate(const RateClass& rate) {
  return to_json(json::object{{"account", rate.account},
                              {"name", rate.name},
                              {"requests", rate.requests},
                              {"window_ms", rate.window.count()}});
}

RateClass decode_rate(std::string_view text) {
  const Members members{text};
  return {members.text("account"), members.text("name"), members.number<std::uint32_t>("requests"),
          std::chrono::milliseconds{members.number<std::int64_t>("window_ms")}};
}

}  // namespace sluice::host
