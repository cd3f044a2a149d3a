// What any HTTP server answers: headers that the client reads, and the error that an answer stands
// for. Input: the status (2 bytes), headers as lines, an empty line, the body.
#include <sluice/http.hpp>

#include "fuzz.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using sluice::Code;
  using sluice::fuzz::must;
  sluice::fuzz::Input input{data, size};
  sluice::HttpResponse response;
  response.status = input.number<std::uint16_t>() % 1000;
  for (auto line = input.until("\n"); !line.empty(); line = input.until("\n")) {
    sluice::fuzz::Input header{line};
    const auto name = header.until(": ");
    response.headers.emplace_back(std::string{name}, std::string{header.rest()});
  }
  response.body = input.rest();

  if (const auto date = response.date()) must(*date >= 0, "a date lies behind 1970");
  const auto body = sluice::fuzz::answered([&] { return response.json(); }, {Code::Transient});
  if (body) must(sluice::parse_json(response.body) == *body, "the body is its JSON");
  if (response.ok()) return 0;
  const auto error = sluice::http_error(response, "GET /x");
  const std::string_view what{error.what()};
  must(what.starts_with("GET /x was answered "), "an error names what was asked");
  must(what.size() < 1000, "an error quotes only the beginning of a body");
  for (const char c : what) must(static_cast<unsigned char>(c) >= 0x20, "an error is one line");
  must(error.retry_after_ms() >= 0 && error.retry_after_ms() <= 86'400'000,
       "a pause is at most a day");
  must(error.code() != Code::Internal && error.code() != Code::Cancelled,
       "an answer is the vendor's");
  return 0;
}
