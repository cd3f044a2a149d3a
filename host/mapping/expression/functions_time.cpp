#include <cmath>

#include "mapping/expression/functions.hpp"
#include "mapping/expression/number.hpp"
#include "mapping/expression/text.hpp"
#include "mapping/expression/time.hpp"

namespace sluice::host::expr {
namespace {

enum class Form { Date, DateTime };

Zone zone_of(Value name) {
  if (!name->is_string()) fail("a time zone is a string such as \"UTC\", not " + describe(*name));
  return Zone::named(text_of(*name));
}

std::string_view format_of(Value format) {
  if (!format->is_string()) {
    fail("a time format is a string such as \"%d.%m.%Y\", not " + describe(*format));
  }
  return text_of(*format);
}

// The moment that the input means: epoch seconds, or ISO-8601 text.
std::int64_t moment(Value in, const Zone& zone) {
  if (is_number(*in)) {
    const double seconds = to_double(*in);
    if (!(std::abs(seconds) < 1e15)) fail(describe(*in) + " is no time in epoch seconds");
    if (const auto whole = to_integer(*in)) return *whole;
    return static_cast<std::int64_t>(std::floor(seconds));
  }
  const auto time = in->is_string() ? read_iso_time(text_of(*in)) : std::nullopt;
  if (!time || (time->has_time && !time->has_offset)) {
    fail(describe(*in) + " is neither epoch seconds nor an ISO-8601 date or time with offset");
  }
  // A calendar date is that day wherever the zone is.
  return time->has_time ? time->seconds : time->seconds - zone.offset_at(time->seconds);
}

Value formatted(Scope& scope, Value in, const Zone& zone, Form form, Value format) {
  if (in->is_null()) return in;
  const std::int64_t seconds = moment(in, zone);
  std::string text;
  if (format != nullptr) {
    text = format_time(seconds, zone, format_of(format));
  } else {
    text = form == Form::Date ? format_date(seconds, zone) : format_datetime(seconds, zone);
  }
  return scope.make(json::string_view{text});
}

// The usual case: the zone, and the format if there is one, are known beforehand.
class FixedTime final : public Node {
 public:
  FixedTime(Form form, Zone zone, NodePtr format)
      : form_{form}, zone_{zone}, format_{std::move(format)} {}
  Value one(Scope& scope, Value in) const override {
    scope.at = span;
    return formatted(scope, in, zone_, form_, format_ == nullptr ? nullptr : format_->literal());
  }
  Paths trace(Trace& trace, const Paths& in) const override {
    trace.look_into(in);
    return {};
  }

 private:
  Form form_;
  Zone zone_;
  NodePtr format_;
};

template <Form form>
Value computed(Scope& scope, Value in, const Value* arguments) {
  return formatted(scope, in, zone_of(arguments[0]), form, nullptr);
}
template <Form form>
Value computed_with_format(Scope& scope, Value in, const Value* arguments) {
  return formatted(scope, in, zone_of(arguments[0]), form, arguments[1]);
}

template <Form form>
constexpr Function kComputed[] = {
    {.name = "date", .arguments = 1, .apply = computed<form>, .on_record = true},
    {.name = "date", .arguments = 2, .apply = computed_with_format<form>, .on_record = true}};

template <Form form>
NodePtr build(NodeList arguments) {
  const json::value* zone = arguments[0]->literal();
  const json::value* format = arguments.size() == 2 ? arguments[1]->literal() : nullptr;
  if (zone == nullptr || (arguments.size() == 2 && format == nullptr)) {
    const Function& function = kComputed<form>[arguments.size() - 1];
    return make_call(function, std::move(arguments), {});
  }
  const Zone fixed = zone_of(zone);
  if (format != nullptr) static_cast<void>(format_time(0, fixed, format_of(format)));
  return std::make_unique<FixedTime>(form, fixed,
                                     format == nullptr ? nullptr : std::move(arguments[1]));
}

constexpr Function kFunctions[] = {
    {.name = "date", .arguments = 1, .build = build<Form::Date>},
    {.name = "date", .arguments = 2, .build = build<Form::Date>},
    {.name = "datetime", .arguments = 1, .build = build<Form::DateTime>},
    {.name = "datetime", .arguments = 2, .build = build<Form::DateTime>},
};

}  // namespace

std::span<const Function> time_functions() {
  return kFunctions;
}

}  // namespace sluice::host::expr
