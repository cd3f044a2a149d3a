#include "cli/try_connector.hpp"

#include <fmt/format.h>

#include <iostream>
#include <iterator>

#include "cli/catalog_text.hpp"
#include "integration/limits.hpp"
#include "integration/load.hpp"
#include "pipeline/connection.hpp"

namespace sluice::host::cli {
namespace {

std::string read_block() {
  std::string text;
  char byte = 0;
  while (text.size() <= kMaxYamlBytes && std::cin.get(byte)) text += byte;
  return text;
}

}  // namespace

int try_connector(const Call& call) {
  const std::string role = call.text("id");
  if (role != "source" && role != "destination") {
    throw UsageError{
        "say which side it would be: `sluice connectors try source|destination`, with the block of "
        "the file on stdin, such as {connector: file, path: people.ndjson}"};
  }
  Connection connection = load_connection_text(read_block(), "stdin");
  const Catalog catalog = Catalog::scan(call.plugin_directories);
  RateBudget budget{call.state_root / "rates", system_wall_clock()};
  const FoundSide found = find_side(role, connection, "stdin", catalog, budget, call.mode);
  if (!found.side) throw IntegrationError{found.diagnostics};
  const std::stop_callback on_stop{call.stop, [&found] { found.side->cancel(); }};
  const AccountInfo account = account_of(*found.side);
  if (!call.flag("discover")) {
    if (call.json) {
      print(json::object{{"account_id", account.id}, {"title", account.title}});
    } else {
      print(std::string_view{account.title.empty() ? account.id : account.title});
    }
    return kDone;
  }
  json::object has = catalog_of(*found.side);
  if (call.json) {
    has["account_id"] = account.id;
    has["title"] = account.title;
    print(has);
  } else {
    const auto all = [](std::string_view) { return true; };
    role == "source" ? print_streams(has, all) : print_objects(has, all);
  }
  return kDone;
}

}  // namespace sluice::host::cli
