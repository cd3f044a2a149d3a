// The table of functions that a loaded plugin hands over, and what its `spec` answers. Input: which
// functions are there (4 bytes) and what `spec` returns (1), how many bytes the table has (2), its
// first fields, the spec.
#include <sluice/abi.h>

#include <cstddef>
#include <cstring>
#include <memory>

#include "connector/handshake.hpp"
#include "fuzz.hpp"

namespace {

namespace host = sluice::host;
namespace json = sluice::json;
using sluice::Code;
using sluice::fuzz::answered;
using sluice::fuzz::must;

std::string_view spec_text;
sluice_code spec_code = SLUICE_OK;

sluice_code spec(sluice_buffer* answer, sluice_failure* failure) {
  sluice_buffer* const to = spec_code == SLUICE_OK ? answer : &failure->message;
  *to = {spec_text.data(), spec_text.size(), nullptr, nullptr};
  return spec_code;
}

// Never called: only whether they are there is looked at.
template <typename Function>
void offer(Function& function, std::uint32_t bits, unsigned bit) {
  static char place = 0;
  if ((bits >> bit & 1U) != 0) function = reinterpret_cast<Function>(&place);
}

struct Table {
  sluice_connector fields{};
  std::uint32_t functions = 0;

  explicit Table(std::uint32_t bits) : functions{bits} {
    if ((bits & 1U) != 0) fields.spec = spec;
    offer(fields.create, bits, 1);
    offer(fields.destroy, bits, 2);
    offer(fields.cancel, bits, 3);
    offer(fields.check, bits, 4);
    offer(fields.discover, bits, 5);
    offer(fields.open_reader, bits, 6);
    offer(fields.read, bits, 7);
    offer(fields.close_reader, bits, 8);
    offer(fields.lookup_records, bits, 9);
    offer(fields.prepare, bits, 10);
    offer(fields.open_writer, bits, 11);
    offer(fields.write, bits, 12);
    offer(fields.poll, bits, 13);
    offer(fields.flush, bits, 14);
    offer(fields.close_writer, bits, 15);
    offer(fields.lookup_remote, bits, 16);
    offer(fields.get_extension, bits, 17);
    offer(fields.estimate, bits, 18);
  }
};

// What the contract says, in other words than the code under test: the functions of each
// capability, by their bit in the input.
bool is_acceptable(const sluice_connector& table, std::uint32_t functions,
                   std::uint64_t capabilities) {
  const auto all = [&](std::uint32_t bits) { return (functions & bits) == bits; };
  const auto promised = [&](std::uint64_t capability, std::uint32_t bits) {
    return (capabilities & capability) == 0 || all(bits);
  };
  return table.magic == SLUICE_ABI_MAGIC && table.abi_major == SLUICE_ABI_MAJOR &&
         table.struct_size >= offsetof(sluice_connector, spec) &&
         table.min_host_minor <= SLUICE_ABI_MINOR && table.capabilities == capabilities &&
         all(0x3FU) && promised(SLUICE_CAP_SOURCE, 0x1C0U) &&
         promised(SLUICE_CAP_SOURCE_LOOKUP, 1U << 9U) && promised(SLUICE_CAP_PREPARE, 1U << 10U) &&
         promised(SLUICE_CAP_DESTINATION, 0xD800U) && promised(SLUICE_CAP_RECEIPTS, 1U << 13U) &&
         promised(SLUICE_CAP_DESTINATION_LOOKUP, 1U << 16U) &&
         promised(SLUICE_CAP_ESTIMATE, 1U << 18U) &&
         (capabilities & (SLUICE_CAP_SOURCE | SLUICE_CAP_DESTINATION)) != 0;
}

// The bits of the functions that lie within the table's size.
std::uint32_t within(std::uint32_t functions, std::size_t size) {
  const sluice_connector* const none = nullptr;
  static_cast<void>(none);
  const std::size_t ends[] = {offsetof(sluice_connector, create),
                              offsetof(sluice_connector, destroy),
                              offsetof(sluice_connector, cancel),
                              offsetof(sluice_connector, check),
                              offsetof(sluice_connector, discover),
                              offsetof(sluice_connector, open_reader),
                              offsetof(sluice_connector, read),
                              offsetof(sluice_connector, close_reader),
                              offsetof(sluice_connector, lookup_records),
                              offsetof(sluice_connector, prepare),
                              offsetof(sluice_connector, open_writer),
                              offsetof(sluice_connector, write),
                              offsetof(sluice_connector, poll),
                              offsetof(sluice_connector, flush),
                              offsetof(sluice_connector, close_writer),
                              offsetof(sluice_connector, lookup_remote),
                              offsetof(sluice_connector, get_extension),
                              offsetof(sluice_connector, estimate),
                              sizeof(sluice_connector)};
  std::uint32_t there = 0;
  for (unsigned bit = 0; bit < std::size(ends); ++bit) {
    if (ends[bit] <= size) there |= functions & 1U << bit;
  }
  return there;
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sluice::fuzz::Input input{data, size};
  const auto functions = input.number<std::uint32_t>();
  spec_code = input.number<std::uint8_t>() % 16;
  // The first fields are there in every table: without them no size can be read.
  constexpr std::size_t kHead = offsetof(sluice_connector, spec);
  const auto bytes = std::max(
      kHead, std::min<std::size_t>(input.number<std::uint16_t>(), sizeof(sluice_connector)));
  Table table{functions};
  table.fields.magic = input.number<std::uint64_t>();
  table.fields.struct_size =
      std::min(input.number<std::uint32_t>(), static_cast<std::uint32_t>(bytes));
  table.fields.abi_major = input.number<std::uint16_t>();
  table.fields.abi_minor = input.number<std::uint16_t>();
  table.fields.min_host_minor = input.number<std::uint16_t>();
  table.fields.capabilities = input.number<std::uint64_t>();
  host::PluginFile plugin;
  plugin.path = "/nonexistent/libsluice_x.so";
  plugin.id = "x";
  plugin.capabilities = input.number<std::uint64_t>();
  table.fields.id = "x";
  spec_text = input.rest();

  // Of its own size, so that reading beyond it is seen.
  const auto memory = std::make_unique<std::byte[]>(bytes);
  std::memcpy(memory.get(), &table.fields, bytes);
  const auto* given = reinterpret_cast<const sluice_connector*>(memory.get());
  const auto copy = answered([&] { return host::checked_table(given, plugin); }, {Code::Config});
  const auto there = within(functions, table.fields.struct_size);
  must(copy.has_value() == is_acceptable(table.fields, there, plugin.capabilities),
       "a table is accepted if and only if it keeps the contract");
  if (!copy) return 0;
  must((copy->estimate != nullptr) == ((there >> 18U & 1U) != 0),
       "what lies beyond the table's size is not there");

  std::string why;
  const auto answer =
      answered([&] { return host::checked_spec(*copy, plugin); },
               {Code::Config, Code::Auth, Code::NotFound, Code::RateLimited, Code::Transient,
                Code::Rejected, Code::CursorInvalid, Code::SchemaMismatch, Code::Cancelled,
                Code::Unsupported, Code::Internal},
               &why);
  must(why.find('\n') == std::string::npos && why.size() < 6000, "a refusal is one readable line");
  must(!answer || spec_code == SLUICE_OK, "a failing `spec` has no answer");
  if (answer)
    must(answer->at("id") == "x" && answer->at("config").is_object(), "a spec names its connector");
  return 0;
}
