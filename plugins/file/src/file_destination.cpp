#include "file_destination.hpp"

#include <unistd.h>

#include <sluice/error.hpp>

#include "document_store.hpp"
#include "file_handle.hpp"
#include "file_writer.hpp"
#include "snapshot_store.hpp"

namespace file_connector {
namespace {

namespace fs = std::filesystem;
using sluice::Code;
using sluice::Error;

constexpr const char* kObject = "records";

void check_object(const std::string& object) {
  if (object == kObject) return;
  throw Error{Code::NotFound,
              "a file has no object '" + object + "', only '" + std::string{kObject} + "'"};
}

void check_folder(const fs::path& folder, const fs::path& name) {
  if (!fs::is_directory(folder)) {
    throw Error{Code::NotFound,
                folder.string() + " is no directory; create it for " + name.string()};
  }
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    throw Error{Code::Auth, folder.string() + ": no permission to create a file"};
  }
}

}  // namespace

FileDestination::FileDestination(const sluice::Config& config)
    : options_{config},
      target_{options_.path.empty() ? options_.directory / options_.files : options_.path} {
  const auto format = format_of(options_, target_);
  replace_ = options_.replace || format.csv || format.gzip;
}

void FileDestination::check_target() const {
  if (options_.path.empty() && options_.files.find_first_of("*?[/") != std::string::npos) {
    throw Error{Code::Config, "'" + options_.files +
                                  "' cannot be written: 'files' must be the name "
                                  "of one file in 'directory'"};
  }
  if (replace_ && !options_.path.empty()) {
    throw Error{Code::Config,
                options_.path.string() +
                    " would be replaced as a whole, for which a file beside it is needed: set "
                    "'directory' and 'files' instead of 'path'"};
  }
}

// Without creating the file, which a check must not.
void FileDestination::check_writable() const {
  check_target();
  const bool exists = state_of(target_).has_value();
  if (exists) static_cast<void>(FileHandle::open_to_read(target_));
  if (replace_ || !exists) {
    const auto folder = target_.has_parent_path() ? target_.parent_path() : fs::path{"."};
    check_folder(folder, target_.filename());
  } else if (::access(target_.c_str(), W_OK) != 0) {
    throw Error{Code::Auth, target_.string() + ": no permission to write the file"};
  }
}

sluice::Account FileDestination::check(sluice::Context&) {
  check_writable();
  return {identity_of(options_), target_.filename().string(), {}};
}

std::vector<sluice::Object> FileDestination::discover(sluice::Context&) {
  using sluice::FieldType;
  sluice::Object object;
  object.name = kObject;
  object.creates_fields = {FieldType::Text,   FieldType::Textarea, FieldType::Number,
                           FieldType::Date,   FieldType::Datetime, FieldType::Boolean,
                           FieldType::Option, FieldType::Options};
  object.delete_actions = {deletion()};
  return {object};
}

std::vector<sluice::PreparedField> FileDestination::prepare(sluice::Context&,
                                                            const sluice::PrepareRequest& request) {
  check_object(request.object);
  std::vector<sluice::PreparedField> fields;
  for (const auto& field : request.fields) {
    if (field.name == kDeletedMember) {
      fields.push_back({field.name, sluice::PreparedField::Status::Impossible,
                        "this name marks deletions; name the field otherwise"});
    } else {
      fields.push_back({field.name, sluice::PreparedField::Status::Exists, {}});
    }
  }
  return fields;
}

std::unique_ptr<sluice::Writer> FileDestination::open(sluice::Context&,
                                                      sluice::WriteRequest request) {
  check_object(request.object);
  if (request.match.empty() || request.match == kDeletedMember) {
    throw Error{Code::Config, "'match' must name the field that identifies a document"};
  }
  check_writable();
  std::unique_ptr<Store> store;
  if (replace_) {
    store = std::make_unique<SnapshotStore>(options_, target_, request.match);
  } else {
    store = std::make_unique<DocumentStore>(target_, request.match);
  }
  return std::make_unique<FileWriter>(std::move(store), std::move(request.match), request.mode,
                                      deletion());
}

}  // namespace file_connector
