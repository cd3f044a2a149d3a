#include "reads.hpp"

#include "api_error.hpp"
#include "catalogue.hpp"
#include "page_token.hpp"
#include "write_support.hpp"

namespace chargebee_sandbox {

using detail::text;

namespace {

constexpr std::string_view kJson = "application/json;charset=utf-8";

SandboxResponse json_answer(std::string body) {
  return SandboxResponse::text(200, std::string{kJson}, std::move(body));
}

void add_member(std::string& out, std::string_view name, std::string_view value) {
  if (out.size() > 1) out += ',';
  out.append("\"").append(name).append("\":").append(value);
}

void add_row(std::string& out, Store& store, std::string_view kind, std::string_view id,
             bool as_listed) {
  Table& rows = store.table(kind);
  const auto row = rows.find(id);
  if (!row || (as_listed && !rows.is_listed(*row))) return;
  add_member(out, kind, as_listed ? *rows.listed_text(*row) : *rows.text(*row));
  if (kind != "customer") return;
  if (const auto card = store.card(*row)) add_member(out, "card", sluice::to_json(*card));
}

// The id that a row refers to, without making the row when the generator can tell.
std::string owner_of(Store& store, const Table& subscriptions, RowNumber row) {
  const std::uint64_t source = subscriptions.source(row);
  if (source != kNoSource && !subscriptions.current(row).values) {
    return store.table("customer").id(static_cast<RowNumber>(source / 256));
  }
  return text(subscriptions.values(row), "customer_id");
}

// Rows that are no table: cut into pages as tables are.
SandboxResponse page_of(const Store& store, const ResourceKind& kind, const std::string& list,
                        const std::vector<std::string>& rows, const SandboxRequest& request) {
  ListQuery query = parse_list_query(kind, request.query, store.settings());
  query.fingerprint += list;
  Start start;
  if (!query.offset.empty()) {
    start = read_token(query, query.offset, store.now_ms(), store.settings().offset_expiry_ms);
  }
  std::string out = "{\"list\":[";
  std::size_t at = std::min(start.position, rows.size());
  const std::size_t end = std::min(at + query.limit, rows.size());
  for (; at < end; ++at) {
    if (out.back() != '[') out += ',';
    out += rows[at];
  }
  out += ']';
  if (end < rows.size()) {
    start.position = end;
    out += ",\"next_offset\":";
    sluice::write_json(out, std::string_view{write_token(query, start, store.now_ms())});
  }
  return json_answer(out + '}');
}

SandboxResponse page_of_table(Store& store, Table& rows, const ListQuery& query,
                              bool with_siblings) {
  const Settings& settings = store.settings();
  Start start;
  if (!query.offset.empty())
    start = read_token(query, query.offset, store.now_ms(), settings.offset_expiry_ms);
  const Page page = rows.page(query, start);
  std::string out = "{\"list\":[";
  out.reserve(page.rows.size() * 2500);
  for (const RowNumber row : page.rows) {
    if (out.back() != '[') out += ',';
    if (with_siblings) {
      out += wrap_row(store, rows.kind(), row, true);
    } else {
      out.append("{\"")
          .append(rows.kind().name)
          .append("\":")
          .append(*rows.listed_text(row))
          .append("}");
    }
  }
  out += ']';
  if (page.more) {
    Start next;
    next.after_row = settings.keyset_offsets;
    next.position = page.end;
    next.row = page.rows.back();
    next.value = rows.sort_value(query, next.row);
    out += ",\"next_offset\":";
    sluice::write_json(out, std::string_view{write_token(query, next, store.now_ms())});
  }
  return json_answer(out + '}');
}

// Lists that take no filters.
const ResourceKind& plain_kind() {
  static constexpr ResourceKind kPlain{"row", "rows", {}, {}};
  return kPlain;
}

}  // namespace

void require_catalog(const Store& store, int catalog) {
  if (catalog != 0 && catalog != store.settings().catalog) {
    throw ApiError{400, "invalid_request", "configuration_incompatible",
                   "This API operation is not enabled for this site"};
  }
}

std::string wrap_row(Store& store, const ResourceKind& kind, RowNumber row, bool as_listed) {
  Table& rows = store.table(kind);
  std::string out = "{";
  add_member(out, kind.name, as_listed ? *rows.listed_text(row) : *rows.text(row));
  if (kind.name == "customer") {
    if (const auto card = store.card(row)) add_member(out, "card", sluice::to_json(*card));
  } else if (kind.name == "subscription") {
    add_row(out, store, "customer", owner_of(store, rows, row), as_listed);
  } else if (kind.name == "gift") {
    const json::object gift = rows.values(row);
    const json::value* receiver = gift.if_contains("gift_receiver");
    if (receiver != nullptr && receiver->is_object()) {
      add_row(out, store, "subscription", text(receiver->get_object(), "subscription_id"),
              as_listed);
    }
  }
  return out + '}';
}

SandboxResponse list_rows(Store& store, const ResourceKind& kind, const SandboxRequest& request) {
  require_catalog(store, kind.catalog);
  const ListQuery query = parse_list_query(kind, request.query, store.settings());
  return page_of_table(store, store.table(kind), query, true);
}

SandboxResponse retrieve_row(Store& store, const ResourceKind& kind, const std::string& id) {
  require_catalog(store, kind.catalog);
  const auto row = store.table(kind).find(id);
  if (!row) throw ApiError::not_found(std::string{kind.name}, id);
  return json_answer(wrap_row(store, kind, *row, false));
}

SandboxResponse list_of_customer(Store& store, const ResourceKind& kind,
                                 const std::string& customer, const SandboxRequest& request) {
  static_cast<void>(store.get(*find_kind("customer"), customer));
  ListQuery query = parse_list_query(kind, request.query, store.settings());
  Condition owner;
  owner.path = {"customer_id"};
  owner.texts = {customer};
  query.conditions.push_back(std::move(owner));
  query.fingerprint += "&of=" + customer;
  return page_of_table(store, store.table(kind), query, false);
}

SandboxResponse list_contacts(Store& store, const std::string& customer,
                              const SandboxRequest& request) {
  const json::object values = store.get(*find_kind("customer"), customer);
  std::vector<std::string> rows;
  if (const json::value* contacts = values.if_contains("contacts");
      contacts != nullptr && contacts->is_array()) {
    for (const auto& contact : contacts->get_array()) {
      rows.push_back("{\"contact\":" + sluice::to_json(contact) + "}");
    }
  }
  return page_of(store, plain_kind(), "contacts of " + customer, rows, request);
}

SandboxResponse list_custom_field_configs(Store& store, const SandboxRequest& request) {
  const std::string* entity = request.find_query("entity_type");
  if (entity == nullptr) entity = request.find_query("entity_type[is]");
  std::vector<std::string> rows;
  for (const json::object& config : make_custom_field_configs()) {
    if (entity != nullptr && config.at("entity_type") != json::string_view{*entity}) continue;
    rows.push_back("{\"custom_field_config\":" + sluice::to_json(config) + "}");
  }
  SandboxRequest paging = request;
  std::erase_if(paging.query,
                [](const auto& pair) { return pair.first.starts_with("entity_type"); });
  return page_of(store, plain_kind(), "custom_field_configs " + (entity != nullptr ? *entity : ""),
                 rows, paging);
}

SandboxResponse list_configurations(const Store& store) {
  const bool items = store.settings().catalog == 2;
  const json::object site = {{"domain", store.settings().site},
                             {"product_catalog_version", items ? "v2" : "v1"},
                             {"chargebee_response_schema_type", items ? "items" : "plans_addons"},
                             {"object", "configuration"}};
  return json_answer(sluice::to_json(json::object{{"configurations", json::array{site}}}));
}

}  // namespace chargebee_sandbox
