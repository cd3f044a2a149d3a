#include "account/bulk_importer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "account/hash.hpp"

namespace activecampaign_sandbox {

namespace {

std::string batch_id(std::size_t number) {
  const std::string hash = hash_text(fmt::format("batch {}", number));
  return fmt::format("{}-{}-4{}-8{}-{}", hash.substr(0, 8), hash.substr(8, 4), hash.substr(13, 3),
                     hash.substr(17, 3), hash.substr(20, 12));
}

bool is_opted_out(const Contact& contact, const BulkRow& row) {
  return std::any_of(row.subscribe.begin(), row.subscribe.end(), [&](Id list) {
    const Membership* membership = Account::find_membership(contact, list);
    return membership != nullptr && membership->status == kUnsubscribed;
  });
}

void set_company(Account& account, Contact& contact, const std::string& name) {
  if (name.empty() || account.company_link(contact.id) != nullptr) return;
  Company* company = account.find_company(name);
  if (company == nullptr) company = &account.add_company(name);
  account.link_company(contact.id, company->id);
}

void write_row(Account& account, Contact& contact, const BulkRow& row) {
  account.apply(contact, row.change);
  for (const std::string& name : row.tags) {
    Tag* tag = account.find_tag_by_name(name);
    if (tag == nullptr) tag = &account.create_tag(name, "contact");
    account.add_tag(contact, *tag, row.automations);
  }
  for (const Id list : row.subscribe) {
    if (account.lists.find(list) != nullptr) {
      account.set_membership(contact, list, kSubscribed, 0, row.automations);
    }
  }
  for (const Id list : row.unsubscribe) {
    if (account.lists.find(list) != nullptr) {
      account.set_membership(contact, list, kUnsubscribed, 0, row.automations);
    }
  }
  set_company(account, contact, row.company);
  account.record_write(contact, Write::Bulk);
}

// Returns whether the row was imported.
bool import_row(Account& account, Batch& batch, BulkRow& row) {
  const std::string email = *row.change.email;
  row.change.email.reset();
  if (account.is_excluded(email) || account.is_bounced(email)) return false;
  Contact* contact = account.contacts.find_by_email(email);
  if (contact != nullptr && (contact->bounced || is_opted_out(*contact, row))) return false;
  const bool is_new = contact == nullptr;
  if (is_new) {
    if (account.at_contact_limit()) return false;
    contact = &account.create_contact(email, row.automations);
  }
  write_row(account, *contact, row);
  // A person named twice in one batch is one id.
  auto& named = is_new ? batch.created : batch.updated;
  if (is_new ||
      std::find(batch.created.begin(), batch.created.end(), contact->id) == batch.created.end()) {
    named.push_back(contact->id);
  }
  return true;
}

}  // namespace

std::string_view to_string(BatchState state) {
  switch (state) {
    case BatchState::Waiting:
      return "waiting";
    case BatchState::Claimed:
      return "claimed";
    case BatchState::Active:
      return "active";
    case BatchState::Completed:
      return "completed";
    case BatchState::Failed:
      return "failed";
    case BatchState::Interrupted:
      return "interrupted";
  }
  return "waiting";
}

std::string BulkImporter::submit(Account& account, std::vector<BulkRow> rows) {
  Batch& batch = batches_.emplace_back();
  batch.id = batch_id(batches_.size());
  batch.submitted_ms = account.now_ms();
  batch.size = rows.size();
  batch.rows = std::move(rows);
  by_id_.emplace(batch.id, batches_.size() - 1);
  return batch.id;
}

void BulkImporter::advance(Account& account) {
  if (plan.stick_waiting) return;
  const std::int64_t delay = account.switches.import_delay_ms;
  while (first_open_ < batches_.size() &&
         account.now_ms() - batches_[first_open_].submitted_ms >= delay) {
    // The rows carry the time at which the batch was due, however late somebody looks.
    const std::int64_t now_ms = account.now_ms();
    account.set_now_ms(std::max(last_finish_ms_, batches_[first_open_].submitted_ms + delay));
    last_finish_ms_ = account.now_ms();
    finish(account, batches_[first_open_++]);
    account.set_now_ms(now_ms);
  }
  for (std::size_t i = first_open_; i < batches_.size(); ++i) {
    const std::int64_t age = account.now_ms() - batches_[i].submitted_ms;
    batches_[i].state = age * 4 < delay   ? BatchState::Waiting
                        : age * 2 < delay ? BatchState::Claimed
                                          : BatchState::Active;
  }
}

const Batch* BulkImporter::find(std::string_view id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &batches_[found->second];
}

void BulkImporter::finish(Account& account, Batch& batch) {
  std::size_t last = batch.rows.size();
  batch.state = BatchState::Completed;
  if (plan.fail_next > 0) {
    --plan.fail_next;
    last = 0;
    batch.state = BatchState::Failed;
  } else if (plan.interrupt_next > 0) {
    --plan.interrupt_next;
    last /= 2;
    batch.state = BatchState::Interrupted;
  }
  std::size_t named = last;
  if (plan.omit_batches > 0 && batch.state == BatchState::Completed) {
    --plan.omit_batches;
    named -= std::min(plan.omit_rows, named);
    if (!plan.omitted_are_applied) last = named;
  }
  Batch unnamed;
  for (std::size_t i = 0; i < last; ++i) {
    Batch& answer = i < named ? batch : unnamed;
    const std::string email = *batch.rows[i].change.email;
    if (!import_row(account, answer, batch.rows[i])) answer.failure.push_back(email);
  }
  batch.rows.clear();
  batch.rows.shrink_to_fit();
}

}  // namespace activecampaign_sandbox
