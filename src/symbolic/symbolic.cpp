// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Formulas known only at run time enter; the graph passes run on them; formulas, text and numbers leave.
#include <ddx/symbolic/symbolic.hpp>

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include <ddx/evaluate/interpret.hpp>
#include <ddx/formula/lower.hpp>
#include <ddx/primitive/table.hpp>
#include <ddx/transform/differentiate.hpp>

#include "arena.hpp"

namespace ddx {

namespace detail {

std::string_view arena::keep(std::string_view name) { return names.emplace_back(name); }

int arena::input(std::string_view name, int rank, std::string_view const* axes) {
  if (auto const found = inputs.find(name); found != inputs.end()) {
    ddx::input const& known = nodes.inputs[found->second];
    bool same = known.rank == rank;
    for (int i = 0; same && i < rank; ++i) same = nodes.axes[known.axes[i]] == axes[i];
    if (!same) throw error(fmt::format("ddx::symbolic: '{}' has other axes in one formula than in another", name));
    return found->second;
  }
  ddx::input declared{.name = keep(name), .rank = rank};
  for (int i = 0; i < rank; ++i) declared.axes[i] = axis(axes[i]);
  nodes.inputs.push_back(declared);
  int const index = nodes.inputs.size() - 1;
  inputs.emplace(declared.name, index);
  return index;
}

int arena::axis(std::string_view name) {
  for (int i = 0; i < nodes.axes.size(); ++i)
    if (nodes.axes[i] == name) return i;
  return nodes.axis(keep(name));
}

int arena::import(graph_view from, int output, sequence<int> const* complete) {
  sequence<char> live(output + 1, 0);
  live[output] = 1;
  for (int i = output; i >= 0; --i)
    if (live[i])
      for (int k = 0; k < from.nodes[i].op->arity; ++k) live[from.nodes[i].operands[k]] = 1;
  sequence<int> image(output + 1, -1);
  for (int i = 0; i <= output; ++i) {
    if (!live[i]) continue;
    node n = from.nodes[i];
    if (is<input_>(n)) {
      ddx::input const& named = from.inputs[n.index];
      std::string_view axes[max_rank]{};
      for (int k = 0; k < named.rank; ++k) axes[k] = from.axes[named.axes[k]];
      image[i] = input_node(nodes, input(named.name, named.rank, axes));
      continue;
    }
    for (int k = 0; k < n.op->arity; ++k) n.operands[k] = image[n.operands[k]];
    if (n.op->kind == role::extent) {
      image[i] = extent_node(nodes, axis(from.axes[n.index]));
    } else if (n.op->kind == role::position) {
      image[i] = position_node(nodes, axis(from.axes[n.index]));
    } else if (n.op->kind == role::inside) {
      image[i] = inside_node(nodes, axis(from.axes[n.index]), n.constant.numerator);
    } else if (n.op->kind == role::scan) {
      image[i] = scan_node(nodes, *n.op, n.operands, axis(from.axes[n.index]), n.constant.numerator);
    } else if (n.op->kind == role::shift) {
      image[i] = shift_node(nodes, n.operands[0], axis(from.axes[n.index]), n.constant.numerator);
    } else if (n.op->kind == role::reduction) {
      image[i] = algebra<traced>::reduce_node(nodes, *n.op, n.operands, axis(from.axes[n.index]));
    } else if (n.op->arity > 0) {
      image[i] = apply_node(nodes, *n.op, n.operands);
    } else {
      image[i] = nodes.intern(n);
    }
  }
  if (complete != nullptr)
    for (int id : *complete)
      if (id <= output && live[id]) nodes.complete.push_back(image[id]);
  return image[output];
}

symbolic complete(symbolic f) {
  graph& all = arena::of(f)->nodes;
  node const& n = all.nodes[arena::id(f)];
  if (n.axes != 0 && n.op->kind != role::input && n.op->kind != role::shift) all.complete.push_back(arena::id(f));
  return f;
}

symbolic with_positions_of(symbolic const& from, symbolic to) {
  graph const& g = arena::of(from)->nodes;
  if (!g.shifted) return to;
  int const id = arena::id(from);
  for (int axis = 0; axis < g.axes.size(); ++axis) {
    if (!(g.nodes[id].axes >> axis & 1u)) continue;
    offset_range const read = offsets_read(g, id, axis);
    if (read.low != 0 || read.high != 0) return to;
  }
  return complete(std::move(to));
}

}  // namespace detail

namespace {

using detail::arena;

std::shared_ptr<arena> const& owner(symbolic const& f) { return arena::of(f); }

graph_view view(symbolic const& f) { return owner(f)->nodes.view(); }

axis_set axes(symbolic const& f) { return view(f).nodes[arena::id(f)].axes; }

void require_scalar(symbolic const& f, char const* call) {
  if (axes(f) != 0)
    throw error(fmt::format("ddx::{}: the formula must be a scalar, this one still has axes; reduce it first", call));
}

symbolic handle_of(graph_view g, int output) {
  auto fresh = std::make_shared<arena>();
  int const id = fresh->import(g, g.outputs[output]);
  return arena::handle(std::move(fresh), id);
}

/// The node of a variable in a graph of its own formula, -1 where the formula lacks it.
int variable_node(graph& g, std::string_view name) {
  int const index = g.find_input(name);
  return index < 0 ? -1 : detail::input_node(g, index);
}

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t k = 0; k <= b.size(); ++k) row[k] = k;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t k = 1; k <= b.size(); ++k) {
      std::size_t const above = row[k];
      row[k] = std::min({above + 1, row[k - 1] + 1, diagonal + (a[i - 1] == b[k - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

/// What functions are called elsewhere.
constexpr std::pair<std::string_view, std::string_view> called_elsewhere[]{
    {"ln", "log"},           {"lg", "log10"},       {"ld", "log2"},      {"lb", "log2"},        {"loge", "log"},
    {"arcsin", "asin"},      {"arccos", "acos"},    {"arctan", "atan"},  {"arctg", "atan"},     {"arctan2", "atan2"},
    {"arcsec", "asec"},      {"arccsc", "acsc"},    {"arccot", "acot"},  {"arcctg", "acot"},    {"arcsinh", "asinh"},
    {"arsinh", "asinh"},     {"arccosh", "acosh"},  {"arcosh", "acosh"}, {"arctanh", "atanh"},  {"artanh", "atanh"},
    {"tg", "tan"},           {"ctg", "cot"},        {"cotan", "cot"},    {"cosec", "csc"},      {"sh", "sinh"},
    {"ch", "cosh"},          {"th", "tanh"},        {"sgn", "sign"},     {"signum", "sign"},    {"fabs", "abs"},
    {"logistic", "sigmoid"}, {"expit", "sigmoid"},  {"tgamma", "gamma"}, {"gammaln", "lgamma"}, {"loggamma", "lgamma"},
    {"psi", "digamma"},      {"power", "pow"},      {"sqr", "square"},   {"mod", "fmod"},       {"if", "where"},
    {"ifelse", "where"},     {"step", "heaviside"}, {"average", "mean"}, {"product", "prod"},   {"total", "sum"},
};

/// The known function or reduction that `name` means elsewhere or looks most like, empty where there is none.
std::string_view nearest(std::string_view name, std::span<detail::callable const> more) {
  if (name.size() > 64) return {};
  std::string lower(name);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  for (auto const& [elsewhere, here] : called_elsewhere)
    if (lower == elsewhere) return here;
  std::string_view best;
  std::size_t least = std::max<std::size_t>(2, name.size() / 2) + 1;
  auto const consider = [&](detail::callable const& c) {
    if (c.arity == 0) return;
    if (std::size_t const d = distance(lower, c.name); d < least) {
      least = d;
      best = c.name;
    }
  };
  for (detail::callable const& c : more) consider(c);
  for (detail::callable const& c : detail::all_callables) consider(c);
  return best;
}

/// Whether a byte begins a character of UTF-8.
bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

bool is_over_axis(detail::callable const& c) { return c.kind == role::reduction || c.kind == role::scan; }

std::string sentence(detail::parse_problem const& problem, std::string_view source,
                     std::span<detail::callable const> more) {
  using detail::parse_fault;
  std::string const name(problem.name.substr(0, 64));
  switch (problem.fault) {
    case parse_fault::none: break;
    case parse_fault::operand: return "expected a number, a name or '('";
    case parse_fault::operators: return "expected an operator";
    case parse_fault::unopened: return "this closes or parts what is not open";
    case parse_fault::too_large: return "the number is larger than any double";
    case parse_fault::closing: return "expected ')'";
    case parse_fault::closing_axis: return "expected ']'";
    case parse_fault::closing_name: return "expected a name and '`' behind '`'";
    case parse_fault::axis: return "expected the name of an axis";
    case parse_fault::offset: return "expected a whole number of moderate size behind the name of an axis";
    case parse_fault::neighbour: return "expected + 1 or - 1 behind the axis of a recurrence";
    case parse_fault::unknown_function: {
      for (detail::callable const& c : detail::all_callables)
        if (c.name == name && is_over_axis(c)) return fmt::format("'{0}' is over an axis, as in {0}[n](x)", name);
      std::string_view const like = nearest(name, more);
      return fmt::format("unknown function '{}'{}", name,
                         like.empty() ? "" : fmt::format("; did you mean '{}'?", like));
    }
    case parse_fault::not_over_axis: {
      std::string known;
      for (detail::callable const& c : detail::all_callables)
        if (is_over_axis(c)) known += (known.empty() ? "" : ", ") + std::string(c.name);
      return fmt::format("'{}' is no function over an axis, there are {}", name, known);
    }
    case parse_fault::axis_of_none:
      return fmt::format("no array has the axis '{0}'; an array is written with its axes, as in X[{0}]", name);
    case parse_fault::operand_count:
      return fmt::format("'{}' takes {} operand{}", name, problem.expected, problem.expected == 1 ? "" : "s");
    case parse_fault::axes_differ: return fmt::format("'{}' had other axes before", name);
    case parse_fault::rank: return fmt::format("'{}' has more than {} axes", name, max_rank);
    case parse_fault::axis_twice: return fmt::format("'{}' has the same axis twice", name);
    case parse_fault::equality: return "'=' is no operator; equality is written '=='";
    case parse_fault::character: {
      std::size_t end = problem.position + 1;
      while (end < source.size() && !begins_character(source[end])) ++end;
      auto const byte = static_cast<unsigned char>(source[problem.position]);
      if (byte < 0x20 || byte == 0x7f) return fmt::format("unexpected character (byte 0x{:02x})", byte);
      return fmt::format("unexpected character '{}'", source.substr(problem.position, end - problem.position));
    }
    case parse_fault::too_deep:
      return fmt::format("operators and parentheses are nested more than {} deep", max_formula_depth);
    case parse_fault::too_long: return fmt::format("the formula is longer than {} MB", max_formula_text >> 20);
  }
  return {};
}

/// The place of the problem, and the part of its line around it with a caret below.
[[noreturn]] void throw_parse_error(detail::parse_problem const& problem, std::string_view source,
                                    std::span<detail::callable const> more) {
  constexpr std::size_t before = 60, after = 20;
  std::size_t const at = std::min(problem.position, source.size());
  std::string_view const head = source.substr(0, at);
  std::size_t const line = 1 + static_cast<std::size_t>(std::count(head.begin(), head.end(), '\n'));
  std::size_t const begin = head.rfind('\n') == head.npos ? 0 : head.rfind('\n') + 1;
  std::size_t const end = std::min(source.find('\n', at), source.size());
  std::size_t const column =
      1 + static_cast<std::size_t>(std::count_if(source.begin() + static_cast<std::ptrdiff_t>(begin),
                                                 source.begin() + static_cast<std::ptrdiff_t>(at), begins_character));
  std::size_t first = at - begin > before ? at - before : begin, last = end - at > after ? at + after : end;
  while (first < at && !begins_character(source[first])) ++first;
  while (last < end && !begins_character(source[last])) ++last;
  std::string shown(first > begin ? "..." : "");
  std::size_t width = shown.size();
  for (std::size_t i = first; i < last; ++i) {
    if (i < at && begins_character(source[i])) ++width;
    auto const byte = static_cast<unsigned char>(source[i]);
    shown += byte < 0x20 || byte == 0x7f ? ' ' : source[i];
  }
  if (last < end) shown += "...";
  throw parse_error(line, column, sentence(problem, source, more),
                    fmt::format("\n  {}\n  {}^", shown, std::string(width, ' ')));
}

}  // namespace

symbolic::symbolic(rational number)
    : owner_(std::make_shared<arena>()), id_(detail::constant_node(owner_->nodes, number)) {}

symbolic symbolic::variable(std::string_view name) {
  bool good = !name.empty() && detail::begins_name(name[0]);
  for (char c : name) good = good && detail::continues_name(c);
  if (!good)
    throw error(fmt::format(
        "ddx::symbolic::variable: '{}' is no name; a name has letters, digits and _ and begins with no digit", name));
  auto fresh = std::make_shared<arena>();
  int const id = detail::input_node(fresh->nodes, fresh->input(name, 0, nullptr));
  return {std::move(fresh), id};
}

symbolic symbolic::from(graph_view g, int output) { return handle_of(g, output); }

symbolic symbolic::from(token const* tokens, int count, double const* literals) {
  graph g;
  lowering(g, find_primitive).run(tokens, count, literals, literal_mode::known);
  return from(g.view());
}

graph symbolic::extract() const {
  graph_view g = view(*this);
  g.outputs = &id_;
  g.output_count = 1;
  graph const live = simplifier::compacted(g);
  // Inputs that the formula lacks go too; names stay the arena's.
  graph result;
  sequence<int> place(live.inputs.size(), -1);
  for (node const& n : live.nodes)
    if (is<input_>(n)) place[n.index] = 0;
  for (int i = 0; i < live.axes.size(); ++i) result.axes.push_back(live.axes[i]);
  for (int i = 0; i < live.inputs.size(); ++i)
    if (place[i] == 0) {
      place[i] = result.inputs.size();
      result.inputs.push_back(live.inputs[i]);
    }
  for (node n : live.nodes) {
    if (is<input_>(n)) n.index = place[n.index];
    result.intern(n);
  }
  result.outputs.push_back(live.outputs[0]);
  return result;
}

std::vector<std::string> symbolic::variables() const {
  graph const g = extract();
  std::vector<std::string> names;
  for (input const& i : g.inputs) names.emplace_back(i.name);
  return names;
}

int symbolic::operations() const {
  graph const g = extract();
  int count = 0;
  for (node const& n : g.nodes) count += n.op->arity > 0 ? 1 : 0;
  return count;
}

symbolic symbolic::apply(primitive const& op, std::initializer_list<symbolic> operands) {
  std::shared_ptr<arena> owner;
  for (symbolic const& f : operands)  // the largest graph takes the others in
    if (!owner || f.owner_->nodes.nodes.size() > owner->nodes.nodes.size()) owner = f.owner_;
  if (!owner) owner = std::make_shared<arena>();
  int ids[max_arity]{-1, -1, -1};
  int count = 0;
  for (symbolic const& f : operands) {
    ids[count] = f.owner_ == owner ? f.id_ : owner->import(view(f), f.id_, &f.owner_->nodes.complete);
    ++count;
  }
  int const id = detail::apply_node(owner->nodes, op, ids);
  return {std::move(owner), id};
}

symbolic symbolic::reduce(primitive const& op, symbolic const& operand, std::string_view axis) {
  int const id = algebra<traced>::reduce_within(operand.owner_->nodes, op, &operand.id_, operand.owner_->axis(axis));
  return {operand.owner_, id};
}

symbolic parse(std::string_view source, std::span<declaration const> declared,
               std::initializer_list<primitive const*> more) {
  std::vector<detail::callable> callables;
  for (primitive const* p : more) callables.push_back({p->name, p, p->id, p->arity, p->kind});
  detail::parsed_text parsed = detail::parse_tokens(source, declared.data(), static_cast<int>(declared.size()),
                                                    callables.data(), static_cast<int>(callables.size()));
  if (parsed.problem.fault != detail::parse_fault::none) throw_parse_error(parsed.problem, source, callables);
  for (int i = 0; i < parsed.tokens.size(); ++i) parsed.tokens[i].axes = parsed.axes.data() + parsed.first_axis[i];
  graph g;
  lowering(g, find_primitive)
      .run(parsed.tokens.data(), parsed.tokens.size(), parsed.literals.data(), literal_mode::known);
  return handle_of(g.view(), 0);
}

namespace {

symbolic simplified(graph const& g, int output = 0) {
  graph_view v = g.view();
  int const id = g.outputs[output];
  v.outputs = &id;
  v.output_count = 1;
  try {
    return handle_of(simplify(v, sharing::expand).view(), 0);
  } catch (error const&) {  // too long to be written out, but not to be evaluated or differentiated
    return handle_of(simplify(v, sharing::keep).view(), 0);
  }
}

/// The derivatives of node `output` by each of the names.
sequence<int> derivatives_by(graph& g, int output, std::span<std::string const> names) {
  sequence<int> present, result;
  for (std::string const& name : names)
    if (int const id = variable_node(g, name); id >= 0) present.push_back(id);
  sequence<int> const found = present.empty() ? present : differentiator(g).gradient(output, present);
  int next = 0;
  for (std::string const& name : names)
    result.push_back(variable_node(g, name) >= 0 ? found[next++] : detail::constant_node(g, {0, 1}));
  return result;
}

}  // namespace

symbolic diff(symbolic const& f, std::span<std::string const> names) {
  require_scalar(f, "diff");
  constexpr std::size_t most = 100;
  if (names.size() > most)
    throw error(fmt::format("ddx::diff: a derivative is of order {} at most, not {}", most, names.size()));
  symbolic result = simplify(f);
  for (std::string const& name : names) {
    graph g = result.extract();
    int const derivative = derivatives_by(g, g.outputs[0], std::span(&name, 1))[0];
    g.outputs[0] = derivative;
    result = simplified(g);
  }
  return detail::complete(std::move(result));
}

symbolic diff(symbolic const& f, std::string const& name, int order) {
  if (order < 0) throw error(fmt::format("ddx::diff: the order must be 0 or more, not {}", order));
  return diff(f, std::vector<std::string>(static_cast<std::size_t>(order), name));
}

std::vector<symbolic> grad(symbolic const& f, std::span<std::string const> names) {
  require_scalar(f, "grad");
  graph g = f.extract();
  sequence<int> const derivatives = derivatives_by(g, g.outputs[0], names);
  g.outputs.clear();
  for (int id : derivatives) g.outputs.push_back(id);
  std::vector<symbolic> result;
  for (int i = 0; i < g.outputs.size(); ++i) result.push_back(detail::complete(simplified(g, i)));
  return result;
}

std::vector<std::vector<symbolic>> jacobian(std::span<symbolic const> formulas, std::span<std::string const> names) {
  std::vector<std::vector<symbolic>> rows;
  for (symbolic const& f : formulas) rows.push_back(grad(f, names));
  return rows;
}

std::vector<std::vector<symbolic>> hessian(symbolic const& f, std::span<std::string const> names) {
  std::vector<symbolic> const first = grad(f, names);
  std::vector<std::vector<symbolic>> rows;
  for (std::size_t i = 0; i < first.size(); ++i) {
    std::vector<symbolic> row;
    for (std::size_t k = 0; k < i; ++k) row.push_back(rows[k][i]);
    for (symbolic& upper : grad(first[i], names.subspan(i))) row.push_back(std::move(upper));
    rows.push_back(std::move(row));
  }
  return rows;
}

symbolic simplify(symbolic const& f) { return detail::with_positions_of(f, simplified(f.extract())); }

double eval(symbolic const& f, std::span<assignment const> values) {
  graph const g = f.extract();
  std::vector<double> inputs;
  for (std::size_t i = 0; i < values.size(); ++i)
    for (std::size_t k = 0; k < i; ++k)
      if (values[i].name == values[k].name) throw error(fmt::format("ddx::eval: '{}' is given twice", values[i].name));
  for (input const& i : g.inputs) {
    if (i.rank > 0)
      throw error(fmt::format("ddx::eval: '{}' is an array; only formulas of variables are evaluated", i.name));
    auto const found =
        std::find_if(values.begin(), values.end(), [&](assignment const& a) { return a.name == i.name; });
    if (found == values.end()) throw error(fmt::format("ddx::eval: variable '{}' has no value", i.name));
    inputs.push_back(found->value);
  }
  sequence<double> all;
  try {
    interpret(g.view(), inputs.data(), all);
  } catch (std::invalid_argument const&) {
    throw error("ddx::eval: the formula has axes; only formulas of variables are evaluated");
  }
  return all[g.outputs[0]];
}

double eval(symbolic const& f, std::initializer_list<assignment> values) {
  return eval(f, std::span(values.begin(), values.size()));
}

bool same(symbolic const& left, symbolic const& right) {
  arena both;
  int const a = both.import(view(left), arena::id(left)), b = both.import(view(right), arena::id(right));
  both.nodes.outputs.push_back(a);
  both.nodes.outputs.push_back(b);
  graph const canonical = simplify(both.nodes.view(), sharing::expand, sum_order::canonical);
  return canonical.outputs[0] == canonical.outputs[1];
}

std::string to_string(symbolic const& f, format style) {
  graph const g = f.extract();
  return print(g.view(), 0, style);
}

}  // namespace ddx
