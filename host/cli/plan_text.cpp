#include "cli/plan_text.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "cli/command.hpp"
#include "integration/one_line.hpp"

namespace sluice::host::cli {
namespace {

std::string shown(const json::value& text) {
  return one_line(text.as_string(), kUncut);
}

std::string value_of(const json::value& value) {
  return one_line(to_json(value), kUncut);
}

std::string text(const json::object& object, const char* name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? shown(*value) : std::string{};
}

std::int64_t number(const json::object& object, const char* name) {
  return object.at(name).to_number<std::int64_t>();
}

class PlanPrinter {
 public:
  explicit PlanPrinter(const PlanStyle& style) : style_{style} {}

  void run(const json::object& plan) {
    line(fmt::format("plan of {}: {} (nothing is written)", text(plan, "integration"),
                     text(plan, "stage")));
    for (const auto& note : plan.at("notes").as_array())
      line(fmt::format("  note: {}", shown(note)));
    for (const auto& field : plan.at("fields_to_create").as_array())
      line(green(fmt::format("  + field {}", text(field.as_object(), "name"))));
    for (const auto& sync : plan.at("syncs").as_array()) print_sync(sync.as_object());
    print_calls(plan);
  }

 private:
  static void line(const std::string& out) { print_painted(out); }
  [[nodiscard]] std::string paint(const char* code, std::string out) const {
    return style_.coloured ? fmt::format("\x1b[{}m{}\x1b[0m", code, out) : out;
  }
  [[nodiscard]] std::string green(std::string out) const { return paint("32", std::move(out)); }
  [[nodiscard]] std::string red(std::string out) const { return paint("31", std::move(out)); }
  [[nodiscard]] std::string yellow(std::string out) const { return paint("33", std::move(out)); }
  [[nodiscard]] std::string dim(std::string out) const { return paint("2", std::move(out)); }

  void print_sync(const json::object& sync) {
    line(fmt::format("  {:<12} {:>8} read", text(sync, "sync"), number(sync, "read")));
    if (const auto why = text(sync, "full_needed"); !why.empty())
      line(yellow(fmt::format("  full needed: {}", why)));
    for (const char* does : {"create", "update", "rekey"}) count(number(sync, does), does);
    for (const auto& action : sync.at("depart").as_object())
      count(action.value().to_number<std::int64_t>(), "depart: " + one_line(action.key(), kUncut));
    count(number(sync, "rejected"), "rejected");
    for (const auto& reason : sync.at("left_out").as_object())
      count(reason.value().to_number<std::int64_t>(), one_line(reason.key(), kUncut));
    if (const auto guard = text(sync, "guard"); !guard.empty())
      line(red(fmt::format("  a run would stop: {}", guard)));
    print_records(sync);
    for (const auto& error : sync.at("errors").as_array()) print_error(error.as_object());
    for (const auto& skip : sync.at("skipped").as_array()) print_skip(skip.as_object());
  }

  static void count(std::int64_t n, const std::string& what) {
    if (n != 0) line(fmt::format("  {:<12} {:>8} {}", "", n, what));
  }

  void print_records(const json::object& sync) {
    const auto& records = sync.at("records").as_array();
    for (const auto& record : records) print_record(record.as_object());
    std::int64_t all = number(sync, "create") + number(sync, "update") + number(sync, "rekey");
    for (const auto& action : sync.at("depart").as_object())
      all += action.value().to_number<std::int64_t>();
    const std::int64_t more = all - static_cast<std::int64_t>(records.size());
    if (more > 0) line(fmt::format("  … and {} more: --limit {}, or 0 for all", more, all));
  }

  void print_record(const json::object& record) {
    const auto does = text(record, "does");
    const auto key = text(record, "destination_key");
    std::string head = fmt::format("{} ({})", key, text(record, "key"));
    if (const auto previous = text(record, "previous_key"); !previous.empty())
      head += fmt::format(", was {}", previous);
    if (const auto action = text(record, "action"); !action.empty())
      head += fmt::format(": {}", action);
    if (const auto why = text(record, "because"); !why.empty()) head += fmt::format(", {}", why);
    if (does == "create") {
      line(green("  + " + head));
    } else if (does == "depart") {
      line(red("  - " + head));
    } else {
      line(yellow("  ~ " + head));
    }
    for (const auto& field : record.at("fields").as_array()) print_field(field.as_object());
    for (const auto& set : record.at("sets").as_array()) print_set(set.as_object());
  }

  void print_field(const json::object& field) {
    const auto& old = field.at("old");
    const auto now = value_of(field.at("new"));
    line(fmt::format(
        "      {}: {}{}", text(field, "name"),
        old.is_null() ? green(now) : fmt::format("{} → {}", red(value_of(old)), green(now)),
        field.contains("if_empty") ? " (only where it is empty)" : ""));
  }

  void print_set(const json::object& set) {
    std::string out = fmt::format("      {}:", text(set, "name"));
    for (const auto& member : set.at("add").as_array())
      out += green(fmt::format(" +{}", shown(member)));
    for (const auto& member : set.at("remove").as_array())
      out += red(fmt::format(" -{}", shown(member)));
    line(out);
  }

  void print_error(const json::object& error) {
    line(red(fmt::format("  ! {}: {} ({}{})", text(error, "key"), text(error, "message"),
                         text(error, "code"), error.at("new").as_bool() ? "" : ", known")));
  }

  void print_skip(const json::object& skip) {
    const auto why = text(skip, "because");
    if (!style_.all_skips && why == "unchanged") return;
    line(dim(fmt::format("  = {}: {}", text(skip, "key"), why)));
  }

  static void print_classes(const json::array& classes, std::string_view when) {
    for (const auto& value : classes) {
      const auto& entry = value.as_object();
      std::string out = fmt::format("  {:<12} {:>8} {} {}", "", number(entry, "calls"),
                                    text(entry, "class"), when);
      if (const auto requests = number(entry, "requests"); requests != 0) {
        out +=
            fmt::format(", {:.1f} minutes at {} in {:g} s", entry.at("minutes").to_number<double>(),
                        requests, static_cast<double>(number(entry, "window_ms")) / 1000);
      }
      line(out);
    }
  }

  static void print_calls(const json::object& plan) {
    const auto& calls = plan.at("calls").as_object();
    const auto& source = calls.at("source").as_object();
    const auto& destination = calls.at("destination").as_object();
    line("calls");
    line(fmt::format("  {:<12} {:>8} made for this plan", "source", number(source, "made")));
    print_classes(source.at("classes").as_array(), "made, as a run would");
    line(fmt::format("  {:<12} {:>8} made for this plan", "destination",
                     number(destination, "made")));
    const auto& planned = destination.at("planned");
    if (planned.is_null()) {
      line(fmt::format("  {:<12} what writing costs is not told by the connector", ""));
      return;
    }
    print_classes(planned.as_array(), "for the writes, about");
    if (const auto minutes = plan.at("minutes").to_number<double>(); minutes > 0)
      line(fmt::format("  {:<12} {:>8.1f} minutes at least, for the limits alone", "", minutes));
  }

  PlanStyle style_;
};

}  // namespace

void print_plan(const json::object& plan, const PlanStyle& style) {
  PlanPrinter{style}.run(plan);
}

}  // namespace sluice::host::cli
