// The API that the examples speak, in memory:
//
//   GET /account
//   GET /orders             in pages by offset
//   GET /tasks              in pages by id, and the number of the last change
//   GET /tasks/{id}
//   GET /changes            of the tasks since a number, deletions included
//   PUT, DELETE /rows/{id}
//   POST /imports           of many rows, carried out a moment later
//   GET /imports, /imports/{id}
//
// Mutations: {"tasks": {"t1": {"title": "x"}, "t2": null}} changes and deletes tasks; while
// {"hold": true}, no import is carried out.
#include "sluice/testing/sandbox.hpp"

#include <map>
#include <mutex>

using namespace sluice::testing;
namespace json = sluice::json;

namespace {

constexpr std::size_t kOrders = 250;
constexpr std::size_t kPage = 100;
constexpr int kTasks = 30;
constexpr std::size_t kTaskPage = 10;
constexpr std::int64_t kImportMs = 100;

std::string query(const SandboxRequest& request, std::string_view name) {
  const std::string* value = request.find_query(name);
  return value == nullptr ? std::string{} : *value;
}

SandboxResponse answer(json::object body) {
  return SandboxResponse::json(200, body);
}

SandboxResponse refusal(int status, std::string_view message) {
  return SandboxResponse::json(status, json::object{{"message", message}});
}

SandboxResponse orders(const SandboxRequest& request) {
  const std::string offset = query(request, "offset");
  const std::size_t begin = offset.empty() ? 0 : std::stoul(offset);
  const std::size_t end = std::min(kOrders, begin + kPage);
  json::array list;
  for (std::size_t i = begin; i < end; ++i) {
    list.push_back(json::object{{"id", "o" + std::to_string(i)}, {"amount", i * 100}});
  }
  json::object body{{"list", std::move(list)}};
  if (end < kOrders) body["next_offset"] = end;
  return answer(std::move(body));
}

// Threads: [any thread].
class Tasks {
 public:
  Tasks() {
    for (int i = 0; i < kTasks; ++i) {
      const std::string number = std::to_string(i);
      set("t" + std::string(3 - number.size(), '0') + number, {{"title", "Task " + number}});
    }
  }

  void set(const std::string& id, json::object task) {
    const std::lock_guard lock{mutex_};
    task["id"] = id;
    record(id, std::move(task));
  }

  void remove(const std::string& id) {
    const std::lock_guard lock{mutex_};
    record(id, {{"id", id}, {"deleted", true}});
  }

  SandboxResponse page(const SandboxRequest& request) const {
    const std::lock_guard lock{mutex_};
    json::array list;
    auto task = tasks_.upper_bound(query(request, "after"));
    for (; task != tasks_.end() && list.size() < kTaskPage; ++task)
      if (!task->second.contains("deleted")) list.push_back(task->second);
    json::object body{{"change", change_}};
    if (task != tasks_.end()) body["last"] = std::prev(task)->first;
    body["list"] = std::move(list);
    return answer(std::move(body));
  }

  SandboxResponse one(const SandboxRequest& request) const {
    const std::lock_guard lock{mutex_};
    const auto task = tasks_.find(request.param("id"));
    if (task == tasks_.end() || task->second.contains("deleted"))
      return refusal(404, "there is no such task");
    return answer(task->second);
  }

  SandboxResponse changes(const SandboxRequest& request) const {
    const std::lock_guard lock{mutex_};
    const std::string since = query(request, "since");
    json::array list;
    auto change = order_.upper_bound(since.empty() ? 0 : std::stoll(since));
    for (; change != order_.end() && list.size() < kTaskPage; ++change)
      list.push_back(tasks_.at(change->second));
    return answer({{"list", std::move(list)}, {"more", change != order_.end()}});
  }

 private:
  void record(const std::string& id, json::object task) {
    if (const auto before = tasks_.find(id); before != tasks_.end())
      order_.erase(before->second.at("change").as_int64());
    task["change"] = ++change_;
    order_[change_] = id;
    tasks_[id] = std::move(task);
  }

  mutable std::mutex mutex_;
  std::map<std::string, json::object> tasks_;  // those that are gone say "deleted"
  std::map<std::int64_t, std::string> order_;  // id by the number of its last change
  std::int64_t change_ = 0;
};

// Threads: [any thread].
class Rows {
 public:
  explicit Rows(const SandboxClock& clock) : clock_{clock} {}

  SandboxResponse put(const SandboxRequest& request) {
    const std::lock_guard lock{mutex_};
    const json::object row = request.json_body().as_object();
    if (!is_fine(row)) return refusal(422, kAmount);
    rows_[request.param("id")] = row;
    return answer({});
  }

  SandboxResponse remove(const SandboxRequest& request) {
    const std::lock_guard lock{mutex_};
    rows_.erase(request.param("id"));
    return answer({});
  }

  SandboxResponse import_all(const SandboxRequest& request) {
    const std::lock_guard lock{mutex_};
    const std::string id = "i" + std::to_string(imports_.size() + 1);
    const auto rows = request.json_body().at("rows").as_array();
    imports_[id] = {clock_.now_ms() + kImportMs, rows, false, {}};
    return SandboxResponse::json(202, json::object{{"id", id}});
  }

  SandboxResponse import(const SandboxRequest& request) {
    const std::lock_guard lock{mutex_};
    carry_out();
    const auto found = imports_.find(request.param("id"));
    if (found == imports_.end()) return refusal(404, "there is no such import");
    const Import& import = found->second;
    return answer({{"status", import.done ? "done" : "working"}, {"refused", import.refused}});
  }

  SandboxResponse working() {
    const std::lock_guard lock{mutex_};
    carry_out();
    json::array list;
    for (const auto& [id, import] : imports_)
      if (!import.done) list.emplace_back(id);
    return answer({{"list", std::move(list)}});
  }

  void hold(bool holds) {
    const std::lock_guard lock{mutex_};
    holds_ = holds;
  }

  std::string dump() {
    const std::lock_guard lock{mutex_};
    carry_out();
    json::object out;
    for (const auto& [id, row] : rows_) out[id] = row;
    return sluice::to_json(out);
  }

 private:
  static constexpr std::string_view kAmount = "amount must be a number";
  struct Import {
    std::int64_t due_ms = 0;
    json::array rows;
    bool done = false;
    json::array refused;
  };

  static bool is_fine(const json::object& row) {
    const json::value* amount = row.if_contains("amount");
    return amount == nullptr || amount->is_number();
  }

  void carry_out() {
    if (holds_) return;
    for (auto& [unused, import] : imports_) {
      if (import.done || clock_.now_ms() < import.due_ms) continue;
      import.done = true;
      for (const auto& item : import.rows) {
        const json::object& row = item.as_object();
        const std::string id{row.at("id").as_string()};
        if (row.contains("deleted")) {
          rows_.erase(id);
        } else if (is_fine(row)) {
          rows_[id] = row;
        } else {
          import.refused.push_back(json::object{{"id", id}, { "message", kAmount }});
        }
      }
    }
  }

  const SandboxClock& clock_;
  std::mutex mutex_;
  bool holds_ = false;
  std::map<std::string, json::object> rows_;
  std::map<std::string, Import> imports_;
};

}  // namespace

int main() {
  SandboxClock clock;
  Tasks tasks;
  Rows rows{clock};
  SandboxServer server{clock};
  server.route("GET", "/account", [](const SandboxRequest&) {
    return answer({{"id", "example"}});
  });
  server.route("GET", "/orders", orders);
  server.route("GET", "/tasks", [&](const SandboxRequest& request) { return tasks.page(request); });
  server.route("GET", "/tasks/{id}",
               [&](const SandboxRequest& request) { return tasks.one(request); });
  server.route("GET", "/changes",
               [&](const SandboxRequest& request) { return tasks.changes(request); });
  server.route("PUT", "/rows/{id}",
               [&](const SandboxRequest& request) { return rows.put(request); });
  server.route("DELETE", "/rows/{id}",
               [&](const SandboxRequest& request) { return rows.remove(request); });
  server.route("POST", "/imports",
               [&](const SandboxRequest& request) { return rows.import_all(request); });
  server.route("GET", "/imports", [&](const SandboxRequest&) { return rows.working(); });
  server.route("GET", "/imports/{id}",
               [&](const SandboxRequest& request) { return rows.import(request); });
  SandboxHooks hooks;
  hooks.gate = [](const SandboxRequest& request) -> std::optional<SandboxResponse> {
    if (request.header("Authorization") != "Basic d3Jvbmc6") return std::nullopt;  // "wrong:"
    return refusal(401, "the key is refused");
  };
  hooks.dump = [&] { return rows.dump(); };
  hooks.mutate = [&](const json::object& wanted) {
    if (const json::value* holds = wanted.if_contains("hold")) rows.hold(holds->as_bool());
    if (const json::value* changes = wanted.if_contains("tasks")) {
      for (const auto& [id, task] : changes->as_object()) {
        if (task.is_null()) {
          tasks.remove(id);
        } else {
          tasks.set(id, task.as_object());
        }
      }
    }
    return json::value(json::object{});
  };
  server.hooks(std::move(hooks));
  return run_sandbox(server);
}
