#include "options.hpp"

#include <sluice/error.hpp>

namespace file_connector {
namespace {

namespace fs = std::filesystem;
using sluice::Code;
using sluice::Error;

void check(const Options& options) {
  const bool in_directory = !options.directory.empty() || !options.files.empty();
  if (options.path.empty() && !in_directory) {
    throw Error{Code::Config,
                "no file is named: set 'path', or 'directory' and 'files' for several files"};
  }
  if (!options.path.empty() && in_directory) {
    throw Error{Code::Config, "set either 'path', or 'directory' and 'files', not both"};
  }
  if (in_directory && (options.directory.empty() || options.files.empty())) {
    throw Error{Code::Config, std::string{"option '"} +
                                  (options.files.empty() ? "files" : "directory") +
                                  "' is missing: 'directory' and 'files' go together"};
  }
  for (const auto& part : fs::path{options.files}) {
    if (part == "..") throw Error{Code::Config, "option 'files' leads out of 'directory'"};
  }
  if (fs::path{options.files}.is_absolute()) {
    throw Error{Code::Config, "option 'files' names files in 'directory', not an absolute path"};
  }
  if (options.key.empty()) throw Error{Code::Config, "option 'key' is empty"};
}

}  // namespace

Options::Options(const sluice::Config& config)
    : path{config.text("path", "")},
      directory{config.text("directory", "")},
      files{config.text("files", "")},
      format{config.text("format", "auto")},
      key{config.text("key", "id")},
      version{config.text("version", "")},
      recency{config.text("recency", "")},
      deleted{config.text("deleted", "")},
      skip_bad_lines{config.text("bad_lines", "fail") == "skip"},
      page_records{static_cast<std::uint32_t>(config.integer("page_records", 500))},
      replace{config.flag("replace", false)} {
  const auto text = config.text("delimiter", ",");
  delimiter = text == "tab" ? '\t' : text.front();
  check(*this);
}

Format format_of(const Options& options, const fs::path& path) {
  const bool gzip = path.extension() == ".gz";
  const auto name = gzip ? path.stem() : path.filename();
  const bool csv = name.extension() == ".csv";
  return {options.format == "auto" ? csv : options.format == "csv", gzip};
}

std::string identity_of(const Options& options) {
  const auto place = options.path.empty() ? options.directory / options.files : options.path;
  return "file:" + fs::weakly_canonical(fs::absolute(place)).string();
}

sluice::Spec spec() {
  return sluice::Spec{"Files: NDJSON, CSV"}
      .file("path")
      .example("customers.ndjson")
      .describe(
          "The file: NDJSON (one JSON object a line), or CSV when its name ends in `.csv`; `.gz` "
          "after either: compressed. Relative to the directory that Sluice runs in.")
      .directory("directory")
      .example("exports")
      .describe("Instead of `path`, with `files`: the directory in which the files are.")
      .string("files")
      .example("customers-*.csv.gz")
      .describe(
          "The files in `directory`. Reading: a pattern (`*`, `?`, `[a-z]`); those that match are "
          "read in the order of their names. Writing: the name of one file.")
      .choice("format", {"auto", "ndjson", "csv"})
      .fallback("auto")
      .describe("What stands in the files, where their names do not say it.")
      .choice("delimiter", {",", ";", "tab", "|"})
      .fallback(",")
      .describe("CSV: what stands between two values.")
      .string("key")
      .fallback("id")
      .example("customer.id")
      .describe("Reading: the member that identifies a record, a text or a whole number.")
      .string("version")
      .example("updated_at")
      .describe(
          "Reading: a member that never decreases for one record, a whole number or a timestamp. "
          "Without it a record is as new as the moment it was read.")
      .string("recency")
      .example("created_at")
      .describe(
          "Reading: a member, a whole number or a timestamp, that ranks records which claim the "
          "same "
          "key at the destination. Without it a later line, and a later file, ranks higher.")
      .string("deleted")
      .example("_deleted")
      .describe("Reading: a member that is true when the record has been deleted.")
      .choice("bad_lines", {"fail", "skip"})
      .fallback("fail")
      .describe(
          "Reading: whether a line that is no record stops the run or is left out, counted and "
          "logged.")
      .integer("page_records")
      .fallback(500)
      .minimum(1)
      .maximum(100'000)
      .describe("Reading: records a page.")
      .boolean("replace")
      .describe(
          "Writing: whether a run replaces the whole file at its end, rather than appending its "
          "changes. CSV and compressed files always are replaced. Needs `directory` and `files`.");
}

}  // namespace file_connector
