#include "connector/handshake.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>

#include "plugins.hpp"

namespace sluice::host {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

PluginFile file(std::uint64_t capabilities) {
  PluginFile plugin;
  plugin.path = "/plugins/libsluice_x.so";
  plugin.id = "x";
  plugin.capabilities = capabilities;
  return plugin;
}

// The smallest source.
sluice_connector source() {
  sluice_connector table{};
  table.magic = SLUICE_ABI_MAGIC;
  table.struct_size = sizeof table;
  table.abi_major = SLUICE_ABI_MAJOR;
  table.abi_minor = SLUICE_ABI_MINOR;
  table.capabilities = SLUICE_CAP_SOURCE;
  table.id = "x";
  table.spec = [](sluice_buffer*, sluice_failure*) -> sluice_code { return SLUICE_OK; };
  table.create = [](const sluice_host*, sluice_slice, sluice_instance**,
                    sluice_failure*) -> sluice_code { return SLUICE_OK; };
  table.destroy = [](sluice_instance*) {};
  table.cancel = [](sluice_instance*) {};
  table.check = [](sluice_instance*, sluice_buffer*, sluice_failure*) -> sluice_code {
    return SLUICE_OK;
  };
  table.discover = table.check;
  table.open_reader = [](sluice_instance*, sluice_slice, sluice_reader**,
                         sluice_failure*) -> sluice_code { return SLUICE_OK; };
  table.read = [](sluice_reader*, sluice_page*, sluice_failure*) -> sluice_code {
    return SLUICE_OK;
  };
  table.close_reader = [](sluice_reader*) {};
  return table;
}

std::string refusal(const sluice_connector* table,
                    const PluginFile& plugin = file(SLUICE_CAP_SOURCE)) {
  const auto error = error_of([&] { (void)checked_table(table, plugin); });
  EXPECT_EQ(error.code(), Code::Config);
  return error.what();
}

TEST(Handshake, AcceptsTheSmallestSource) {
  const auto table = source();
  EXPECT_NE(checked_table(&table, file(SLUICE_CAP_SOURCE)).read, nullptr);
}

TEST(Handshake, NamesThePluginAndItsFile) {
  EXPECT_EQ(refusal(nullptr),
            "connector 'x' (/plugins/libsluice_x.so) cannot be used: sluice_connector_entry offers "
            "no table for ABI 1");
}

TEST(Handshake, FieldsBeyondTheTableReadAsNull) {
  auto table = source();
  table.poll = [](sluice_writer*, sluice_slice, sluice_buffer*, sluice_failure*) -> sluice_code {
    return SLUICE_OK;
  };
  table.struct_size = offsetof(sluice_connector, poll);
  EXPECT_EQ(checked_table(&table, file(SLUICE_CAP_SOURCE)).poll, nullptr);
}

TEST(Handshake, ALargerTableOfALaterSdkIsReadAsFarAsItIsKnown) {
  struct Later {
    sluice_connector table;
    void* more[8];
  };
  Later later{source(), {}};
  later.table.struct_size = sizeof later;
  EXPECT_NO_THROW((void)checked_table(&later.table, file(SLUICE_CAP_SOURCE)));
}

TEST(Handshake, TakesEveryMinorVersionThatTakesThisHost) {
  auto table = source();
  table.abi_minor = SLUICE_ABI_MINOR + 3;
  EXPECT_NO_THROW((void)checked_table(&table, file(SLUICE_CAP_SOURCE)));
  table.min_host_minor = SLUICE_ABI_MINOR + 1;
  EXPECT_THAT(refusal(&table), HasSubstr("it needs a newer sluice"));
}

TEST(Handshake, RefusesOtherMajorVersionsAndSaysWhichSideIsOld) {
  EXPECT_EQ(abi_mismatch(1, 9), "");
  EXPECT_EQ(abi_mismatch(0, 1),
            "built for ABI 0.1, this sluice has 1.0: rebuild it with the SDK of this version");
  EXPECT_EQ(abi_mismatch(2, 0),
            "built for ABI 2.0, this sluice has 1.0: install a newer sluice, or rebuild it with "
            "the SDK of this version");
}

TEST(Handshake, RefusesATableWithoutRoomForItsIdentity) {
  auto table = source();
  table.struct_size = 16;
  EXPECT_THAT(refusal(&table), EndsWith("its table is cut short (16 bytes)"));
}

TEST(Handshake, RefusesAMissingIdAndAMissingFunction) {
  auto table = source();
  table.id = nullptr;
  EXPECT_THAT(refusal(&table), HasSubstr("its table says ''"));
  table = source();
  table.discover = nullptr;
  EXPECT_THAT(refusal(&table), EndsWith("it has no discover"));
}

TEST(Handshake, EachCapabilityNeedsItsFunctions) {
  const std::pair<std::uint64_t, const char*> cases[] = {
      {SLUICE_CAP_DESTINATION, "it says Destination but has no open_writer"},
      {SLUICE_CAP_SOURCE_LOOKUP, "it says SourceLookup but has no lookup_records"},
      {SLUICE_CAP_PREPARE, "it says Prepare but has no prepare"},
      {SLUICE_CAP_RECEIPTS, "it says Receipts but has no poll"},
      {SLUICE_CAP_DESTINATION_LOOKUP, "it says DestinationLookup but has no lookup_remote"},
      {SLUICE_CAP_ESTIMATE, "it says Estimate but has no estimate"},
      {SLUICE_CAP_SCREEN, "it says Screen but has no screen"},
      {SLUICE_CAP_VERIFY, "it says Verify but has no verify"},
  };
  for (const auto& [capability, message] : cases) {
    auto table = source();
    table.capabilities |= capability;
    EXPECT_THAT(refusal(&table, file(table.capabilities)), EndsWith(message));
  }
}

TEST(Handshake, RefusesWhatIsNeitherSourceNorDestination) {
  auto table = source();
  table.capabilities = 0;
  EXPECT_THAT(refusal(&table, file(0)), EndsWith("it is neither a source nor a destination"));
}

TEST(Handshake, RefusesCapabilitiesThatDifferFromTheFiles) {
  const auto table = source();
  EXPECT_THAT(refusal(&table, file(SLUICE_CAP_SOURCE | SLUICE_CAP_PREPARE)),
              EndsWith("the capabilities in its file and in its table differ: rebuild it"));
}

}  // namespace
}  // namespace sluice::host
