#define XXH_INLINE_ALL
#include <xxhash.h>

#include "mapping/expression.hpp"
#include "mapping/mapping.hpp"

namespace sluice::host {
namespace {

std::string hexadecimal(XXH128_hash_t hash) {
  XXH128_canonical_t digest;
  XXH128_canonicalFromHash(&digest, hash);
  std::string text;
  text.reserve(2 * sizeof digest.digest);
  for (const unsigned char byte : digest.digest) {
    text.push_back("0123456789abcdef"[byte >> 4U]);
    text.push_back("0123456789abcdef"[byte & 15U]);
  }
  return text;
}

std::string hash_of(const std::string& text) {
  return hexadecimal(XXH3_128bits(text.data(), text.size()));
}

json::object read_part(const ReadConfig& read) {
  return {{"stream", read.stream}, {"options", read.options}};
}

json::object write_part(const WriteConfig& write) {
  return {{"object", write.object},
          {"match", write.match},
          {"mode", static_cast<int>(write.mode)},
          {"on_delete", write.on_delete},
          {"on_exclude", write.on_exclude},
          {"on_duplicate", static_cast<int>(write.on_duplicate)},
          {"options", write.options}};
}

json::object field_part(const FieldMapping& field) {
  return {{"value", normalized(field.value)},
          {"type", field.type},
          {"null", static_cast<int>(field.null)},
          {"overwrite", static_cast<int>(field.overwrite)}};
}

}  // namespace

std::string fingerprint(const SyncConfig& sync) {
  json::object parts{{"version", kFingerprintVersion},
                     {"read", read_part(sync.read)},
                     {"write", write_part(sync.write)}};
  if (!sync.write.ledger) parts["ledger"] = false;
  if (sync.filter) parts["filter"] = normalized(*sync.filter);
  json::array checks;
  for (const auto& check : sync.checks) checks.emplace_back(normalized(check.that));
  parts["checks"] = std::move(checks);
  // By name: the order of fields changes nothing, that of rules does.
  json::object fields;
  for (const auto& field : sync.fields) fields[field.name] = field_part(field);
  parts["fields"] = std::move(fields);
  json::array rules;
  for (const auto& rule : sync.rules) {
    rules.push_back(json::object{{"when", normalized(rule.when)}, {"set", rule.set}});
  }
  parts["rules"] = std::move(rules);
  return hash_of(to_canonical_json(parts));
}

// Fields by themselves, so that their order does not matter and none has to be sorted: 128-bit sums
// of each one's hash. A field's value contains no object whose members could come in another order.
std::string write_hash(const MapResult& result, const WriteConfig& write) {
  std::string text;
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  const auto add = [&] {
    const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
    low += hash.low64;
    high += hash.high64 + (low < hash.low64 ? 1 : 0);
    text.clear();
  };
  for (const auto& member : result.fields) {
    write_json(text, std::string_view{member.key()});
    write_json(text, member.value());
    add();
  }
  for (const auto& [name, members] : result.sets) {
    text.push_back('+');
    write_json(text, std::string_view{name});
    for (const auto& member : members) write_json(text, std::string_view{member});
    add();
  }
  for (const auto& name : result.if_empty) {
    text.push_back('?');
    write_json(text, std::string_view{name});
    add();
  }
  text = "=" + std::to_string(kWriteHashVersion) + to_canonical_json(write.options);
  add();
  return hexadecimal({low, high});
}

}  // namespace sluice::host
