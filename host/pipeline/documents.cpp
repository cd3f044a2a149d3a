#include "pipeline/documents.hpp"

namespace sluice::host {
namespace {

constexpr std::size_t kTargets = 500;

void drop_fields(State& state, const SyncRow& row) {
  std::string after;
  for (;;) {
    const auto targets = state.ledger().targets(row.object, after, kTargets);
    if (targets.empty()) return;
    after = targets.back().key;
    for (TargetRow target : targets) {
      if (target.sync != row.id || target.document.empty()) continue;
      Document document = known_document(state, target);
      if (document.fields.empty()) continue;
      document.fields.clear();
      target.document = state.packer().pack(encode_document(document));
      state.ledger().put_target(row.object, target);
    }
    state.commit();
  }
}

}  // namespace

std::string kept_document(State& state, const WriteConfig& write, const Document& document) {
  if (write.documents) return state.packer().pack(encode_document(document));
  return state.packer().pack(encode_document({{}, document.sets}));
}

Document known_document(State& state, const TargetRow& target) {
  return decode_document(state.packer().unpack(target.document));
}

void leave_to_itself(State& state, std::int64_t object, const TargetRow& target) {
  state.ledger().put_remaining(object, target.key, known_document(state, target).sets);
  state.ledger().erase_target(object, target.key);
}

void drop_documents(State& state, const SyncConfig& sync, const SyncRow& row) {
  const std::string name = "documents." + sync.name;
  const bool dropped = state.meta(name) == "off";
  if (sync.write.documents || dropped) {
    if (sync.write.documents && dropped) state.set_meta(name, "on");
    return;
  }
  drop_fields(state, row);
  if (state.compact()) state.set_meta(name, "off");  // else the next run does it again
  state.commit();
}

}  // namespace sluice::host
