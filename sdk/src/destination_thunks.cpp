#include "instance.hpp"
#include "sluice/detail/codec.hpp"

namespace sluice::detail {
namespace {

sluice_code prepare(sluice_instance* instance, sluice_slice request, sluice_buffer* result,
                    sluice_failure* failure) noexcept {
  return called(instance, failure, [&](Context& context) {
    require(result);
    const auto wanted = decode_prepare_request(view(request));
    *result = to_buffer(encode(instance->destination().prepare(context, wanted)));
  });
}

sluice_code open_writer(sluice_instance* instance, sluice_slice request, sluice_writer** writer,
                        sluice_buffer* limits, sluice_failure* failure) noexcept {
  return called(instance, failure, [&](Context& context) {
    require(writer, limits);
    auto opened = instance->destination().open(context, decode_write_request(view(request)));
    if (opened == nullptr) throw Error{Code::Internal, "the connector opened no writer"};
    auto text = encode(opened->limits());
    std::unique_ptr<sluice_writer> made{new sluice_writer{*instance, std::move(opened)}};
    *limits = to_buffer(std::move(text));
    *writer = made.release();
  });
}

sluice_code write(sluice_writer* writer, sluice_slice batch, sluice_buffer* outcomes,
                  sluice_failure* failure) noexcept {
  return called(instance_of(writer), failure, [&](Context& context) {
    require(outcomes);
    const auto lines = decode_writes(writer->parser, view(batch));
    const auto answer = writer->writer->write(context, lines.writes);
    *outcomes = to_buffer(encode_outcomes(answer, lines.writes.size()));
  });
}

sluice_code poll(sluice_writer* writer, sluice_slice request, sluice_buffer* outcomes,
                 sluice_failure* failure) noexcept {
  return called(instance_of(writer), failure, [&](Context& context) {
    require(outcomes);
    const auto wanted = decode_poll(writer->parser, view(request));
    const auto answer = writer->writer->poll(context, wanted.receipt, wanted.batch.writes);
    *outcomes = to_buffer(encode_outcomes(answer, wanted.batch.writes.size()));
  });
}

sluice_code flush(sluice_writer* writer, sluice_failure* failure) noexcept {
  return called(instance_of(writer), failure,
                [&](Context& context) { writer->writer->flush(context); });
}

void close_writer(sluice_writer* writer) noexcept {
  delete writer;
}

sluice_code lookup_remote(sluice_writer* writer, sluice_slice request, sluice_buffer* rows,
                          sluice_failure* failure) noexcept {
  return called(instance_of(writer), failure, [&](Context& context) {
    require(rows);
    const auto wanted = decode_remote_lookup_request(view(request));
    *rows =
        to_buffer(encode_rows(writer->writer->lookup(context, wanted.keys, wanted.by_remote_id)));
  });
}

sluice_code estimate(sluice_writer* writer, sluice_slice batch, sluice_buffer* result,
                     sluice_failure* failure) noexcept {
  return called(instance_of(writer), failure, [&](Context& context) {
    require(result);
    const auto lines = decode_writes(writer->parser, view(batch));
    *result = to_buffer(encode(writer->writer->estimate(context, lines.writes)));
  });
}

sluice_code screen(sluice_writer* writer, sluice_slice request, sluice_buffer* refusals,
                   sluice_failure* failure) noexcept {
  return called(instance_of(writer), failure, [&](Context& context) {
    require(refusals);
    const auto wanted = decode_remote_lookup_request(view(request));
    *refusals = to_buffer(encode(writer->writer->screen(context, wanted.keys)));
  });
}

sluice_code verify(sluice_writer* writer, sluice_slice batch, sluice_buffer* differences,
                   sluice_failure* failure) noexcept {
  return called(instance_of(writer), failure, [&](Context& context) {
    require(differences);
    const auto lines = decode_writes(writer->parser, view(batch));
    *differences = to_buffer(encode(writer->writer->verify(context, lines.writes)));
  });
}

}  // namespace

void fill_destination(sluice_connector& table) noexcept {
  const auto offers = [&](std::uint64_t capability) {
    return (table.capabilities & capability) != 0;
  };
  if (!offers(SLUICE_CAP_DESTINATION)) return;
  table.open_writer = &open_writer;
  table.write = &write;
  table.flush = &flush;
  table.close_writer = &close_writer;
  if (offers(SLUICE_CAP_PREPARE)) table.prepare = &prepare;
  if (offers(SLUICE_CAP_RECEIPTS)) table.poll = &poll;
  if (offers(SLUICE_CAP_DESTINATION_LOOKUP)) table.lookup_remote = &lookup_remote;
  if (offers(SLUICE_CAP_ESTIMATE)) table.estimate = &estimate;
  if (offers(SLUICE_CAP_SCREEN)) table.screen = &screen;
  if (offers(SLUICE_CAP_VERIFY)) table.verify = &verify;
}

}  // namespace sluice::detail
