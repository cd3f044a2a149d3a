// A cursor of a file, as the state gives it back.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sluice/testing/fake_host.hpp>
#include <utility>

#include "file_reader.hpp"
#include "fuzz.hpp"
#include "input.hpp"
#include "options.hpp"

namespace {

namespace fs = std::filesystem;
namespace json = sluice::json;
using sluice::Code;
using sluice::fuzz::answered;
using sluice::fuzz::must;

constexpr std::string_view kLines = "{\"id\":1}\n{\"id\":2,\"v\":\"x\"}\n{\"id\":3}\n";

// A file with three records, as long as the program runs.
class Records {
 public:
  Records() {
    std::string name = (fs::temp_directory_path() / "sluice-fuzz-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = fs::path{name} / "records";
    std::ofstream{path_} << kLines;
  }
  ~Records() { fs::remove_all(path_.parent_path()); }
  Records(const Records&) = delete;
  Records& operator=(const Records&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto cursor = answered([&] { return sluice::parse_json(text); }, {Code::SchemaMismatch});
  if (!cursor || cursor->is_null()) return 0;
  static const Records records;
  const file_connector::Options options{
      sluice::Config{{{"path", records.path().string()}, {"page_records", 2}}}};
  sluice::testing::FakeHost host;
  auto context = host.context();
  sluice::ReadRequest request;
  request.stream = "records";
  request.cursor = *cursor;
  const auto reader = answered(
      [&] {
        auto position = file_connector::position_of(request);
        return std::make_shared<file_connector::FileReader>(
            context, options, file_connector::list_inputs(options), std::move(position));
      },
      {Code::CursorInvalid});
  if (!reader) return 0;
  for (int pages = 0; pages < 4; ++pages) {
    const auto page = answered([&] { return (*reader)->next(context); }, {Code::SchemaMismatch});
    if (!page || page->end) break;
    must(page->records.size() <= options.page_records, "the limit of a page holds");
    for (const auto& known : page->cursor.as_object().at("files").as_object()) {
      must(known.value().at("offset").to_number<std::uint64_t>() <= kLines.size(),
           "it stays in the file");
    }
  }
  return 0;
}
