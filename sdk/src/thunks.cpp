#include "instance.hpp"
#include "sluice/detail/codec.hpp"
#include "sluice/version.hpp"

namespace sluice::detail {
namespace {

json::array roles(const Description& description) {
  json::array list;
  if (description.make_source != nullptr) list.emplace_back("source");
  if (description.make_destination != nullptr) list.emplace_back("destination");
  return list;
}

void add_named(json::object& answer, const char* member, NamedSpecs (*options)()) {
  if (options == nullptr) return;
  json::object schemas;
  for (const auto& [name, spec] : options()) schemas[name] = spec.schema();
  answer[member] = std::move(schemas);
}

json::object describe_events(const Events& events) {
  json::array records;
  for (const auto& record : events.records) {
    json::object entry{{"stream", record.stream}, {"key", record.key}};
    if (!record.version.empty()) entry["version"] = record.version;
    records.push_back(std::move(entry));
  }
  return {{"id", events.id}, {"records", std::move(records)}};
}

bool has_both_roles(const Description& description) {
  return description.make_source != nullptr && description.make_destination != nullptr;
}

// Neither role works, and the connector does not know as which it is wanted.
[[noreturn]] void throw_both(const json::object& source, const Error& destination) {
  const std::string_view problem = source.at("message").as_string();
  if (problem == destination.what()) throw destination;
  throw Error{destination.code(),
              "as a source: " + std::string{problem} + "; as a destination: " + destination.what()};
}

// Runs one role's part of an answer. A connector of two roles answers with the parts that work;
// `unusable` says by role what is wrong with the other.
template <typename Part>
void answer_for(sluice_instance& instance, std::string_view role, json::object& unusable,
                const Part& part) {
  try {
    part();
  } catch (const Error& error) {
    if (!has_both_roles(instance.description) || error.code() == Code::Cancelled) throw;
    if (!unusable.empty()) throw_both(unusable.begin()->value().as_object(), error);
    unusable[role] = {{"code", static_cast<std::int32_t>(error.code())}, {"message", error.what()}};
  }
}

void add_account(json::object& answer, const Account& account) {
  if (account.id.empty()) throw Error{Code::Internal, "check answered without an account id"};
  if (!answer.contains("account_id")) answer = describe(account);
}

sluice_code check(sluice_instance* instance, sluice_buffer* result,
                  sluice_failure* failure) noexcept {
  return called(instance, failure, [&](Context& context) {
    require(result);
    json::object answer;
    json::object unusable;
    if (instance->description.make_source != nullptr) {
      answer_for(*instance, "source", unusable,
                 [&] { add_account(answer, instance->source().check(context)); });
    }
    if (instance->description.make_destination != nullptr) {
      answer_for(*instance, "destination", unusable,
                 [&] { add_account(answer, instance->destination().check(context)); });
    }
    if (!unusable.empty()) answer["unusable"] = std::move(unusable);
    *result = to_buffer(to_json(answer));
  });
}

sluice_code discover(sluice_instance* instance, sluice_buffer* catalog,
                     sluice_failure* failure) noexcept {
  return called(instance, failure, [&](Context& context) {
    require(catalog);
    json::array streams;
    json::array objects;
    json::object unusable;
    if (instance->description.make_source != nullptr) {
      answer_for(*instance, "source", unusable, [&] {
        for (const auto& stream : instance->source().discover(context)) {
          streams.push_back(describe(stream));
        }
      });
    }
    if (instance->description.make_destination != nullptr) {
      answer_for(*instance, "destination", unusable, [&] {
        for (const auto& object : instance->destination().discover(context)) {
          objects.push_back(describe(object));
        }
      });
    }
    json::object answer{{"streams", std::move(streams)}, {"objects", std::move(objects)}};
    if (!unusable.empty()) answer["unusable"] = std::move(unusable);
    *catalog = to_buffer(to_json(answer));
  });
}

void destroy(sluice_instance* instance) noexcept {
  static_cast<void>(guarded(nullptr, [&] {
    if (instance != nullptr) instance->host.flush();
  }));
  delete instance;
}

void cancel(sluice_instance* instance) noexcept {
  if (instance != nullptr) instance->stop.request_stop();
}

const void* get_extension(const char*) noexcept {
  return nullptr;
}

#if defined(__clang__)
constexpr const char* kBuildInfo = __VERSION__;
#else
constexpr const char* kBuildInfo = "GCC " __VERSION__;
#endif

}  // namespace

sluice_code write_spec(const Description& description, sluice_buffer* spec,
                       sluice_failure* failure) noexcept {
  return guarded(failure, [&] {
    require(spec);
    const auto options = description.spec();
    const auto& title = options.title();
    json::object answer{{"id", description.id},
                        {"title", title.empty() ? description.id : title.c_str()},
                        {"version", description.version},
                        {"roles", roles(description)},
                        {"config", options.schema()}};
    add_named(answer, "read", description.read_options);
    add_named(answer, "write", description.write_options);
    if (description.events != nullptr) answer["events"] = describe_events(description.events());
    *spec = to_buffer(to_json(answer));
  });
}

sluice_code create_instance(const Description& description, const sluice_host* host,
                            sluice_slice config, sluice_instance** instance,
                            sluice_failure* failure) noexcept {
  return guarded(failure, [&] {
    require(instance);
    if (host == nullptr) throw Error{Code::Internal, "the host offers no services"};
    json::value options;
    try {
      options = parse_json(config.size == 0 ? "{}" : view(config));
    } catch (const Error& error) {
      throw Error{Code::Config, std::string{"the options: "} + error.what()};
    }
    if (!options.is_object()) throw Error{Code::Config, "the options must be a mapping"};
    auto made = std::make_unique<sluice_instance>(description, host,
                                                  Config{std::move(options.get_object())});
    // One role: its options are checked now. Two: by the one that is used.
    if (!has_both_roles(description)) {
      if (description.make_source != nullptr) static_cast<void>(made->source());
      if (description.make_destination != nullptr) static_cast<void>(made->destination());
    }
    *instance = made.release();
  });
}

sluice_connector make_table(const Description& description, SpecFn spec, CreateFn create) noexcept {
  sluice_connector table{};
  table.magic = SLUICE_ABI_MAGIC;
  table.struct_size = sizeof(sluice_connector);
  table.abi_major = SLUICE_ABI_MAJOR;
  table.abi_minor = SLUICE_ABI_MINOR;
  table.min_host_minor = SLUICE_ABI_MINOR;
  table.capabilities = description.capabilities;
  table.id = description.id;
  table.version = description.version;
  table.sdk_version = kSdkVersion;
  table.build_info = kBuildInfo;
  table.spec = spec;
  table.create = create;
  table.destroy = &destroy;
  table.cancel = &cancel;
  table.check = &check;
  table.discover = &discover;
  fill_source(table);
  fill_destination(table);
  table.get_extension = &get_extension;
  return table;
}

}  // namespace sluice::detail

namespace {

template <typename Role, typename Make>
Role& made(std::mutex& mutex, std::unique_ptr<Role>& role, Make* make, const sluice::Config& config,
           const char* name) {
  if (make == nullptr) {
    throw sluice::Error{sluice::Code::Unsupported, std::string{"this connector is no "} + name};
  }
  const std::lock_guard lock{mutex};
  if (role == nullptr) role = make(config);
  return *role;
}

}  // namespace

sluice::Source& sluice_instance::source() {
  return made(mutex_, source_, description.make_source, config, "source");
}

sluice::Destination& sluice_instance::destination() {
  return made(mutex_, destination_, description.make_destination, config, "destination");
}
