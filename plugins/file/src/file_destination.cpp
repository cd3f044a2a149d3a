#include "file_destination.hpp"

#include <unistd.h>

#include <sluice/error.hpp>

#include "document_store.hpp"
#include "file_handle.hpp"
#include "file_writer.hpp"

namespace file_connector {
namespace {

using sluice::Code;
using sluice::Error;

constexpr const char* kObject = "records";

void check_object(const std::string& object) {
  if (object == kObject) return;
  throw Error{Code::NotFound,
              "a file has no object '" + object + "', only '" + std::string{kObject} + "'"};
}

// Without creating the file, which a check must not.
void check_writable(const std::filesystem::path& path) {
  if (state_of(path)) {
    static_cast<void>(FileHandle::open_to_read(path));
    if (::access(path.c_str(), W_OK) != 0) {
      throw Error{Code::Auth, path.string() + ": no permission to write the file"};
    }
    return;
  }
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
  if (!std::filesystem::is_directory(folder)) {
    throw Error{Code::NotFound,
                folder.string() + " is no directory; create it for " + path.filename().string()};
  }
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    throw Error{Code::Auth, folder.string() + ": no permission to create a file"};
  }
}

}  // namespace

sluice::Account FileDestination::check(sluice::Context&) {
  check_writable(options_.path);
  return {identity_of(options_.path), options_.path.filename().string(), {}};
}

std::vector<sluice::Object> FileDestination::discover(sluice::Context&) {
  using sluice::FieldType;
  sluice::Object object;
  object.name = kObject;
  object.creates_fields = {FieldType::Text,   FieldType::Textarea, FieldType::Number,
                           FieldType::Date,   FieldType::Datetime, FieldType::Boolean,
                           FieldType::Option, FieldType::Options};
  object.delete_actions = {"mark"};
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
  check_writable(options_.path);
  return std::make_unique<FileWriter>(options_.path, std::move(request.match), request.mode);
}

}  // namespace file_connector
