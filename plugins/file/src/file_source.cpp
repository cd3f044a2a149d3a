#include "file_source.hpp"

#include <sluice/error.hpp>

#include "file_reader.hpp"
#include "latest_reader.hpp"
#include "record_emitter.hpp"

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
  const auto file = FileHandle::open_to_read(options_.path);
  return {identity_of(options_.path),
          options_.path.filename().string(),
          {{"bytes", file.state().size}}};
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
  auto file = FileHandle::open_to_read(options_.path);
  if (request.mode == sluice::ReadMode::Latest) {
    return std::make_unique<LatestReader>(options_, std::move(file), request.limit);
  }
  auto position = position_of(context, request, options_, file);
  return std::make_unique<FileReader>(options_, std::move(file), std::move(position));
}

sluice::RecordBatch FileSource::lookup(sluice::Context& context, const sluice::ReadRequest& request,
                                       const std::vector<std::string>& keys) {
  check_stream(request);
  const auto file = FileHandle::open_to_read(options_.path);
  const auto version = version_now(context);
  RecordParser parser{options_};
  sluice::RecordBatch batch;
  const std::lock_guard lock{mutex_};
  index_.refresh(context, file);
  for (const auto& key : keys) {
    const auto place = index_.find(key);
    if (!place) {
      if (index_.is_complete()) batch.add(sluice::Record::removed(key, version));
      continue;
    }
    const auto line = file.read_at(place->offset, place->size);
    emit(batch, parser.parse(trimmed(line)), line, place->offset, version);
  }
  return batch;
}

}  // namespace file_connector
