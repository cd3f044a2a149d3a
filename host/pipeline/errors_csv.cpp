#include "pipeline/errors_csv.hpp"

#include <csv.h>
#include <date/date.h>

#include <chrono>

#include "integration/one_line.hpp"

namespace sluice::host {
namespace {

std::string time_text(std::int64_t ms) {
  const date::sys_time<std::chrono::milliseconds> moment{std::chrono::milliseconds{ms}};
  return date::format("%FT%TZ", date::floor<std::chrono::seconds>(moment));
}

// Line breaks stay: a quoted field may have them.
std::string cleaned(std::string_view text) {
  std::string out;
  for (std::size_t start = 0;;) {
    const auto end = text.find('\n', start);
    out += one_line(text.substr(start, end - start), kUncut);
    if (end == std::string_view::npos) return out;
    out += '\n';
    start = end + 1;
  }
}

}  // namespace

std::string csv_field(std::string_view text) {
  std::string safe = cleaned(text);
  const auto first = safe.find_first_not_of(" \n");
  if (first != std::string::npos &&
      std::string_view{"=+-@"}.find(safe[first]) != std::string_view::npos) {
    safe.insert(safe.begin(), '\'');
  }
  std::string quoted(safe.size() * 2 + 2, '\0');
  quoted.resize(::csv_write(quoted.data(), quoted.size(), safe.data(), safe.size()));
  return quoted;
}

std::string errors_csv_header() {
  return "sync,key,stage,code,field,message,first_seen,last_seen,attempts,ignored_by,why\r\n";
}

std::string errors_csv_line(const RecordError& error) {
  std::string line;
  for (const auto* text :
       {&error.sync, &error.key, &error.stage, &error.code, &error.field, &error.message}) {
    line += csv_field(*text) + ',';
  }
  line += time_text(error.first_seen) + ',' + time_text(error.last_seen) + ',' +
          std::to_string(error.attempts) + ',' + csv_field(error.decided_by) + ',' +
          csv_field(error.decided_why) + "\r\n";
  return line;
}

}  // namespace sluice::host
