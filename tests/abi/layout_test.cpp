// Pins the layout that plugins in the field are built with. A change here is a change of the ABI.
#include <gtest/gtest.h>
#include <sluice/abi.h>

#include <cstring>
#include <type_traits>

namespace {

#define EXPECT_OFFSET(type, member, offset) \
  static_assert(offsetof(type, member) == (offset), #type "::" #member " has moved")

EXPECT_OFFSET(sluice_slice, size, 8);
static_assert(sizeof(sluice_slice) == 16);

EXPECT_OFFSET(sluice_buffer, size, 8);
EXPECT_OFFSET(sluice_buffer, owner, 16);
EXPECT_OFFSET(sluice_buffer, release, 24);
static_assert(sizeof(sluice_buffer) == 32);

EXPECT_OFFSET(sluice_failure, code, 0);
EXPECT_OFFSET(sluice_failure, retry_after_ms, 8);
EXPECT_OFFSET(sluice_failure, message, 16);
static_assert(sizeof(sluice_failure) == 48);

EXPECT_OFFSET(sluice_rate, class_name, 16);
EXPECT_OFFSET(sluice_rate, requests, 32);
EXPECT_OFFSET(sluice_rate, window_ms, 36);
static_assert(sizeof(sluice_rate) == 40);

EXPECT_OFFSET(sluice_host, struct_size, 0);
EXPECT_OFFSET(sluice_host, abi_major, 4);
EXPECT_OFFSET(sluice_host, abi_minor, 6);
EXPECT_OFFSET(sluice_host, self, 8);
EXPECT_OFFSET(sluice_host, log, 16);
EXPECT_OFFSET(sluice_host, acquire, 24);
EXPECT_OFFSET(sluice_host, back_off, 32);
EXPECT_OFFSET(sluice_host, progress, 40);
EXPECT_OFFSET(sluice_host, get_extension, 48);
static_assert(sizeof(sluice_host) == 56);

EXPECT_OFFSET(sluice_page, cursor, 32);
EXPECT_OFFSET(sluice_page, count, 64);
EXPECT_OFFSET(sluice_page, flags, 68);
static_assert(sizeof(sluice_page) == 72);

EXPECT_OFFSET(sluice_connector, magic, 0);
EXPECT_OFFSET(sluice_connector, struct_size, 8);
EXPECT_OFFSET(sluice_connector, abi_major, 12);
EXPECT_OFFSET(sluice_connector, abi_minor, 14);
EXPECT_OFFSET(sluice_connector, min_host_minor, 16);
EXPECT_OFFSET(sluice_connector, reserved, 18);
EXPECT_OFFSET(sluice_connector, reserved2, 20);
EXPECT_OFFSET(sluice_connector, capabilities, 24);
EXPECT_OFFSET(sluice_connector, id, 32);
EXPECT_OFFSET(sluice_connector, version, 40);
EXPECT_OFFSET(sluice_connector, sdk_version, 48);
EXPECT_OFFSET(sluice_connector, build_info, 56);
EXPECT_OFFSET(sluice_connector, spec, 64);
EXPECT_OFFSET(sluice_connector, create, 72);
EXPECT_OFFSET(sluice_connector, destroy, 80);
EXPECT_OFFSET(sluice_connector, cancel, 88);
EXPECT_OFFSET(sluice_connector, check, 96);
EXPECT_OFFSET(sluice_connector, discover, 104);
EXPECT_OFFSET(sluice_connector, open_reader, 112);
EXPECT_OFFSET(sluice_connector, read, 120);
EXPECT_OFFSET(sluice_connector, close_reader, 128);
EXPECT_OFFSET(sluice_connector, lookup_records, 136);
EXPECT_OFFSET(sluice_connector, prepare, 144);
EXPECT_OFFSET(sluice_connector, open_writer, 152);
EXPECT_OFFSET(sluice_connector, write, 160);
EXPECT_OFFSET(sluice_connector, poll, 168);
EXPECT_OFFSET(sluice_connector, flush, 176);
EXPECT_OFFSET(sluice_connector, close_writer, 184);
EXPECT_OFFSET(sluice_connector, lookup_remote, 192);
EXPECT_OFFSET(sluice_connector, get_extension, 200);
EXPECT_OFFSET(sluice_connector, estimate, 208);
EXPECT_OFFSET(sluice_connector, screen, 216);
EXPECT_OFFSET(sluice_connector, verify, 224);
static_assert(sizeof(sluice_connector) == 232);

static_assert(std::is_standard_layout_v<sluice_connector> && std::is_trivial_v<sluice_connector>);

TEST(AbiLayout, MagicSpellsItsName) {
  const std::uint64_t magic = SLUICE_ABI_MAGIC;
  EXPECT_EQ(std::memcmp(&magic, "SLCEABI0", sizeof(magic)), 0);
}

TEST(AbiLayout, CodesKeepTheirNumbers) {
  EXPECT_EQ(SLUICE_OK, 0);
  EXPECT_EQ(SLUICE_TRANSIENT, 5);
  EXPECT_EQ(SLUICE_CANCELLED, 9);
  EXPECT_EQ(SLUICE_INTERNAL, 11);
}

}  // namespace
