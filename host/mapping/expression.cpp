#include "mapping/expression.hpp"

#include <algorithm>

#include "mapping/expression/functions.hpp"
#include "mapping/expression/parser.hpp"

namespace sluice::host {
namespace {

std::string with_hint(const std::string& message, const std::string& hint) {
  return hint.empty() ? message : message + " (" + hint + ")";
}

ExpressionError to_error(const ExpressionText& text, const expr::SyntaxError& error) {
  return {error.message, error.hint, position_of(text, error.offset), error.offset};
}

}  // namespace

struct EvaluationMemory::Impl {
  expr::Arena arena;
};

struct Expression::Compiled {
  std::string text;
  expr::Program program;

  // Passes each value to `emit`; what it throws names the part that failed.
  template <typename Receive>
  void run(const json::value& record, expr::Arena& arena, Receive receive) const {
    try {
      expr::Scope scope{record, arena, program.variables};
      evaluate(scope, record, receive);
    } catch (const expr::Failure& failure) {
      throw EvaluationError{failure.message, text};
    }
  }

  [[nodiscard]] expr::Trace trace() const {
    expr::Trace trace;
    trace.root = {{}};
    trace.look_into(program.root->trace(trace, trace.root));
    return trace;
  }

 private:
  template <typename Receive>
  void evaluate(expr::Scope& scope, const json::value& record, Receive& receive) const {
    try {
      if (program.root->single) {
        receive(program.root->one(scope, &record));
      } else {
        program.root->each(scope, &record, receive);
      }
    } catch (const expr::Failure& failure) {
      const auto [begin, end] = scope.at;
      if (end == 0 || end - begin == text.size()) throw;
      throw EvaluationError{failure.message, text.substr(begin, end - begin)};
    }
  }
};

ExpressionError::ExpressionError(std::string message, std::string hint, Position at,
                                 std::size_t offset)
    : Error{Code::Config, with_hint(message, hint)},
      message_{std::move(message)},
      hint_{std::move(hint)},
      at_{at},
      offset_{offset} {}

EvaluationError::EvaluationError(const std::string& message, std::string part)
    : Error{Code::SchemaMismatch, message + " in `" + part + "`"}, part_{std::move(part)} {}

EvaluationMemory::EvaluationMemory() : impl_{std::make_unique<Impl>()} {}
EvaluationMemory::~EvaluationMemory() = default;
EvaluationMemory::EvaluationMemory(EvaluationMemory&&) noexcept = default;
EvaluationMemory& EvaluationMemory::operator=(EvaluationMemory&&) noexcept = default;
void EvaluationMemory::clear() noexcept {
  impl_->arena.clear();
}

Expression Expression::parse(const ExpressionText& text) {
  try {
    auto compiled = std::make_shared<Compiled>();
    compiled->text = text.text;
    compiled->program = expr::parse_program(compiled->text);
    return Expression{std::move(compiled)};
  } catch (const expr::SyntaxError& error) {
    throw to_error(text, error);
  }
}

const json::value& Expression::borrow(const json::value& record, EvaluationMemory& memory) const {
  expr::Value result = nullptr;
  const auto receive = [&](expr::Value value) {
    if (result != nullptr) {
      expr::fail("several values where one is needed: use first(…) or collect them in [ ]");
    }
    result = value;
    return true;
  };
  compiled_->run(record, memory.impl_->arena, receive);
  return result == nullptr ? expr::kNullValue : *result;
}

json::value Expression::evaluate(const json::value& record, json::storage_ptr storage) const {
  EvaluationMemory memory;
  return json::value(borrow(record, memory), std::move(storage));
}

json::array Expression::evaluate_all(const json::value& record) const {
  expr::Arena arena;
  json::array all;
  const auto receive = [&](expr::Value value) {
    all.push_back(*value);
    return true;
  };
  compiled_->run(record, arena, receive);
  return all;
}

bool Expression::is_true(const json::value& record) const {
  EvaluationMemory memory;
  return expr::truthy(&borrow(record, memory));
}

json::array Expression::constants() const {
  std::vector<const json::value*> found;
  compiled_->program.root->constants(found);
  json::array values;
  for (const auto* value : found) values.push_back(*value);
  return values;
}

std::vector<std::vector<std::string>> Expression::paths() const {
  auto all = compiled_->trace().read;
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  std::vector<std::vector<std::string>> longest;
  for (std::size_t i = 0; i < all.size(); ++i) {
    // In this order a path is followed at once by those that it begins.
    const bool begins_next = i + 1 < all.size() && all[i].size() < all[i + 1].size() &&
                             std::equal(all[i].begin(), all[i].end(), all[i + 1].begin());
    if (!begins_next) longest.push_back(std::move(all[i]));
  }
  return longest;
}

void Expression::add_to(RecordParts& parts) const {
  const auto trace = compiled_->trace();
  for (const auto& path : trace.read) parts.add(path, false);
  for (const auto& path : trace.looked_into) parts.add(path, true);
}

const std::string& Expression::text() const noexcept {
  return compiled_->text;
}

std::string normalized(const ExpressionText& text) {
  try {
    std::string result;
    for (const auto& token :
         expr::tokenize(text.text, 0, static_cast<std::uint32_t>(text.text.size()))) {
      if (token.kind == expr::TokenKind::End) break;
      if (!result.empty()) result.push_back(' ');
      result.append(text.text, token.span.begin, token.span.end - token.span.begin);
    }
    return result;
  } catch (const expr::SyntaxError& error) {
    throw to_error(text, error);
  }
}

std::vector<std::string> expression_functions() {
  return expr::function_names();
}

}  // namespace sluice::host
