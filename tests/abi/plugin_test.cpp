// Plugins as files: loaded with dlopen and driven through the C table alone.
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <sluice/abi.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "c_host.hpp"

extern "C" sluice_code sluice_c_spec(const sluice_connector* connector, sluice_buffer* spec,
                                     sluice_failure* failure);

namespace sluice::testing {
namespace {

using ::testing::HasSubstr;

sluice_connector_entry_fn entry_of(const std::string& path) {
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw std::runtime_error{::dlerror()};
  return reinterpret_cast<sluice_connector_entry_fn>(::dlsym(library, SLUICE_ENTRY_NAME));
}

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe{::popen(command.c_str(), "r"), &::pclose};
  std::string text;
  std::array<char, 4096> block{};
  while (const auto count = std::fread(block.data(), 1, block.size(), pipe.get())) {
    text.append(block.data(), count);
  }
  return text;
}

TEST(Plugin, EntryAnswersTheSameTableToEveryThread) {
  const auto entry = entry_of(SLUICE_FILE_PLUGIN);
  ASSERT_NE(entry, nullptr);
  std::vector<const sluice_connector*> tables(8);
  {
    std::vector<std::jthread> threads;
    for (auto& table : tables) threads.emplace_back([&] { table = entry(SLUICE_ABI_MAJOR); });
  }
  for (const auto* table : tables) EXPECT_EQ(table, tables.front());
  EXPECT_EQ(entry(99), nullptr);
}

TEST(Plugin, NoteIsReadableWithoutTheLibrary) {
  const auto notes = output_of(SLUICE_READELF " --notes --wide " SLUICE_FILE_PLUGIN);
  EXPECT_THAT(notes, HasSubstr("Sluice"));
  const auto text = output_of(SLUICE_READELF " --string-dump=.note.sluice " SLUICE_FILE_PLUGIN);
  EXPECT_THAT(text, HasSubstr(R"({"abi":[1,0],"id":"file","version":"0.1.0",)"));
  const auto headers = output_of(SLUICE_READELF " --program-headers --wide " SLUICE_FILE_PLUGIN);
  EXPECT_THAT(headers, ::testing::ContainsRegex("\n   0[0-9] +[^\n]*\\.note\\.sluice"));
  EXPECT_THAT(output_of(SLUICE_READELF " --dynamic --wide " SLUICE_FILE_PLUGIN),
              HasSubstr("NODELETE"));
}

TEST(Plugin, SpecIsReadableFromC) {
  CHost host;
  Buffer spec;
  ASSERT_EQ(
      sluice_c_spec(entry_of(SLUICE_FILE_PLUGIN)(SLUICE_ABI_MAJOR), spec.out(), host.failure()),
      SLUICE_OK);
  EXPECT_EQ(spec.json().at("id"), "file");
}

class FilePlugin : public ::testing::Test {
 protected:
  FilePlugin() {
    auto pattern = (std::filesystem::temp_directory_path() / "sluice-abi-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"no temporary directory"};
    folder = pattern;
  }
  ~FilePlugin() override { std::filesystem::remove_all(folder); }
  [[nodiscard]] std::string config(const std::string& name) const {
    return to_json(json::object{{"path", (folder / name).string()}});
  }

  std::filesystem::path folder;
  CHost host;
  const sluice_connector& table = *entry_of(SLUICE_FILE_PLUGIN)(SLUICE_ABI_MAJOR);
};

TEST_F(FilePlugin, CopiesAFileThroughTheTable) {
  std::ofstream{folder / "in"} << "{\"id\":\"a\",\"n\":1.10}\n{\"id\":\"b\"}\n";
  const Instance source{host, table, config("in")};
  Buffer account;
  ASSERT_EQ(table.check(source.get(), account.out(), host.failure()), SLUICE_OK) << host.message();
  EXPECT_THAT(account.text(), HasSubstr("\"account_id\":\"file:"));

  sluice_reader* reader = nullptr;
  ASSERT_EQ(table.open_reader(source.get(), slice(R"({"stream":"records","mode":"full"})"), &reader,
                              host.failure()),
            SLUICE_OK);
  sluice_page page{};
  ASSERT_EQ(table.read(reader, &page, host.failure()), SLUICE_OK);
  EXPECT_EQ(page.count, 2U);
  EXPECT_EQ(page.flags, static_cast<unsigned>(SLUICE_PAGE_END | SLUICE_PAGE_COMPLETE));
  std::istringstream records{Buffer::take(page.records)};
  Buffer::take(page.cursor);
  table.close_reader(reader);

  std::string batch;
  for (std::string line; std::getline(records, line);) {
    const auto record = parse_json(line).as_object();
    batch += to_json(json::object{
                 {"op", "upsert"}, {"key", record.at("key")}, {"fields", record.at("data")}}) +
             "\n";
  }
  const Instance destination{host, table, config("out")};
  sluice_writer* writer = nullptr;
  Buffer limits;
  ASSERT_EQ(table.open_writer(destination.get(),
                              slice(R"({"object":"records","match":"id","mode":"upsert"})"),
                              &writer, limits.out(), host.failure()),
            SLUICE_OK);
  Buffer outcomes;
  ASSERT_EQ(table.write(writer, slice(batch), outcomes.out(), host.failure()), SLUICE_OK);
  EXPECT_EQ(outcomes.text(),
            "{\"index\":0,\"status\":\"ok\",\"effect\":\"created\"}\n"
            "{\"index\":1,\"status\":\"ok\",\"effect\":\"created\"}\n");
  EXPECT_EQ(table.flush(writer, host.failure()), SLUICE_OK);
  Buffer rows;
  ASSERT_EQ(table.lookup_remote(writer, slice(R"({"keys":["a"]})"), rows.out(), host.failure()),
            SLUICE_OK);
  EXPECT_EQ(rows.text(), "{\"key\":\"a\",\"found\":true,\"fields\":{\"id\":\"a\",\"n\":1.1}}\n");
  table.close_writer(writer);
  std::ostringstream written;
  written << std::ifstream{folder / "out"}.rdbuf();
  EXPECT_EQ(written.str(), "{\"id\":\"a\",\"n\":1.1}\n{\"id\":\"b\"}\n");
}

TEST_F(FilePlugin, ReportsErrorsWithCodeAndPlace) {
  std::ofstream{folder / "in"} << "nonsense\n";
  const Instance source{host, table, config("in")};
  sluice_reader* reader = nullptr;
  EXPECT_EQ(
      table.open_reader(source.get(), slice(R"({"stream":"other"})"), &reader, host.failure()),
      SLUICE_NOT_FOUND);
  ASSERT_EQ(
      table.open_reader(source.get(), slice(R"({"stream":"records"})"), &reader, host.failure()),
      SLUICE_OK);
  sluice_page page{};
  EXPECT_EQ(table.read(reader, &page, host.failure()), SLUICE_SCHEMA_MISMATCH);
  EXPECT_THAT(host.message(), HasSubstr("in:1: invalid JSON"));
  EXPECT_EQ(page.records.data, nullptr);
  table.cancel(source.get());
  EXPECT_EQ(table.read(reader, &page, host.failure()), SLUICE_CANCELLED);
  table.close_reader(reader);
}

class Variant : public ::testing::TestWithParam<const char*> {};

TEST_P(Variant, BehavesAsEveryOtherBuild) {
  const auto path = std::string{SLUICE_VARIANT_DIRECTORY} + "/" + GetParam() + "/libsluice_echo.so";
  const auto& table = *entry_of(path)(SLUICE_ABI_MAJOR);
  EXPECT_THAT(output_of(SLUICE_READELF " --string-dump=.note.sluice " + path),
              HasSubstr(R"("id":"echo")"));

  CHost host;
  const Instance instance{host, table, R"({"texts":["one text that is not short at all","two"]})"};
  Buffer account;
  ASSERT_EQ(table.check(instance.get(), account.out(), host.failure()), SLUICE_OK)
      << host.message();
  EXPECT_THAT(host.lines.back(), HasSubstr("too long for a small string"));
  sluice_reader* reader = nullptr;
  ASSERT_EQ(
      table.open_reader(instance.get(), slice(R"({"stream":"texts"})"), &reader, host.failure()),
      SLUICE_OK);
  sluice_page page{};
  ASSERT_EQ(table.read(reader, &page, host.failure()), SLUICE_OK);
  EXPECT_THAT(Buffer::take(page.records),
              HasSubstr(R"("data":{"text":"one text that is not short at all","number":0.1})"));
  Buffer::take(page.cursor);
  EXPECT_EQ(host.progress.back(), R"({"records":2})");
  table.close_reader(reader);

  const Instance refused{host, table, R"({"texts":["auth"]})"};
  EXPECT_EQ(table.check(refused.get(), account.out(), host.failure()), SLUICE_AUTH);
  EXPECT_EQ(host.message(), "the texts are refused");
  const Instance broken{host, table, "{}"};
  EXPECT_EQ(table.check(broken.get(), account.out(), host.failure()), SLUICE_INTERNAL);
  EXPECT_EQ(host.message(), "the connector threw an exception of type int");
}

std::vector<const char*> variants() {
  return {
#ifdef SLUICE_VARIANT_old_string_abi
      "old_string_abi",
#endif
#ifdef SLUICE_VARIANT_checked_library
      "checked_library",
#endif
#ifdef SLUICE_VARIANT_other_compiler
      "other_compiler",
#endif
  };
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Variant);
INSTANTIATE_TEST_SUITE_P(Builds, Variant, ::testing::ValuesIn(variants()),
                         [](const auto& built) { return std::string{built.param}; });

}  // namespace
}  // namespace sluice::testing
