#include <fmt/format.h>

#include "cli/command.hpp"
#include "state/erasure.hpp"

namespace sluice::host::cli {

void declare_state(po::options_description& options,
                   po::positional_options_description& positional) {
  options.add_options()("action", po::value<std::string>()->required(), "forget")  //
      ("file", po::value<std::string>()->required(), "the integration file")       //
      ("key", po::value<std::string>()->required(),
       "the person's key at the source or at the destination");
  positional.add("action", 1).add("file", 1).add("key", 1);
}

int run_state(Call& call) {
  const std::string action = call.text("action");
  if (action != "forget") throw UsageError{"there is no `sluice state " + action + "`: use forget"};
  const std::string name = load_file(call).name;
  if (!State::open_read_only(call.state_root, name))
    throw UsageError{"\"" + name + "\" has not been run yet: nothing is known of anybody"};
  State state = State::open(call.state_root, name, "state forget");
  const Erased erased =
      forget(state, call.state_root, name, call.text("key"), system_wall_clock()());
  if (call.json) {
    print(json::object{{"rows", erased.rows},
                       {"source_keys", erased.source_keys.size()},
                       {"destination_keys", erased.destination_keys.size()},
                       {"archives", erased.archives}});
    return kDone;
  }
  if (erased.rows == 0) {
    print(std::string_view{"nothing was known under this key"});
    return kDone;
  }
  print(std::string_view{fmt::format(
      "{} rows erased ({} source records, {} destination keys, {} archives). Neither side was "
      "changed: while the source still has the person, the next full run reads them again",
      erased.rows, erased.source_keys.size(), erased.destination_keys.size(), erased.archives)});
  return kDone;
}

}  // namespace sluice::host::cli
