// Turns a class into a plugin: put SLUICE_SOURCE(Class), SLUICE_DESTINATION(Class) or SLUICE_CONNECTOR(Source,
// Destination) once at the bottom of one source file.
//
// The class states who it is and how it is configured:
//
//   static constexpr auto kId = "billing";          // file libsluice_billing.so; [a-z][a-z0-9_]*
//   static constexpr auto kVersion = "0.1.0";
//   static Spec spec();
//   explicit Billing(const Config&);                 // no network here
//   static constexpr bool kLookup = true;            // optional: Source::lookup is offered
//   static constexpr bool kPrepare = true;           // optional: Destination::prepare does something
//   static constexpr bool kReceipts = true;          // optional: Writer::write may answer `pending`
//   static constexpr bool kRemoteLookup = true;      // optional: Writer::lookup is offered
#pragma once

#include <sluice/abi.h>
#include <sluice/destination.hpp>
#include <sluice/source.hpp>

#include <concepts>
#include <memory>

namespace sluice {

template <typename T>
concept ConnectorClass = std::constructible_from<T, const Config&> && requires {
  { T::kId } -> std::convertible_to<const char*>;
  { T::kVersion } -> std::convertible_to<const char*>;
  { T::spec() } -> std::same_as<Spec>;
};
template <typename T>
concept SourceClass = ConnectorClass<T> && std::derived_from<T, Source>;
template <typename T>
concept DestinationClass = ConnectorClass<T> && std::derived_from<T, Destination>;

namespace detail {

// What the thunks need to know about a connector's classes.
struct Description {
  const char* id;
  const char* version;
  Spec (*spec)();
  std::unique_ptr<Source> (*make_source)(const Config&);            // nullptr: not a source
  std::unique_ptr<Destination> (*make_destination)(const Config&);  // nullptr: not a destination
  std::uint64_t capabilities;
};

// Fills the table on first use. Threads: [any thread].
const sluice_connector* connector_table(const Description& description, std::uint32_t abi_major);

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
  if constexpr (requires { T::kRemoteLookup; }) bits |= T::kRemoteLookup ? SLUICE_CAP_DESTINATION_LOOKUP : 0;
  return bits;
}

template <SourceClass T>
constexpr Description describe_source() {
  return {T::kId, T::kVersion, &T::spec,
          [](const Config& config) -> std::unique_ptr<Source> { return std::make_unique<T>(config); },
          nullptr, source_capabilities<T>()};
}

template <DestinationClass T>
constexpr Description describe_destination() {
  return {T::kId, T::kVersion, &T::spec, nullptr,
          [](const Config& config) -> std::unique_ptr<Destination> { return std::make_unique<T>(config); },
          destination_capabilities<T>()};
}

template <SourceClass S, DestinationClass D>
constexpr Description describe_both() {
  return {S::kId, S::kVersion, &S::spec,
          [](const Config& config) -> std::unique_ptr<Source> { return std::make_unique<S>(config); },
          [](const Config& config) -> std::unique_ptr<Destination> { return std::make_unique<D>(config); },
          source_capabilities<S>() | destination_capabilities<D>()};
}

}  // namespace detail
}  // namespace sluice

#define SLUICE_ENTRY(description)                                                              \
  extern "C" __attribute__((visibility("default"))) const sluice_connector*                   \
  sluice_connector_entry(std::uint32_t abi_major) {                                            \
    static constexpr ::sluice::detail::Description kDescription = description;                 \
    return ::sluice::detail::connector_table(kDescription, abi_major);                         \
  }
#define SLUICE_SOURCE(Class) SLUICE_ENTRY(::sluice::detail::describe_source<Class>())
#define SLUICE_DESTINATION(Class) SLUICE_ENTRY(::sluice::detail::describe_destination<Class>())
// Both roles in one plugin; id, version and spec are the source's. An instance makes a role when it is first used.
#define SLUICE_CONNECTOR(SourceT, DestinationT) \
  SLUICE_ENTRY((::sluice::detail::describe_both<SourceT, DestinationT>()))
