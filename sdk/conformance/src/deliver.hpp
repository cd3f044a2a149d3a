// Writing records as the host does.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bench.hpp"

namespace sluice::conformance {

// Lines of a batch and what became of each. Outcomes as in abi.h.
using Lines = std::vector<json::object>;
using Outcomes = std::vector<json::object>;

[[nodiscard]] json::object write_request(const WritePlan& plan);
// For the fields of the first record, and not for a dry run.
[[nodiscard]] json::object prepare_request(const WritePlan& plan);
[[nodiscard]] json::object upsert_line(const WritePlan& plan, const json::object& record);
[[nodiscard]] Lines upsert_lines(const WritePlan& plan);
[[nodiscard]] std::string batch_of(const Lines& lines);

// A connector that writes by the plan: the destination is ready for its fields, the writer open.
struct Flow {
  Flow(std::unique_ptr<host::Connector> connector, const WritePlan& plan);
  explicit Flow(Bench& bench, host::RunMode mode = host::RunMode::Worker)
      : Flow{bench.start(mode), *bench.scenario.write} {}

  const WritePlan& plan;
  std::unique_ptr<host::Connector> connector;
  std::unique_ptr<host::RecordWriter> writer;
};

// The outcomes of one call, by index. Throws Failed unless every line has one and no other has.
[[nodiscard]] Outcomes outcomes_in(const std::string& answer, std::size_t lines);
// Writes and, as the host does, polls what is pending and sends again what is to be retried or
// unconfirmed, until every line is ok or rejected.
[[nodiscard]] Outcomes deliver(Flow& flow, Lines lines);
// The outcomes of receipts, polled until they are there. Throws Failed when the connector declares
// none.
[[nodiscard]] Outcomes settle(Flow& flow, const Lines& lines, Outcomes outcomes);
// Throws Failed naming the first line that is not ok.
void expect_ok(const Outcomes& outcomes, const std::string& where);

}  // namespace sluice::conformance
