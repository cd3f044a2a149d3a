// What SLUICE_SOURCE, SLUICE_DESTINATION and SLUICE_CONNECTOR ask of a class, so that the compiler
// says what it expected. Authors do not use this directly.
#pragma once

#include <concepts>
#include <memory>
#include <sluice/destination.hpp>
#include <sluice/source.hpp>
#include <string>
#include <vector>

namespace sluice::detail {

template <typename T>
concept HasId = requires {
  { T::kId } -> std::convertible_to<const char*>;
};
template <typename T>
concept HasVersion = requires {
  { T::kVersion } -> std::convertible_to<const char*>;
};
template <typename T>
concept HasSpec = requires {
  { T::spec() } -> std::same_as<Spec>;
};
// Not std::constructible_from: that is false for an abstract class as well, which has its own
// words.
template <typename T>
concept TakesConfig = std::is_abstract_v<T> || std::constructible_from<T, const Config&>;

template <typename T>
concept HasCheck = requires {
  static_cast<Account (T::*)(Context&)>(&T::check);
};
template <typename T>
concept HasStreams = requires {
  static_cast<std::vector<Stream> (T::*)(Context&)>(&T::discover);
};
template <typename T>
concept HasObjects = requires {
  static_cast<std::vector<Object> (T::*)(Context&)>(&T::discover);
};
template <typename T>
concept OpensReader = requires {
  static_cast<std::unique_ptr<Reader> (T::*)(Context&, ReadRequest)>(&T::open);
};
template <typename T>
concept OpensWriter = requires {
  static_cast<std::unique_ptr<Writer> (T::*)(Context&, WriteRequest)>(&T::open);
};

// The function is the SDK's own, which offers nothing.
template <typename T>
concept InheritsLookup = requires {
  requires std::same_as<decltype(&T::lookup),
                        RecordBatch (Source::*)(Context&, const ReadRequest&,
                                                const std::vector<std::string>&)>;
};
template <typename T>
concept InheritsPrepare = requires {
  requires std::same_as < decltype(&T::prepare), std::vector<PreparedField>(Destination::*)
  (Context&, const PrepareRequest&) > ;
};

// Whether a capability that the class may declare agrees with the function behind it.
template <typename T>
constexpr bool lookup_agrees() {
  if constexpr (requires { T::kLookup; })
    return !T::kLookup || !InheritsLookup<T>;
  else
    return InheritsLookup<T>;
}
template <typename T>
constexpr bool prepare_agrees() {
  if constexpr (requires { T::kPrepare; })
    return !T::kPrepare || !InheritsPrepare<T>;
  else
    return InheritsPrepare<T>;
}

template <typename T>
consteval void require_connector() {
  static_assert(HasId<T>,
                "expected in the connector's class, public: static constexpr auto kId = \"name\";");
  static_assert(
      HasVersion<T>,
      "expected in the connector's class, public: static constexpr auto kVersion = \"0.1.0\";");
  static_assert(HasSpec<T>, "expected in the connector's class, public: static Spec spec();");
  static_assert(TakesConfig<T>,
                "expected in the connector's class, public: explicit Class(const Config& config);");
}

template <typename T>
consteval bool require_source() {
  require_connector<T>();
  static_assert(std::derived_from<T, Source>,
                "expected: class Class : public Source, for SLUICE_SOURCE");
  if constexpr (std::derived_from<T, Source>) {
    static_assert(HasCheck<T>, "expected in the source, public: Account check(Context&) override;");
    static_assert(
        HasStreams<T>,
        "expected in the source, public: std::vector<Stream> discover(Context&) override;");
    static_assert(OpensReader<T>,
                  "expected in the source, public: "
                  "std::unique_ptr<Reader> open(Context&, ReadRequest) override;");
    static_assert(!std::is_abstract_v<T>,
                  "expected in the source, all three of: Account check(Context&) override; "
                  "std::vector<Stream> discover(Context&) override; "
                  "std::unique_ptr<Reader> open(Context&, ReadRequest) override;");
    static_assert(lookup_agrees<T>(),
                  "expected in the source, both or none of: static constexpr bool kLookup = true; "
                  "RecordBatch lookup(Context&, const ReadRequest&, "
                  "const std::vector<std::string>&) override;");
    return !std::is_abstract_v<T>;
  }
  return false;
}

template <typename T>
consteval bool require_destination() {
  require_connector<T>();
  static_assert(std::derived_from<T, Destination>,
                "expected: class Class : public Destination, for SLUICE_DESTINATION");
  if constexpr (std::derived_from<T, Destination>) {
    static_assert(HasCheck<T>,
                  "expected in the destination, public: Account check(Context&) override;");
    static_assert(
        HasObjects<T>,
        "expected in the destination, public: std::vector<Object> discover(Context&) override;");
    static_assert(OpensWriter<T>,
                  "expected in the destination, public: "
                  "std::unique_ptr<Writer> open(Context&, WriteRequest) override;");
    static_assert(!std::is_abstract_v<T>,
                  "expected in the destination, all three of: Account check(Context&) override; "
                  "std::vector<Object> discover(Context&) override; "
                  "std::unique_ptr<Writer> open(Context&, WriteRequest) override;");
    static_assert(prepare_agrees<T>(),
                  "expected in the destination, both or none of: "
                  "static constexpr bool kPrepare = true; std::vector<PreparedField> "
                  "prepare(Context&, const PrepareRequest&) override;");
    return !std::is_abstract_v<T>;
  }
  return false;
}

}  // namespace sluice::detail
