// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// What a program does with tensors enters, step by step; a graph leaves, whose axes have names: each axis of each tensor begins as one of
// its own, and operations that pair axes make them one.
#include "tensor_trace.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <set>

#include <ddx/primitive/table.hpp>
#include <ddx/tape/tensor_tape.hpp>

#include "kept_name.hpp"
#include "tensor_reductions.hpp"

namespace ddx {
namespace detail {

namespace {

constexpr auto caller = "ddx::tensor_tape::graph: ";

/// An axis, which may turn out to be another one.
struct traced_axis {
  int same_as = -1;
  index extent = 1;
  std::string name{};
};

/// A node to be. Its operands are steps before it.
struct traced_step {
  enum class kind { input, number, constant, apply, reduce, unknown };
  kind what = kind::number;
  primitive const* op = nullptr;
  std::array<int, max_arity> operands{-1, -1, -1};
  double number = 0;
  int reduced = -1;         ///< the axis
  std::vector<int> axes{};  ///< of an input or constant, outermost first
  std::string text{};       ///< the name of an input; what there is no formula for
  handle elements{};        ///< of a constant
};

/// What a cell holds: a step, and which of its axes are the cell's; -1 for axes of one element that the step has not.
struct traced_value {
  int step = -1;
  std::vector<int> axes{};
  std::uint32_t version = 0;
};

std::uint32_t version_of(cell const& c) { return c.elements ? c.elements->version : 0; }

std::uint64_t next_tag() {
  static std::atomic<std::uint32_t> last = 0;
  return std::uint64_t{++last} << 32;
}

}  // namespace

struct tensor_trace {
  std::uint64_t tag = next_tag();
  std::vector<traced_axis> axes{};
  std::vector<traced_step> steps{};
  std::vector<traced_value> values{};
  std::vector<named_tensor> constants{};

  // ---- axes

  int new_axis(index extent, std::string name = {}) {
    axes.push_back({-1, extent, std::move(name)});
    return static_cast<int>(axes.size()) - 1;
  }
  int root(int axis) const {
    while (axes[static_cast<unsigned>(axis)].same_as >= 0) axis = axes[static_cast<unsigned>(axis)].same_as;
    return axis;
  }
  traced_axis const& axis_at(int axis) const { return axes[static_cast<unsigned>(root(axis))]; }

  /// Makes two axes one; the sentence tells why they cannot be.
  std::string unify(int& first, int second) {
    if (first < 0) first = second;
    if (second < 0 || root(first) == root(second)) return {};
    traced_axis &a = axes[static_cast<unsigned>(root(first))], &b = axes[static_cast<unsigned>(root(second))];
    if (a.extent != b.extent)
      return "axis " + quoted(a) + " of " + std::to_string(a.extent) + " and axis " + quoted(b) + " of " +
             std::to_string(b.extent) + " elements meet; leave an axis of one element without a name";
    if (!a.name.empty() && !b.name.empty())
      return "the axes " + quoted(a) + " and " + quoted(b) + " meet in one operation; give them one name";
    if (a.name.empty()) a.name = b.name;
    b.same_as = root(first);
    return {};
  }
  static std::string quoted(traced_axis const& axis) { return "'" + (axis.name.empty() ? "?" : axis.name) + "'"; }

  /// An axis that is two of these, or -1.
  int axis_met_twice(std::vector<int> const& list, int one_more = -1) const {
    std::vector<int> roots;
    for (int axis : list)
      if (axis >= 0) roots.push_back(root(axis));
    if (one_more >= 0) roots.push_back(root(one_more));
    std::sort(roots.begin(), roots.end());
    auto const twice = std::adjacent_find(roots.begin(), roots.end());
    return twice == roots.end() ? -1 : *twice;
  }

  // ---- steps and values

  int append(traced_step step) {
    steps.push_back(std::move(step));
    return static_cast<int>(steps.size()) - 1;
  }

  void set(cell& c, int step, std::vector<int> of_cell) {
    values.push_back({step, std::move(of_cell), version_of(c)});
    c.trace = tag | values.size();
  }

  int unknown(std::string why) {
    traced_step step;
    step.what = traced_step::kind::unknown;
    step.text = std::move(why);
    return append(std::move(step));
  }
  void set_unknown(cell& c, std::string why) {
    std::vector<int> of_cell;
    for (index extent : c.sizes) of_cell.push_back(extent == 1 ? -1 : new_axis(extent));
    set(c, unknown(std::move(why)), std::move(of_cell));
  }

  int number(double value) {
    traced_step step;
    step.number = value;
    return append(std::move(step));
  }

  bool is_new(handle const& h) const { return (h->trace ^ tag) >> 32 != 0; }
  /// Whether it depends on no input: also where it is a constant of the graph already.
  bool is_constant(handle const& h) const {
    if (is_new(h)) return true;
    auto const at = static_cast<std::uint32_t>(h->trace);
    return at != 0 && steps[static_cast<unsigned>(values[at - 1].step)].what == traced_step::kind::constant;
  }

  /// The cell's value; a constant becomes one.
  traced_value value_of(handle const& h) {
    cell& c = *h;
    if (is_new(h)) {
      std::vector<int> of_cell;
      if (is_uniform(c) || c.count == 1) {
        handle const one = c.count == 1 ? h : contiguous(h);
        for (index extent : c.sizes) of_cell.push_back(extent == 1 ? -1 : new_axis(extent));
        int const step = number(number_of(one));
        return {step, std::move(of_cell), 0};
      }
      set_input(h, traced_step::kind::constant, {}, {});
    }
    auto const at = static_cast<std::uint32_t>(c.trace);
    if (at == 0)
      set_unknown(c, "formulas do not have the operation that computed a tensor of shape " + to_string(c.sizes));
    traced_value const& known = values[static_cast<std::uint32_t>(c.trace) - 1];
    if (known.version != version_of(c))
      set_unknown(c, "a tensor of shape " + to_string(c.sizes) + " was changed through a view of its elements");
    return values[static_cast<std::uint32_t>(c.trace) - 1];
  }

  void set_input(handle const& h, traced_step::kind kind, std::string name, std::vector<std::string> const& names) {
    traced_step step;
    step.what = kind;
    step.text = std::move(name);
    std::vector<int> of_cell;
    for (int axis = 0; axis < h->sizes.rank(); ++axis) {
      index const extent = h->sizes[axis];
      bool const named = !names.empty() && !names[static_cast<unsigned>(axis)].empty();
      of_cell.push_back(named         ? axis_named(names[static_cast<unsigned>(axis)], extent)
                        : extent == 1 ? -1
                                      : new_axis(extent));
      if (of_cell.back() >= 0) step.axes.push_back(of_cell.back());
    }
    if (kind == traced_step::kind::constant) {
      step.elements = copied(h);
      step.elements->trace = 0;
    }
    int const number_of_step = append(std::move(step));
    set(*h, number_of_step, std::move(of_cell));
  }

  int axis_named(std::string const& name, index extent) {
    for (std::size_t i = 0; i < axes.size(); ++i)
      if (axes[i].name == name) return static_cast<int>(i);
    return new_axis(extent, name);
  }

  int apply(primitive const& op, std::initializer_list<int> operands) {
    traced_step step;
    step.what = traced_step::kind::apply;
    step.op = &op;
    std::copy(operands.begin(), operands.end(), step.operands.begin());
    return append(std::move(step));
  }

  int reduce(primitive const& op, int operand, int axis) {
    traced_step step;
    step.what = traced_step::kind::reduce;
    step.op = &op;
    step.operands[0] = operand;
    step.reduced = axis;
    return append(std::move(step));
  }
};

namespace {

constinit thread_local tensor_trace* current_trace = nullptr;

bool all_constant(std::span<handle const> operands) {
  return std::all_of(operands.begin(), operands.end(),
                     [](handle const& h) { return !h || current_trace->is_constant(h); });
}

primitive const& primitive_of(tensor_operation const& op) {
  return op.own ? *op.own : *find_primitive(hash_of(op.name));
}

/// Pairs the axes of operands with those of their common shape, from the last one on.
std::string pair_axes(tensor_trace& trace, std::vector<int>& common, std::vector<int> const& of_operand) {
  std::size_t const lead = common.size() - of_operand.size();
  for (std::size_t i = 0; i < of_operand.size(); ++i)
    if (auto why = trace.unify(common[lead + i], of_operand[i]); !why.empty()) return why;
  return {};
}

}  // namespace

void trace_operation(handle const& result, tensor_operation const& op, term const* operands) {
  tensor_trace& trace = *current_trace;
  handle tensors[max_arity];
  for (int k = 0; k < op.arity; ++k) tensors[k] = operands[k].tensor;
  if (all_constant(tensors)) {
    result->trace = 0;
    return;
  }
  std::vector<int> common(static_cast<unsigned>(result->sizes.rank()), -1);
  std::array<int, max_arity> steps{-1, -1, -1};
  std::string why;
  for (int k = 0; k < op.arity && why.empty(); ++k) {
    auto const at = static_cast<unsigned>(k);
    if (!tensors[k]) {
      steps[at] = trace.number(operands[k].number);
      continue;
    }
    traced_value const value = trace.value_of(tensors[k]);
    steps[at] = value.step;
    why = pair_axes(trace, common, value.axes);
  }
  if (!why.empty()) return trace.set_unknown(*result, why);
  primitive const& record = primitive_of(op);
  int const step = op.arity == 1   ? trace.apply(record, {steps[0]})
                   : op.arity == 2 ? trace.apply(record, {steps[0], steps[1]})
                                   : trace.apply(record, {steps[0], steps[1], steps[2]});
  trace.set(*result, step, std::move(common));
}

/// What is made of a constant alone is a constant, and no step of a program.
static bool stays_constant(handle const& result, handle const& operand) {
  if (!current_trace->is_constant(operand)) return false;
  result->trace = 0;
  return true;
}

void trace_conversion(handle const& result, handle const& operand) {
  tensor_trace& trace = *current_trace;
  if (stays_constant(result, operand)) return;
  traced_value const value = trace.value_of(operand);
  int step = value.step;
  if (result->kind == element_kind::boolean && operand->kind != element_kind::boolean)
    step = trace.apply(info<not_equal_>, {step, trace.number(0)});
  else if (result->kind == element_kind::int64 && is_floating(operand->kind)) step = trace.apply(info<trunc_>, {step});
  trace.set(*result, step, value.axes);
}

void trace_reduction(handle const& result, reduction kind, handle const& operand, unsigned bits, bool keep) {
  tensor_trace& trace = *current_trace;
  if (stays_constant(result, operand)) return;
  traced_reduction const how = traced_as(kind);
  traced_value const value = trace.value_of(operand);
  std::vector<int> kept;
  int step = how.negated ? trace.apply(info<negate_>, {value.step}) : value.step;
  bool any = false;
  for (std::size_t axis = value.axes.size(); axis-- > 0;)  // the last one first, as loops are nested
    if ((bits >> axis & 1u) == 0) {
      kept.insert(kept.begin(), value.axes[axis]);
    } else {
      if (keep) kept.insert(kept.begin(), -1);
      if (value.axes[axis] < 0) continue;
      step = trace.reduce(*how.record, step, value.axes[axis]);
      any = true;
    }
  if (!any && how.of_one != nullptr) step = trace.apply(*how.of_one, {step});
  if (how.negated) step = trace.apply(info<negate_>, {step});
  trace.set(*result, step, std::move(kept));
}

void trace_product(handle const& result, handle const& a, handle const& b) {
  tensor_trace& trace = *current_trace;
  if (all_constant(std::array{a, b})) {
    result->trace = 0;
    return;
  }
  traced_value left = trace.value_of(a), right = trace.value_of(b);
  // a vector's only axis, the last of a left matrix, the one before the last of a right one
  std::size_t const of_left = left.axes.size() - 1, of_right = right.axes.size() == 1 ? 0 : right.axes.size() - 2;
  std::string why = trace.unify(left.axes[of_left], right.axes[of_right]);
  int const summed = left.axes[of_left];
  left.axes.erase(left.axes.begin() + static_cast<std::ptrdiff_t>(of_left));
  right.axes.erase(right.axes.begin() + static_cast<std::ptrdiff_t>(of_right));
  std::vector<int> axes = left.axes;
  for (std::size_t i = 0; i < right.axes.size(); ++i) {
    if (a->sizes.rank() == 3 && i == 0) why += trace.unify(axes[0], right.axes[0]);  // a batch of matrices
    else axes.push_back(right.axes[i]);
  }
  if (!why.empty()) return trace.set_unknown(*result, why);
  if (int const twice = trace.axis_met_twice(axes, summed); twice >= 0)
    return trace.set_unknown(*result, "a product of matrices has axis " + tensor_trace::quoted(trace.axis_at(twice)) +
                                          " twice; formulas need two inputs for that");
  int step = trace.apply(info<multiply_>, {left.step, right.step});
  if (summed >= 0) step = trace.reduce(info<sum_>, step, summed);
  trace.set(*result, step, std::move(axes));
}

void trace_axes(handle const& result, handle const& operand, std::span<int const> from) {
  tensor_trace& trace = *current_trace;
  if (stays_constant(result, operand)) return;
  traced_value const value = trace.value_of(operand);
  std::vector<int> axes;
  for (int axis : from) axes.push_back(axis < 0 ? -1 : value.axes[static_cast<unsigned>(axis)]);
  trace.set(*result, value.step, std::move(axes));
}

void trace_reshape(handle const& result, handle const& operand) {
  tensor_trace& trace = *current_trace;
  if (stays_constant(result, operand)) return;
  traced_value const value = trace.value_of(operand);
  // Only axes of one element may come and go.
  std::vector<int> axes;
  int at = 0;
  auto const skip = [&] {
    while (at < operand->sizes.rank() && value.axes[static_cast<unsigned>(at)] < 0) ++at;
  };
  for (index extent : result->sizes) {
    skip();
    bool const taken = at < operand->sizes.rank() && operand->sizes[at] == extent;
    if (!taken && extent != 1) return trace_unknown(result, "reshape", {&operand, 1});
    axes.push_back(taken ? value.axes[static_cast<unsigned>(at++)] : -1);
  }
  skip();
  if (at < operand->sizes.rank()) return trace_unknown(result, "reshape", {&operand, 1});
  trace.set(*result, value.step, std::move(axes));
}

void trace_expansion(handle const& result, handle const& operand) {
  tensor_trace& trace = *current_trace;
  if (stays_constant(result, operand)) return;
  traced_value const value = trace.value_of(operand);
  std::vector<int> axes(static_cast<unsigned>(result->sizes.rank()), -1);
  std::size_t const lead = axes.size() - value.axes.size();
  std::copy(value.axes.begin(), value.axes.end(), axes.begin() + static_cast<std::ptrdiff_t>(lead));
  for (std::size_t i = 0; i < axes.size(); ++i) {
    index const extent = result->sizes[static_cast<int>(i)];
    if (axes[i] < 0 && extent != 1) axes[i] = trace.new_axis(extent);
    if (axes[i] >= 0 && trace.axis_at(axes[i]).extent != extent)
      return trace_unknown(result, "expand of a named axis", {&operand, 1});
  }
  trace.set(*result, value.step, std::move(axes));
}

void trace_unknown(handle const& result, char const* name, std::span<handle const> operands) {
  if (all_constant(operands)) result->trace = 0;
  else current_trace->set_unknown(*result, std::string("formulas have no ") + name);
}

void trace_assignment(cell& to, std::uint64_t value) {
  tensor_trace& trace = *current_trace;
  to.trace = (value ^ trace.tag) >> 32 != 0 ? 0 : value;
  if (static_cast<std::uint32_t>(to.trace) == 0) return;
  traced_value const given = trace.values[static_cast<std::uint32_t>(value) - 1];
  trace.set(to, given.step, given.axes);
}

namespace {

/// Steps as nodes, those that outputs need.
class graph_of_trace {
 public:
  explicit graph_of_trace(tensor_trace& trace)
      : trace_(trace), nodes_(trace.steps.size(), -1), needed_(trace.steps.size(), 0) {
    for (traced_axis const& axis : trace.axes) taken_.insert(axis.name);
    for (traced_step const& step : trace.steps) taken_.insert(step.text);
    names_.resize(trace.axes.size());
  }

  void need(int step) { needed_[static_cast<unsigned>(step)] = 1; }

  void build() {
    for (std::size_t i = trace_.steps.size(); i-- > 0;)
      for (int operand : trace_.steps[i].operands)
        if (needed_[i] && operand >= 0) need(operand);
    // Inputs in the order of their declaration, then constants.
    for (std::size_t i = 0; i < trace_.steps.size(); ++i)
      if (trace_.steps[i].what == traced_step::kind::input) declare(i, trace_.steps[i].text);
    trace_.constants.clear();
    for (std::size_t i = 0; i < trace_.steps.size(); ++i) {
      traced_step const& step = trace_.steps[i];
      if (!needed_[i] || step.what != traced_step::kind::constant) continue;
      std::string const name = fresh("c");
      declare(i, name);
      trace_.constants.emplace_back(kept_name(name), step.elements);
    }
    for (traced_value const& value : trace_.values)
      if (int const twice = trace_.axis_met_twice(value.axes); twice >= 0 && needed_[static_cast<unsigned>(value.step)])
        throw error(std::string(caller) + "two axes of one tensor are axis " +
                    tensor_trace::quoted(trace_.axis_at(twice)) + "; formulas need two inputs for that");
    for (std::size_t i = 0; i < trace_.steps.size(); ++i)
      if (needed_[i] && nodes_[i] < 0) nodes_[i] = node_of(trace_.steps[i]);
  }

  void output(int step) { result_.outputs.push_back(nodes_[static_cast<unsigned>(step)]); }
  graph result() { return std::move(result_); }

 private:
  std::string fresh(std::string const& prefix) {
    for (int number = 0;; ++number)
      if (std::string name = prefix + std::to_string(number); taken_.insert(name).second) return name;
  }

  /// The graph's axis.
  int axis(int of_trace) {
    auto const at = static_cast<unsigned>(trace_.root(of_trace));
    std::string& name = names_[at];
    if (name.empty()) {
      name = trace_.axes[at].name;
      for (char letter = 'i'; name.empty() && letter <= 'n'; ++letter)
        if (taken_.insert(std::string(1, letter)).second) name = letter;
      if (name.empty()) name = fresh("i");
    }
    return result_.axis(kept_name(name));
  }

  void declare(std::size_t step, std::string const& name) {
    input declared{.name = kept_name(name)};
    for (int of_trace : trace_.steps[step].axes) {
      if (declared.rank == max_rank) throw error(caller + name + " has more than 6 axes");
      declared.axes[declared.rank++] = axis(of_trace);
      known_ |= axis_set{1} << declared.axes[declared.rank - 1];
    }
    result_.inputs.push_back(declared);
    nodes_[step] = input_node(result_, result_.inputs.size() - 1);
  }

  int node_of(traced_step const& step) {
    switch (step.what) {
      case traced_step::kind::number: return constant_node(result_, {step.number, 1});
      case traced_step::kind::apply: {
        int operands[max_arity]{-1, -1, -1};
        for (int k = 0; k < step.op->arity; ++k)
          operands[k] = nodes_[static_cast<unsigned>(step.operands[static_cast<unsigned>(k)])];
        return apply_node(result_, *step.op, operands);
      }
      case traced_step::kind::reduce: return reduction_node(step);
      default: throw error(caller + step.text);
    }
  }

  int reduction_node(traced_step const& step) {
    int const operand = nodes_[static_cast<unsigned>(step.operands[0])], along = axis(step.reduced);
    if ((known_ >> along & 1u) != 0) return algebra<traced>::reduce_node(result_, *step.op, operand, along);
    throw error(std::string(caller) + "an axis that no input has, made by expand, is reduced");
  }

  tensor_trace& trace_;
  graph result_;
  std::vector<int> nodes_;
  std::vector<char> needed_;
  std::vector<std::string> names_;
  std::set<std::string> taken_;
  axis_set known_ = 0;
};

}  // namespace
}  // namespace detail

tensor_tape::tensor_tape() : trace_(std::make_unique<detail::tensor_trace>()) {
  if (detail::tracing())
    throw error("ddx::tensor_tape: another one lives on this thread; it must end before this one begins");
  detail::current_trace = trace_.get();
  detail::on_thread().trace_tag = trace_->tag;
}

tensor_tape::~tensor_tape() {
  detail::current_trace = nullptr;
  detail::on_thread().trace_tag = 0;
}

void tensor_tape::declare(detail::handle const& values, std::string const& name, std::vector<std::string> const& axes) {
  constexpr auto caller = "ddx::tensor_tape::input: ";
  auto const rank = static_cast<std::size_t>(values->sizes.rank());
  if (!axes.empty() && axes.size() != rank)
    throw error(caller + name + " has " + std::to_string(axes.size()) + " names of axes and shape " +
                to_string(values->sizes));
  for (detail::traced_step const& step : trace_->steps)
    if (step.what == detail::traced_step::kind::input && step.text == name)
      throw error(std::string(caller) + "there is an input " + name + " already");
  if (!trace_->is_constant(values)) throw error(caller + name + " was computed on the tape or is an input already");
  for (std::size_t i = 0; i < axes.size(); ++i) {
    auto const extent = values->sizes[static_cast<int>(i)];
    for (detail::traced_axis const& known : trace_->axes)
      if (!axes[i].empty() && known.name == axes[i] && known.extent != extent)
        throw error(std::string(caller) + "axis " + axes[i] + " has " + std::to_string(known.extent) +
                    " elements before and " + std::to_string(extent) + " in " + name);
    if (!axes[i].empty() && std::count(axes.begin(), axes.end(), axes[i]) > 1)
      throw error(caller + name + " has the axis " + axes[i] + " twice");
  }
  trace_->set_input(values, detail::traced_step::kind::input, name, axes);
}

std::vector<named_tensor> const& tensor_tape::constants() const { return trace_->constants; }

graph tensor_tape::graph_of(std::span<detail::handle const> outputs) const {
  std::vector<int> steps;
  for (detail::handle const& output : outputs) steps.push_back(trace_->value_of(output).step);
  detail::graph_of_trace building(*trace_);
  for (int step : steps) building.need(step);
  building.build();
  for (int step : steps) building.output(step);
  return building.result();
}

}  // namespace ddx
