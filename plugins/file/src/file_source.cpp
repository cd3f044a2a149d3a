#include "file_source.hpp"

#include <algorithm>
#include <optional>
#include <sluice/error.hpp>
#include <tuple>

#include "file_reader.hpp"
#include "input.hpp"
#include "latest_reader.hpp"

namespace file_connector {
namespace {

constexpr const char* kStream = "records";

void check_stream(const sluice::ReadRequest& request) {
  if (request.stream == kStream) return;
  throw sluice::Error{sluice::Code::NotFound,
                      "a file has no stream '" + request.stream + "', only '" + kStream + "'"};
}

}  // namespace

sluice::Account FileSource::check(sluice::Context&) {
  const auto files = list_inputs(options_);
  std::uint64_t bytes = 0;
  for (const auto& file : files) bytes += FileHandle::open_to_read(file.path).state().size;
  const auto title = options_.path.empty() ? options_.files : options_.path.filename().string();
  return {identity_of(options_), title, {{"files", files.size()}, {"bytes", bytes}}};
}

std::vector<sluice::Stream> FileSource::discover(sluice::Context&) {
  using sluice::ReadMode;
  sluice::Stream stream;
  stream.name = kStream;
  stream.modes = {ReadMode::Full, ReadMode::Incremental, ReadMode::Latest};
  return {stream};
}

std::unique_ptr<sluice::Reader> FileSource::open(sluice::Context& context,
                                                 sluice::ReadRequest request) {
  check_stream(request);
  auto files = list_inputs(options_);
  if (request.mode == sluice::ReadMode::Latest) {
    return std::make_unique<LatestReader>(options_, std::move(files), request.limit);
  }
  return std::make_unique<FileReader>(context, options_, std::move(files), position_of(request));
}

sluice::RecordBatch FileSource::lookup(sluice::Context& context, const sluice::ReadRequest& request,
                                       const std::vector<std::string>& keys) {
  check_stream(request);
  const auto files = list_inputs(options_);
  const auto version = version_now(context);
  sluice::RecordBatch batch;
  const std::lock_guard lock{mutex_};
  index_.refresh(context, files);
  std::vector<LinePlace> places;
  for (const auto& key : keys) {
    if (const auto place = index_.find(key)) {
      places.push_back(*place);
    } else if (index_.is_complete()) {
      batch.add(sluice::Record::removed(key, version));
    }
  }
  // In the order of the files, so that each is opened once.
  std::sort(places.begin(), places.end(), [](const LinePlace& a, const LinePlace& b) {
    return std::tie(a.file, a.offset) < std::tie(b.file, b.offset);
  });
  std::optional<Input> input;
  for (const auto& place : places) {
    if (!input || input->number() != place.file)
      input.emplace(context, options_, files[place.file]);
    const auto text = input->content().read_at(place.offset, place.size);
    const Line line{text, place.offset, place.offset + place.size, true};
    input->take(context, line, "byte " + std::to_string(place.offset), version, batch);
  }
  return batch;
}

}  // namespace file_connector
