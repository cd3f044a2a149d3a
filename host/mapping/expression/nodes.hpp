// Makes the nodes of the expression tree. The parser is the only caller; the node types stay in
// their own files.
#pragma once

#include <optional>

#include "mapping/expression/node.hpp"

namespace sluice::host::expr {

// Paths (nodes_path.cpp). An `optional` step (`.a?`) yields nothing where the plain one fails.
NodePtr make_identity();
NodePtr make_field(NodePtr target, std::string name, bool optional);
NodePtr make_index(NodePtr target, NodePtr key, bool optional);
NodePtr make_slice(NodePtr target, NodePtr from, NodePtr to,
                   bool optional);  // either end may be null
NodePtr make_iterate(NodePtr target, bool optional);

// Values and their construction (nodes_construct.cpp).
NodePtr make_literal(json::value value);
NodePtr make_array(NodePtr content);  // null: `[]`
struct Member {
  NodePtr key;
  NodePtr value;
};
NodePtr make_object(std::vector<Member> members);
NodePtr make_text(NodeList parts);  // string interpolation: joined after `tostring`

// Control (nodes_control.cpp).
NodePtr make_pipe(NodeList stages);
NodePtr make_comma(NodeList items);
NodePtr make_alternative(NodePtr first, NodePtr second);
NodePtr make_and(NodePtr left, NodePtr right);
NodePtr make_or(NodePtr left, NodePtr right);
NodePtr make_if(NodePtr condition, NodePtr then, NodePtr otherwise);
NodePtr make_try(NodePtr body);
NodePtr make_binding(NodePtr source, std::size_t slot, NodePtr body);
NodePtr make_variable(std::size_t slot);

// Operators (nodes_operator.cpp): + - * / % == != < <= > >=
NodePtr make_binary(std::string_view symbol, NodePtr left, NodePtr right);
NodePtr make_negation(NodePtr operand);

}  // namespace sluice::host::expr
