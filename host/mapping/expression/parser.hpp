// Turns the text of an expression into its tree.
#pragma once

#include "mapping/expression/lexer.hpp"
#include "mapping/expression/nodes.hpp"

namespace sluice::host::expr {

struct Program {
  NodePtr root;
  std::size_t variables = 0;  // slots that an evaluation needs
};

// Errors: throws SyntaxError.
[[nodiscard]] Program parse_program(std::string_view text);

}  // namespace sluice::host::expr
