#include "connector/confinement.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <sluice/error.hpp>
#include <system_error>

#include "connector/unique_fd.hpp"

namespace sluice::host {
namespace {

namespace fs = std::filesystem;

bool has_text(const json::object& schema, std::string_view key, std::string_view text) {
  const auto* value = schema.if_contains(key);
  return value != nullptr && value->is_string() && std::string_view{value->get_string()} == text;
}

class Grants {
 public:
  explicit Grants(bool is_destination) : is_destination_{is_destination} {}

  void add(const std::string& path, bool write, bool create) {
    std::error_code error;
    const fs::path absolute = path.empty() ? fs::path{} : fs::absolute(path, error);
    if (!error && !absolute.empty()) files_.push_back({absolute, write, create});
  }

  void collect(const json::object& schema, const json::value& value) {
    const bool is_file = has_text(schema, "format", "file-path");
    if (value.is_string() && (is_file || has_text(schema, "format", "directory-path"))) {
      const bool writes = is_destination_ && !has_text(schema, "access", "read");
      add(std::string{value.get_string()}, writes, writes && is_file);
    }
    const auto* properties = schema.if_contains("properties");
    if (properties != nullptr && properties->is_object() && value.is_object()) {
      for (const auto& [name, property] : properties->get_object()) {
        const auto* member = value.get_object().if_contains(name);
        if (member != nullptr && property.is_object()) collect(property.get_object(), *member);
      }
    }
    const auto* items = schema.if_contains("items");
    if (items != nullptr && items->is_object() && value.is_array()) {
      for (const auto& item : value.get_array()) collect(items->get_object(), item);
    }
  }

  [[nodiscard]] std::vector<FileGrant> take() { return std::move(files_); }

 private:
  bool is_destination_;
  std::vector<FileGrant> files_;
};

json::array to_array(const std::vector<std::string>& texts) {
  json::array out;
  for (const auto& text : texts) out.emplace_back(text);
  return out;
}

std::vector<std::string> to_texts(const json::value& array) {
  std::vector<std::string> out;
  for (const auto& text : array.as_array()) out.emplace_back(text.as_string());
  return out;
}

template <typename Read>
auto decoded(std::string_view text, Read&& read) {
  try {
    return read(parse_json(text).as_object());
  } catch (const std::exception& error) {
    throw Error{Code::Internal, std::string{"a message about confinement: "} + error.what()};
  }
}

}  // namespace

std::vector<FileGrant> granted_files(const json::object& schema, const json::object& options,
                                     bool is_destination, const WorkerConfig& worker) {
  Grants grants{is_destination};
  grants.collect(schema, options);
  for (const auto& path : worker.read) grants.add(path, false, false);
  for (const auto& path : worker.write) grants.add(path, true, false);
  return grants.take();
}

std::string identity_of(const std::vector<FileGrant>& files) {
  std::string identity;
  for (const auto& file : files) {
    struct stat status {};
    const bool exists = ::stat(file.path.c_str(), &status) == 0;
    identity += exists ? std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) : "-";
    identity += ' ';
  }
  return identity;
}

void create_missing(const std::vector<FileGrant>& files) noexcept {
  for (const auto& file : files) {
    if (!file.create) continue;
    const UniqueFd created{
        ::open(file.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)};
  }
}

std::string encode_confinement(const Confinement& confinement) {
  json::array files;
  for (const auto& file : confinement.files) {
    files.push_back(
        json::object{{"path", file.path.string()}, {"write", file.write}, {"create", file.create}});
  }
  return to_json(json::object{{"confinement", static_cast<int>(confinement.limits.confinement)},
                              {"memory", confinement.limits.memory},
                              {"file_size", confinement.limits.file_size},
                              {"descriptors", confinement.limits.descriptors},
                              {"files", std::move(files)},
                              {"temporary", confinement.temporary.string()}});
}

Confinement decode_confinement(std::string_view text) {
  return decoded(text, [](const json::object& object) {
    Confinement confinement;
    auto& limits = confinement.limits;
    limits.confinement = static_cast<Confine>(object.at("confinement").to_number<int>());
    limits.memory = object.at("memory").to_number<std::uint64_t>();
    limits.file_size = object.at("file_size").to_number<std::uint64_t>();
    limits.descriptors = object.at("descriptors").to_number<std::uint32_t>();
    for (const auto& file : object.at("files").as_array()) {
      confinement.files.push_back({std::string{file.at("path").as_string()},
                                   file.at("write").as_bool(), file.at("create").as_bool()});
    }
    confinement.temporary = std::string{object.at("temporary").as_string()};
    return confinement;
  });
}

std::string encode_report(const ConfinementReport& report) {
  return to_json(
      json::object{{"done", to_array(report.done)}, {"missing", to_array(report.missing)}});
}

ConfinementReport decode_report(std::string_view text) {
  return decoded(text, [](const json::object& object) {
    return ConfinementReport{to_texts(object.at("done")), to_texts(object.at("missing"))};
  });
}

}  // namespace sluice::host
