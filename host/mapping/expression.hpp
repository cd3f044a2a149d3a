// Expressions: the one language that computes every value and condition of a mapping.
//
// A subset of jq 1.6 plus Sluice's own functions, described in docs/expressions.md. What Sluice
// accepts means what jq means, except that numbers keep all their digits (64-bit integers stay
// exact; a result that does not fit is an error). Parsed once into a tree that is evaluated
// directly over the record; values are borrowed from it, not copied.
#pragma once

#include <cstddef>
#include <memory>
#include <sluice/error.hpp>
#include <sluice/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "integration/integration.hpp"
#include "mapping/record_parts.hpp"

namespace sluice::host {

// An expression that cannot be parsed. `what()` carries the message and the hint.
class ExpressionError : public Error {
 public:
  ExpressionError(std::string message, std::string hint, Position at, std::size_t offset);

  [[nodiscard]] const std::string& message() const noexcept { return message_; }
  [[nodiscard]] const std::string& hint() const noexcept { return hint_; }
  [[nodiscard]] Position position() const noexcept { return at_; }  // in the file
  [[nodiscard]] std::size_t offset() const noexcept {
    return offset_;
  }  // bytes into the expression

 private:
  std::string message_;
  std::string hint_;
  Position at_;
  std::size_t offset_;
};

// An expression that fails for one record (Code::SchemaMismatch).
class EvaluationError : public Error {
 public:
  EvaluationError(const std::string& message, std::string part);

  // The part of the expression that failed, as written, such as `.amount | money("USD")`.
  [[nodiscard]] const std::string& part() const noexcept { return part_; }

 private:
  std::string part_;
};

// Memory for evaluations, reused from one to the next.
// Threads: [instance] one at a time. What `Expression::borrow` returned is valid until `clear`.
class EvaluationMemory {
 public:
  EvaluationMemory();
  ~EvaluationMemory();
  EvaluationMemory(EvaluationMemory&&) noexcept;
  EvaluationMemory& operator=(EvaluationMemory&&) noexcept;
  void clear() noexcept;

 private:
  friend class Expression;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Threads: [any thread] once parsed; immutable and cheap to copy (copies share the tree).
class Expression {
 public:
  // Errors: throws ExpressionError (Code::Config).
  static Expression parse(const ExpressionText& text);

  // The value for a record. No value at all is null.
  // Errors: throws EvaluationError, also when the expression yields several values.
  [[nodiscard]] json::value evaluate(const json::value& record,
                                     json::storage_ptr storage = {}) const;

  // Like `evaluate`, without a copy: the value is part of the record, of the expression or of
  // `memory`.
  [[nodiscard]] const json::value& borrow(const json::value& record,
                                          EvaluationMemory& memory) const;

  // All values that the expression yields, in order.
  [[nodiscard]] json::array evaluate_all(const json::value& record) const;

  // Whether the value is neither null nor false; false without any value.
  [[nodiscard]] bool is_true(const json::value& record) const;

  // The paths of the record that the expression reads, as far as they can be told from its text;
  // "[]" stands for any element of an array. A path that is the beginning of another one is left
  // out.
  [[nodiscard]] std::vector<std::vector<std::string>> paths() const;

  // Adds what has to be there of a record so that the expression yields, or fails, as it does with
  // all of it.
  void add_to(RecordParts& parts) const;

  // Values that the expression may yield whatever the record: those of the branches, tables and
  // defaults that stand in it literally.
  [[nodiscard]] json::array constants() const;

  [[nodiscard]] const std::string& text() const noexcept;

 private:
  struct Compiled;
  explicit Expression(std::shared_ptr<const Compiled> compiled) : compiled_{std::move(compiled)} {}
  std::shared_ptr<const Compiled> compiled_;
};

// The expression with one space between its parts and without comments: equal texts mean the same.
// Errors: throws ExpressionError.
[[nodiscard]] std::string normalized(const ExpressionText& text);

// The names of all functions, for completion and documentation.
[[nodiscard]] std::vector<std::string> expression_functions();

}  // namespace sluice::host
