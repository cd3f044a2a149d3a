#include "instance.hpp"
#include "sluice/detail/codec.hpp"

namespace sluice::detail {
namespace {

sluice_code open_reader(sluice_instance* instance, sluice_slice request, sluice_reader** reader,
                        sluice_failure* failure) noexcept {
  return called(instance, failure, [&](Context& context) {
    require(reader);
    auto opened = instance->source().open(context, decode_read_request(view(request)));
    if (opened == nullptr) throw Error{Code::Internal, "the connector opened no reader"};
    *reader = new sluice_reader{*instance, std::move(opened)};
  });
}

sluice_code read(sluice_reader* reader, sluice_page* page, sluice_failure* failure) noexcept {
  return called(instance_of(reader), failure, [&](Context& context) {
    require(page);
    if (reader->ended) throw Error{Code::Internal, "the host read on after the last page"};
    auto next = reader->reader->next(context);
    std::uint32_t flags = 0;
    if (next.end) flags |= SLUICE_PAGE_END;
    if (next.end && next.complete) flags |= SLUICE_PAGE_COMPLETE;
    const auto count = next.records.size();
    auto cursor = to_buffer(to_json(next.cursor));
    try {
      *page = {to_buffer(std::move(next.records).take()), cursor, count, flags};
    } catch (...) {
      release(cursor);
      throw;
    }
    reader->ended = next.end;
  });
}

void close_reader(sluice_reader* reader) noexcept {
  delete reader;
}

sluice_code lookup_records(sluice_instance* instance, sluice_slice request, sluice_buffer* records,
                           sluice_failure* failure) noexcept {
  return called(instance, failure, [&](Context& context) {
    require(records);
    const auto wanted = decode_lookup_request(view(request));
    auto found = instance->source().lookup(context, wanted.read, wanted.keys);
    *records = to_buffer(std::move(found).take());
  });
}

}  // namespace

void fill_source(sluice_connector& table) noexcept {
  if ((table.capabilities & SLUICE_CAP_SOURCE) == 0) return;
  table.open_reader = &open_reader;
  table.read = &read;
  table.close_reader = &close_reader;
  if ((table.capabilities & SLUICE_CAP_SOURCE_LOOKUP) != 0) table.lookup_records = &lookup_records;
}

}  // namespace sluice::detail
