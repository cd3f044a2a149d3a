// Turns a class into a plugin: put SLUICE_SOURCE(Class), SLUICE_DESTINATION(Class) or
// SLUICE_CONNECTOR(Source, Destination) once at the bottom of one source file.
//
// The class states who it is and how it is configured:
//
//   static constexpr auto kId = "billing";          // file libsluice_billing.so; [a-z][a-z0-9_]*
//   static constexpr auto kVersion = "0.1.0";
//   static Spec spec();
//   explicit Billing(const Config&);                 // no network here
//   static constexpr bool kLookup = true;         // optional: Source::lookup is offered
//   static constexpr bool kPrepare = true;        // optional: Destination::prepare is offered
//   static constexpr bool kReceipts = true;       // optional: Writer::write may answer `pending`
//   static constexpr bool kRemoteLookup = true;   // optional: Writer::lookup is offered
//   static constexpr bool kEstimate = true;       // optional: Writer::estimate is offered
//   static constexpr bool kScreen = true;         // optional: Writer::screen is offered
//   static constexpr bool kVerify = true;         // optional: Writer::verify is offered
//   static NamedSpecs read_options();   // optional: what `read:` takes, by stream, and
//   static NamedSpecs write_options();  // `write:`, by object, so that `lint` and editors know
//                                       // it without a connection; `discover` may add examples
//   static Events events();             // optional, with kLookup: how webhooks of the vendor are
//   read
#pragma once

#include <sluice/abi.h>

#include <concepts>
#include <cstdint>
#include <memory>
#include <sluice/destination.hpp>
#include <sluice/detail/note.hpp>
#include <sluice/detail/requirements.hpp>
#include <sluice/source.hpp>

namespace sluice {

// What a class must have to become a plugin; the macros below say which part is missing.
template <typename T>
concept ConnectorClass = detail::HasId<T> && detail::HasVersion<T> && detail::HasSpec<T> &&
    std::constructible_from<T, const Config&>;
template <typename T>
concept SourceClass = ConnectorClass<T> && std::derived_from<T, Source>;
template <typename T>
concept DestinationClass = ConnectorClass<T> && std::derived_from<T, Destination>;

namespace detail {

using SpecFn = sluice_code (*)(sluice_buffer*, sluice_failure*);
using CreateFn = sluice_code (*)(const sluice_host*, sluice_slice, sluice_instance**,
                                 sluice_failure*);

// The bodies of the two functions of the table that belong to no instance yet.
sluice_code write_spec(const Description& description, sluice_buffer* spec,
                       sluice_failure* failure) noexcept;
sluice_code create_instance(const Description& description, const sluice_host* host,
                            sluice_slice config, sluice_instance** instance,
                            sluice_failure* failure) noexcept;
// The filled table; functions of capabilities that are not declared are NULL.
sluice_connector make_table(const Description& description, SpecFn spec, CreateFn create) noexcept;

// One table a connector: made on first use, always the same pointer, never freed; NULL for another
// major version. Threads: [any thread].
template <const Description& description>
const sluice_connector* connector_table(std::uint32_t abi_major) noexcept {
  static const sluice_connector table = make_table(
      description,
      [](sluice_buffer* spec, sluice_failure* failure) noexcept {
        return write_spec(description, spec, failure);
      },
      [](const sluice_host* host, sluice_slice config, sluice_instance** instance,
         sluice_failure* failure) noexcept {
        return create_instance(description, host, config, instance, failure);
      });
  return abi_major == SLUICE_ABI_MAJOR ? &table : nullptr;
}

template <typename T>
constexpr std::uint64_t source_capabilities() {
  std::uint64_t bits = SLUICE_CAP_SOURCE;
  if constexpr (requires { T::kLookup; }) bits |= T::kLookup ? SLUICE_CAP_SOURCE_LOOKUP : 0;
  return bits;
}

template <typename T>
constexpr std::uint64_t destination_capabilities() {
  std::uint64_t bits = SLUICE_CAP_DESTINATION;
  if constexpr (requires { T::kPrepare; }) bits |= T::kPrepare ? SLUICE_CAP_PREPARE : 0;
  if constexpr (requires { T::kReceipts; }) bits |= T::kReceipts ? SLUICE_CAP_RECEIPTS : 0;
  if constexpr (requires { T::kRemoteLookup; })
    bits |= T::kRemoteLookup ? SLUICE_CAP_DESTINATION_LOOKUP : 0;
  if constexpr (requires { T::kEstimate; }) bits |= T::kEstimate ? SLUICE_CAP_ESTIMATE : 0;
  if constexpr (requires { T::kScreen; }) bits |= T::kScreen ? SLUICE_CAP_SCREEN : 0;
  if constexpr (requires { T::kVerify; }) bits |= T::kVerify ? SLUICE_CAP_VERIFY : 0;
  return bits;
}

template <typename T>
constexpr auto read_options_of() -> NamedSpecs (*)() {
  if constexpr (requires { T::read_options(); }) return &T::read_options;
  return nullptr;
}

template <typename T>
constexpr auto write_options_of() -> NamedSpecs (*)() {
  if constexpr (requires { T::write_options(); }) return &T::write_options;
  return nullptr;
}

template <typename T>
constexpr auto events_of() -> Events (*)() {
  if constexpr (requires { T::events(); }) return &T::events;
  return nullptr;
}

// Stands for a class that was refused, so that its refusal is the only error.
inline constexpr Description kRefused{"refused", "0", nullptr, nullptr, nullptr, 0};

template <typename T>
constexpr Description describe_source() {
  if constexpr (!require_source<T>() || !SourceClass<T>)
    return kRefused;
  else
    return {
        T::kId,
        T::kVersion,
        &T::spec,
        [](const Config& config) -> std::unique_ptr<Source> { return std::make_unique<T>(config); },
        nullptr,
        source_capabilities<T>(),
        read_options_of<T>(),
        nullptr,
        events_of<T>()};
}

template <typename T>
constexpr Description describe_destination() {
  if constexpr (!require_destination<T>() || !DestinationClass<T>)
    return kRefused;
  else
    return {T::kId,
            T::kVersion,
            &T::spec,
            nullptr,
            [](const Config& config) -> std::unique_ptr<Destination> {
              return std::make_unique<T>(config);
            },
            destination_capabilities<T>(),
            nullptr,
            write_options_of<T>()};
}

template <typename S, typename D>
constexpr Description describe_both() {
  const Description destination = describe_destination<D>();
  Description both = describe_source<S>();
  both.make_destination = destination.make_destination;
  both.capabilities |= destination.capabilities;
  both.write_options = destination.write_options;
  return both;
}

}  // namespace detail
}  // namespace sluice

// The identity note is data of the file, readable without running any of its code (see abi.h).
#define SLUICE_ENTRY(...)                                                    \
  namespace {                                                                \
  constexpr ::sluice::detail::Description kSluiceDescription = __VA_ARGS__;  \
  SLUICE_NOTE_ATTRIBUTES constexpr auto kSluiceNote =                        \
      ::sluice::detail::make_note<kSluiceDescription>();                     \
  }                                                                          \
  extern "C" __attribute__((visibility("default"))) const sluice_connector*  \
  sluice_connector_entry(std::uint32_t abi_major);                           \
  const sluice_connector* sluice_connector_entry(std::uint32_t abi_major) {  \
    return ::sluice::detail::connector_table<kSluiceDescription>(abi_major); \
  }
#define SLUICE_SOURCE(Class) SLUICE_ENTRY(::sluice::detail::describe_source<Class>())
#define SLUICE_DESTINATION(Class) SLUICE_ENTRY(::sluice::detail::describe_destination<Class>())
// Both roles in one plugin; id, version and spec are the source's. An instance makes a role when it
// is first used.
#define SLUICE_CONNECTOR(SourceT, DestinationT) \
  SLUICE_ENTRY((::sluice::detail::describe_both<SourceT, DestinationT>()))
