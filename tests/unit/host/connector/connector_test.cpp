// What holds for a connector whether it runs in a worker or in this process.
#include "connector/connector.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sluice/abi.h>

#include <thread>

#include "plugins.hpp"

namespace sluice::host {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

const json::object kRows{{"stream", "rows"}, {"mode", "full"}, {"options", json::object{}}};
const json::object kInto{
    {"object", "rows"}, {"match", "key"}, {"mode", "upsert"}, {"options", json::object{}}};

class EachMode : public ::testing::TestWithParam<RunMode> {
 protected:
  std::unique_ptr<Connector> start(std::string_view id, const json::object& config = {}) {
    return start_connector(test_catalog().find(id), config, services_, GetParam());
  }

  Error start_error(std::string_view id, const json::object& config = {}) {
    return error_of([&] { (void)start(id, config); });
  }

  RecordingServices services_;
};

INSTANTIATE_TEST_SUITE_P(Connector, EachMode,
                         ::testing::Values(RunMode::InProcess, RunMode::Worker),
                         [](const auto& mode) {
                           return mode.param == RunMode::Worker ? "Worker" : "InProcess";
                         });

TEST_P(EachMode, ReadsTheSpec) {
  const auto spec = read_spec(test_catalog().find("good"), GetParam());
  EXPECT_EQ(spec.at("id"), "good");
  EXPECT_TRUE(spec.at("config").is_object());
}

TEST_P(EachMode, ReadsPagesUntilTheEnd) {
  const auto connector = start("good", {{"records", 5}, {"page", 2}});
  const auto reader = connector->open_reader(kRows);
  std::string records;
  std::vector<std::uint32_t> counts;
  for (bool end = false; !end;) {
    const auto page = reader->read();
    records += page.records;
    counts.push_back(page.count);
    end = page.end;
    EXPECT_EQ(page.complete, page.end);
    if (end) {
      EXPECT_EQ(page.cursor, 5);
    }
  }
  EXPECT_THAT(counts, ElementsAre(2, 2, 1));
  EXPECT_THAT(records, HasSubstr(R"("key":"k4")"));
}

TEST_P(EachMode, ContinuesFromACursor) {
  const auto connector = start("good", {{"records", 5}, {"page", 2}});
  auto request = kRows;
  request["cursor"] = 4;
  const auto page = connector->open_reader(request)->read();
  EXPECT_EQ(page.count, 1U);
  EXPECT_TRUE(page.end);
}

TEST_P(EachMode, WritesPollsFlushesAndLooksUp) {
  const auto connector = start("good");
  const auto writer = connector->open_writer(kInto);
  EXPECT_EQ(writer->preferred_records(), 50U);
  EXPECT_EQ(writer->max_bytes(), 100'000U);
  EXPECT_EQ(writer->write("{}\n{}\n"),
            "{\"index\":0,\"status\":\"ok\"}\n{\"index\":1,\"status\":\"ok\"}\n");
  EXPECT_THAT(writer->poll("{\"receipt\":\"r\"}\n"), HasSubstr("\"index\":0"));
  writer->flush();
  EXPECT_THAT(writer->lookup({{"keys", json::array{"k0"}}}), HasSubstr("\"found\":false"));
  EXPECT_THAT(writer->estimate("{}\n"), HasSubstr("\"calls\":3"));
  EXPECT_EQ(writer->screen({{"keys", json::array{"k0"}}}), "");
  EXPECT_THAT(writer->verify("{}\n"), HasSubstr("\"found\":true"));
}

TEST_P(EachMode, ChecksDiscoversPreparesAndLooksUpRecords) {
  const auto connector = start("good");
  EXPECT_EQ(connector->check().at("account_id"), "acme");
  EXPECT_TRUE(connector->discover().contains("streams"));
  EXPECT_TRUE(connector->prepare({{"object", "rows"}}).contains("fields"));
  EXPECT_THAT(connector->lookup_records({{"stream", "rows"}}), HasSubstr("\"op\":\"delete\""));
  EXPECT_TRUE(connector->can(SLUICE_CAP_SOURCE | SLUICE_CAP_RECEIPTS));
  EXPECT_GT(connector->peak_memory(), 0U);
}

// A connector is only made to wait by it, so that the host has to say what is wrong.
TEST_P(EachMode, ABudgetThatCannotBeHadEndsTheNextCall) {
  services_.fail_with("no room to write general.rate");
  const auto connector = start("good");
  EXPECT_EQ(connector->check().at("details").as_object().at("waited"), 1000);
  try {
    (void)connector->discover();
    ADD_FAILURE() << "it went on";
  } catch (const NoBudget& problem) {
    EXPECT_STREQ(problem.what(), "no room to write general.rate");
  }
}

TEST_P(EachMode, ServesTheHostsServices) {
  const auto connector = start("good");
  const auto account = connector->check();
  EXPECT_EQ(account.at("details").as_object().at("waited"), 7);
  EXPECT_THAT(services_.acquired(), ElementsAre("acme/general 3 of 10 in 1000"));
  EXPECT_THAT(services_.pauses(), ElementsAre("general 250"));
  EXPECT_THAT(services_.lines(), Contains("1 checked"));
  EXPECT_THAT(services_.counters(),
              UnorderedElementsAre(Pair("requests GET /me", 1), Pair("bytes", 20)));
}

TEST_P(EachMode, CallsOverlap) {
  const auto connector = start("good", {{"records", 400}, {"page", 10}});
  std::atomic<int> seen = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      const auto reader = connector->open_reader(kRows);
      for (bool end = false; !end;) {
        const auto page = reader->read();
        seen += static_cast<int>(page.count);
        end = page.end;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(seen, 2400);
}

TEST_P(EachMode, KeepsTheCodeAndTheWordsOfAFailure) {
  const auto connector = start("good");
  const auto error = error_of([&] { (void)connector->open_reader({{"stream", "nothing"}}); });
  EXPECT_EQ(error.code(), Code::NotFound);
  EXPECT_STREQ(error.what(), "there is only the stream 'rows'");
}

TEST_P(EachMode, ReportsOptionsThatTheConnectorRefuses) {
  const auto error = start_error("good", {{"refuse", 1}});
  EXPECT_EQ(error.code(), Code::Config);
  EXPECT_STREQ(error.what(), "option 'refuse' must be 0");
}

TEST_P(EachMode, CancelEndsRunningAndLaterCalls) {
  const auto connector = start("good", {{"records", 1'000'000}, {"page", 1}});
  const auto reader = connector->open_reader(kRows);
  std::jthread other{[&] {
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
    connector->cancel();
  }};
  const auto error = error_of([&] {
    while (true) (void)reader->read();
  });
  EXPECT_EQ(error.code(), Code::Cancelled);
  EXPECT_EQ(error_of([&] { (void)connector->check(); }).code(), Code::Cancelled);
}

TEST_P(EachMode, SaysWhatTheConnectorDoesNotOffer) {
  const auto connector = start("source_only");
  const auto writer = connector->open_writer(kInto);
  const auto error = error_of([&] { (void)writer->lookup({}); });
  EXPECT_EQ(error.code(), Code::Unsupported);
  EXPECT_STREQ(error.what(), "connector 'source_only' does not offer lookup_remote");
}

TEST_P(EachMode, KeepsSecretsOutOfErrors) {
  const auto connector = start("leaks_secret", {{"api_key", "s3cr3t-key"}});
  const auto error = error_of([&] { (void)connector->check(); });
  EXPECT_EQ(error.code(), Code::Auth);
  EXPECT_STREQ(error.what(), "the vendor refuses the key *** for good");
  const auto writer = connector->open_writer(kInto);
  EXPECT_EQ(writer->write("{\"op\":\"upsert\",\"key\":\"k\",\"fields\":{}}\n"),
            "{\"index\":0,\"status\":\"rejected\",\"code\":\"no\",\"message\":\"*** may not\"}\n");
}

TEST_P(EachMode, RefusesPagesThatLie) {
  const auto read_error = [&](std::string_view id) {
    const auto connector = start(id);
    const auto reader = connector->open_reader(kRows);
    const auto error = error_of([&] { (void)reader->read(); });
    EXPECT_EQ(error.code(), Code::Internal) << id;
    return std::string{error.what()};
  };
  EXPECT_EQ(read_error("lies_count"),
            "connector 'lies_count' announced 7 records and gave 2 in read");
  EXPECT_THAT(read_error("lies_cursor"),
              HasSubstr("connector 'lies_cursor' gave a cursor that is not JSON"));
  EXPECT_EQ(read_error("lies_buffer"),
            "connector 'lies_buffer' announced bytes that it does not hand over in read");
  EXPECT_EQ(read_error("huge_page"),
            "connector 'huge_page' answered 65 MiB, over the limit of 64 MiB, in read");
  EXPECT_EQ(
      read_error("many_records"),
      "connector 'many_records' gave a page of 100001 records (the limit is 100000: its pages "
      "must be smaller) in read");
  EXPECT_EQ(
      read_error("large_record"),
      "connector 'large_record' gave a record of 19922943 bytes (the limit is 18874368: leave "
      "members out of it at the source) in read");
  EXPECT_EQ(
      read_error("large_cursor"),
      "connector 'large_cursor' gave a cursor of 1048577 bytes (the limit is 1048576: it must "
      "hold less) in read");
  EXPECT_EQ(read_error("throws"), "connector 'throws' let an exception out of read");
}

TEST_P(EachMode, RefusesOtherAnswersThatLie) {
  const auto code = error_of([&] { (void)start("lies_code")->check(); });
  EXPECT_EQ(code.code(), Code::Internal);
  EXPECT_STREQ(code.what(), "connector 'lies_code' answered check with the unknown code 99");
  const auto check = error_of([&] { (void)start("lies_check")->check(); });
  EXPECT_THAT(check.what(), HasSubstr("connector 'lies_check' gave an answer that is not JSON"));
  const auto limits = error_of([&] { (void)start("lies_limits")->open_writer(kInto); });
  EXPECT_STREQ(limits.what(),
               "connector 'lies_limits' gave limits without a positive \"preferred_records\" in "
               "open_writer");
}

TEST_P(EachMode, RefusesPluginsThatFailTheHandshake) {
  const auto refusal = [&](std::string_view id) {
    const auto error = start_error(id);
    EXPECT_EQ(error.code(), Code::Config) << id;
    const std::string text = error.what();
    const auto start = text.find("cannot be used: ");
    return start == std::string::npos ? text : text.substr(start + 16);
  };
  EXPECT_EQ(refusal("wrong_magic"), "its table does not start with Sluice's magic number");
  EXPECT_EQ(
      refusal("wrong_table_abi"),
      "built for ABI 7.0, this sluice has 1.0: install a newer sluice, or rebuild it with the "
      "SDK of this version");
  EXPECT_EQ(refusal("wrong_id"),
            "the file's identity says 'wrong_id' and its table says 'somebody_else'");
  EXPECT_EQ(refusal("needs_newer"), "it needs a newer sluice (ABI 1.9 or later)");
  EXPECT_EQ(refusal("short_table"), "it says Destination but has no write");
  EXPECT_EQ(refusal("missing_write"), "it says Destination but has no write");
  EXPECT_THAT(refusal("bad_spec"), HasSubstr("its spec is not JSON"));
}

TEST_P(EachMode, RefusesAPluginThatVanishedAfterTheScan) {
  auto plugin = test_catalog().find("good");
  plugin.path = "/nonexistent/libsluice_good.so";
  const auto error = error_of([&] { (void)start_connector(plugin, {}, services_, GetParam()); });
  EXPECT_EQ(error.code(), Code::Config);
  EXPECT_THAT(error.what(), HasSubstr("cannot be loaded"));
}

}  // namespace
}  // namespace sluice::host
