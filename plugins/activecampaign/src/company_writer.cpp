#include "company_writer.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "estimate.hpp"
#include "removal.hpp"
#include "values.hpp"

namespace activecampaign {

using sluice::Effect;
using sluice::Outcome;
using sluice::Write;
using Kind = Answer::Kind;

namespace {

constexpr std::array<std::string_view, 2> kFields{"name", "accountUrl"};
constexpr std::size_t kBatch = 100;
constexpr std::size_t kSearchPage = 100;

bool is_field(std::string_view name) {
  return std::find(kFields.begin(), kFields.end(), name) != kFields.end();
}

struct Row {
  const Write* write = nullptr;
  json::object fields;
  std::string id;
  json::object existing;
  bool looked_up = false;
  bool rekeyed = true;
  std::optional<Outcome> outcome;

  [[nodiscard]] bool open() const noexcept { return !outcome.has_value(); }
};
using Rows = std::vector<Row*>;

bool must_look(const Write& write, sluice::WriteMode mode) {
  return write.op == Write::Op::Delete || write.previous_key || !write.if_empty.empty() ||
         mode != sluice::WriteMode::Upsert || write.delivered;
}

void refuse(Row& row, const Answer& answer, std::string_view what) {
  const std::string message = std::string{what} + ": " + answer.message;
  if (answer.kind == Kind::Passing) {
    row.outcome = Outcome::retry(answer.after, message);
  } else {
    row.outcome = Outcome::rejected(answer.code.empty() ? "refused" : answer.code, message);
  }
}

void accept(Row& row, Effect effect, std::string id) {
  row.outcome = Outcome::ok(effect, std::move(id));
  row.outcome->rekeyed = row.rekeyed;
}

// The vendor's search finds parts of names as well.
std::optional<json::object> row_of_name(const json::object& page, std::string_view name) {
  for (const auto& entry : items(page, "accounts")) {
    if (fold(scalar(as_object(entry), "name")) == fold(name)) return as_object(entry);
  }
  return std::nullopt;
}

sluice::HttpRequest search(const std::string& name) {
  return get_request("/accounts", "/accounts",
                     {{"search", name}, {"limit", std::to_string(kSearchPage)}});
}

bool is_as_written(const Row& row) {
  return std::all_of(row.fields.begin(), row.fields.end(), [&row](const auto& field) {
    return trim(scalar(row.existing, field.key())) == trim(scalar(field.value()));
  });
}

class Batch {
 public:
  Batch(sluice::Context& context, Client& client, sluice::WriteMode mode,
        std::span<const Write> writes)
      : context_{context}, client_{client}, mode_{mode} {
    rows_.reserve(writes.size());
    for (const auto& write : writes) rows_.push_back(read(write));
  }

  std::vector<Outcome> run() {
    find(select([this](const Row& row) { return must_look(*row.write, mode_); }), false);
    find(select([](const Row& row) {
           return row.looked_up && row.id.empty() && row.write->previous_key;
         }),
         true);
    settle_found();
    remove();
    change();
    create();
    std::vector<Outcome> outcomes;
    outcomes.reserve(rows_.size());
    for (auto& row : rows_) {
      outcomes.push_back(
          row.outcome.value_or(Outcome::unconfirmed("the account's fate was not determined")));
    }
    return outcomes;
  }

  std::vector<sluice::Difference> compare() {
    find(select([](const Row&) { return true; }), false);
    std::vector<sluice::Difference> differences(rows_.size());
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const auto& row = rows_[i];
      if (row.outcome && row.outcome->status == Outcome::Status::Retry)
        throw sluice::Error{sluice::Code::Transient, row.outcome->message,
                            static_cast<std::int64_t>(row.outcome->after.count())};
      auto& difference = differences[i];
      difference.found = !row.id.empty();
      if (!difference.found) continue;
      difference.remote_id = row.id;
      if (mode_ == sluice::WriteMode::Create) continue;
      for (const auto& field : row.fields) {
        const std::string name{field.key()};
        const auto stored = scalar(row.existing, name);
        const auto& kept = row.write->if_empty;
        const bool keeps = std::find(kept.begin(), kept.end(), name) != kept.end();
        if (keeps && !trim(stored).empty()) continue;
        if (name != "name" && trim(stored) != trim(scalar(field.value())))
          difference.names.push_back(name);
      }
    }
    return differences;
  }

 private:
  static Row read(const Write& write) {
    Row row;
    row.write = &write;
    if (write.op == Write::Op::Delete) {
      if (write.action != kDeleteAction) {
        row.outcome = Outcome::rejected("unknown_action",
                                        "there is no delete action \"" + write.action + '"');
      }
      return row;
    }
    row.fields["name"] = write.key;
    for (const auto& [name, value] : write.fields) {
      auto text = value.is_null() ? FormattedValue{} : format_text(value);
      if (!is_field(name) || !text.problem.empty()) {
        row.outcome = is_field(name)
                          ? Outcome::rejected("invalid_value", text.problem, name)
                          : Outcome::rejected("unknown_field", "accounts have no such field", name);
        return row;
      }
      // The key decides which account is meant; the field may only spell it differently.
      if (name != "name" || fold(text.text) == fold(write.key)) row.fields[name] = text.text;
    }
    return row;
  }

  template <typename Condition>
  Rows select(Condition condition) {
    Rows chosen;
    for (auto& row : rows_) {
      if (row.open() && condition(row)) chosen.push_back(&row);
    }
    return chosen;
  }

  // Fills in id and existing by name. Ids are not taken from memory: an account may have been
  // deleted and made again.
  void find(const Rows& rows, bool by_previous_key) {
    std::vector<sluice::HttpRequest> requests;
    for (const auto* row : rows) {
      requests.push_back(search(by_previous_key ? *row->write->previous_key : row->write->key));
    }
    const auto answers = client_.send_all(context_, std::move(requests));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      auto& row = *rows[i];
      row.looked_up = true;
      if (!answers[i].ok() || !has_array(answers[i].body, "accounts")) {
        refuse(row, answers[i], "looking the account up");
        continue;
      }
      const auto& name = by_previous_key ? *row.write->previous_key : row.write->key;
      auto found = row_of_name(answers[i].body, name);
      if (!found) found = find_on_later_pages(answers[i].body, name);
      if (found) {
        row.id = scalar(*found, "id");
        row.existing = std::move(*found);
        // The new name exists already: that account is written, the old one remains.
        row.rekeyed = by_previous_key || !row.write->previous_key;
      }
    }
  }

  std::optional<json::object> find_on_later_pages(const json::object& first,
                                                  const std::string& name) {
    std::size_t size = items(first, "accounts").size();
    for (std::size_t offset = size; size >= kSearchPage; offset += size) {
      const auto page = client_.get(context_, "/accounts",
                                    {{"search", name},
                                     {"limit", std::to_string(kSearchPage)},
                                     {"offset", std::to_string(offset)}});
      if (auto found = row_of_name(page, name)) return found;
      size = items(page, "accounts").size();
    }
    return std::nullopt;
  }

  void settle_found() {
    for (auto* row : select([](const Row& r) { return r.looked_up; })) {
      const bool removal = row->write->op == Write::Op::Delete;
      if (removal && row->id.empty()) {
        row->outcome = Outcome::ok(Effect::Unchanged);
      } else if (!removal && mode_ == sluice::WriteMode::Update && row->id.empty()) {
        row->outcome = Outcome::rejected("not_found", "there is no account of this name");
      } else if (!removal && mode_ == sluice::WriteMode::Create && !row->id.empty()) {
        if (row->write->delivered) {
          accept(*row, Effect::Unchanged, row->id);
        } else if (row->write->repeated && is_as_written(*row)) {
          accept(*row, Effect::Created, row->id);
        } else {
          row->outcome = Outcome::rejected("exists", "there is an account of this name already");
        }
      }
      for (const auto& name : row->write->if_empty) {
        if (!trim(scalar(row->existing, name)).empty()) row->fields.erase(name);
      }
    }
  }

  void remove() {
    const auto rows = select([](const Row& row) { return row.write->op == Write::Op::Delete; });
    std::vector<sluice::HttpRequest> requests;
    for (const auto* row : rows) {
      requests.push_back(delete_request(path_to("accounts", row->id), "/accounts/{id}"));
    }
    const auto answers = client_.send_all(context_, std::move(requests));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (answers[i].ok() || answers[i].kind == Kind::Missing) {
        accept(*rows[i], Effect::Deleted, rows[i]->id);
      } else {
        refuse(*rows[i], answers[i], "deleting the account");
      }
    }
  }

  void change() {
    const auto rows = select([](const Row& row) { return !row.id.empty(); });
    std::vector<sluice::HttpRequest> requests;
    for (const auto* row : rows) {
      requests.push_back(write_request("PUT", path_to("accounts", row->id), "/accounts/{id}",
                                       {{"account", row->fields}}, true));
    }
    const auto answers = client_.send_all(context_, std::move(requests));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (answers[i].ok()) {
        accept(*rows[i], Effect::Updated, rows[i]->id);
      } else if (answers[i].kind == Kind::Missing) {
        rows[i]->id.clear();  // deleted meanwhile
      } else {
        refuse(*rows[i], answers[i], "changing the account");
      }
    }
  }

  void create() {
    const auto rows = select([](const Row&) { return true; });
    std::vector<sluice::HttpRequest> requests;
    for (const auto* row : rows) {
      requests.push_back(
          write_request("POST", "/accounts", "/accounts", {{"account", row->fields}}, false));
    }
    const auto answers = client_.send_all(context_, std::move(requests));
    Rows taken;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (answers[i].ok()) {
        accept(*rows[i], Effect::Created, scalar(member(answers[i].body, "account"), "id"));
      } else if (!rows[i]->looked_up &&
                 (answers[i].kind == Kind::Passing || answers[i].code == "duplicate")) {
        taken.push_back(rows[i]);  // somebody's, or our own whose answer was lost
      } else {
        refuse(*rows[i], answers[i], "creating the account");
      }
    }
    if (taken.empty()) return;
    find(taken, false);
    change();
    for (auto* row : taken) {
      if (row->open()) row->outcome = Outcome::retry({}, "creating the account: no answer came");
    }
  }

  sluice::Context& context_;
  Client& client_;
  sluice::WriteMode mode_;
  std::vector<Row> rows_;
};

sluice::RemoteRow to_row(const json::object& account) {
  sluice::RemoteRow row;
  row.found = true;
  row.key = scalar(account, "name");
  row.remote_id = scalar(account, "id");
  for (const auto name : kFields) {
    const auto text = scalar(account, name);
    row.fields[name] = trim(text).empty() ? json::value{} : json::value(text);
  }
  return row;
}

}  // namespace

sluice::Object describe_accounts() {
  sluice::Object object;
  object.name = kAccounts;
  object.match = {"name"};
  object.key_fold_lower = true;
  for (const auto name : kFields) {
    sluice::Field field;
    field.name = name;
    field.built_in = true;
    field.required = name == "name";
    object.fields.push_back(std::move(field));
  }
  object.delete_actions = {std::string{kDeleteAction}};
  return object;
}

std::vector<sluice::PreparedField> prepare_account_fields(const sluice::PrepareRequest& request) {
  using Status = sluice::PreparedField::Status;
  std::vector<sluice::PreparedField> result;
  for (const auto& wanted : request.fields) {
    if (is_field(wanted.name)) {
      result.push_back({wanted.name, Status::Exists, {}});
    } else {
      result.push_back({wanted.name, Status::Impossible,
                        "accounts are written with name and accountUrl; their custom fields are "
                        "not supported"});
    }
  }
  return result;
}

sluice::WriterLimits CompanyWriter::limits() const {
  sluice::WriterLimits limits;
  limits.preferred_records = kBatch;
  return limits;
}

std::vector<Outcome> CompanyWriter::write(sluice::Context& context, std::span<const Write> batch) {
  return Batch{context, client_, mode_, batch}.run();
}

std::vector<sluice::RemoteRow> CompanyWriter::lookup(sluice::Context& context,
                                                     const std::vector<std::string>& keys,
                                                     bool by_remote_id) {
  std::vector<sluice::HttpRequest> requests;
  requests.reserve(keys.size());
  for (const auto& key : keys) {
    requests.push_back(by_remote_id ? get_request(path_to("accounts", key), "/accounts/{id}")
                                    : search(key));
  }
  const auto answers = client_.send_all(context, std::move(requests));
  std::vector<sluice::RemoteRow> rows(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const bool missing = answers[i].kind == Kind::Missing;
    if (!answers[i].ok() && !missing) throw answers[i].error("looking accounts up");
    const auto found = missing        ? std::nullopt
                       : by_remote_id ? std::optional{member(answers[i].body, "account")}
                                      : row_of_name(answers[i].body, keys[i]);
    if (found) rows[i] = to_row(*found);
    if (by_remote_id) {
      rows[i].remote_id = keys[i];
    } else {
      rows[i].key = keys[i];
    }
  }
  return rows;
}

std::vector<sluice::Difference> CompanyWriter::verify(sluice::Context& context,
                                                      std::span<const Write> batch) {
  return Batch{context, client_, mode_, batch}.compare();
}

std::vector<sluice::CallEstimate> CompanyWriter::estimate(sluice::Context&,
                                                          std::span<const Write> batch) {
  CallCounts counts;
  for (const auto& write : batch) {
    counts.general += 1 + (must_look(write, mode_) ? 1 : 0) + (write.previous_key ? 1 : 0);
  }
  return counts.by_class(client_);
}

}  // namespace activecampaign
