// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A graph that is known at run time and tensors for its inputs enter; the values of its nodes leave, and with them drawings and steps of
// learning.
#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include <ddx/print/print.hpp>
#include <ddx/tape/tensor_no_grad.hpp>
#include <ddx/tape/tensor_tape.hpp>
#include <ddx/transform/differentiate.hpp>
#include <ddx/transform/simplify.hpp>

#include "kept_name.hpp"
#include "tensor_cell.hpp"
#include "tensor_reductions.hpp"

namespace ddx {
namespace detail {
namespace {

/// The nodes of a graph as tensors, whose axes are in the order of the graph's, and numbers.
class graph_values {
 public:
  graph_values(graph_view g, std::span<named_tensor const> inputs, char const* caller, double const* slots = nullptr)
      : g_(g), caller_(caller), slots_(slots), extents_(static_cast<std::size_t>(g.axis_count), -1) {
    for (int i = 0; i < g.input_count; ++i) bind(i, inputs);
    for (int i = 0; i < g.node_count; ++i) values_.push_back(value_of(g.nodes[i]));
  }

  term const& operator[](int node) const { return values_[static_cast<std::size_t>(node)]; }
  handle tensor_at(int node) const {
    term const& value = (*this)[node];
    return value.tensor ? value.tensor : tensor_filled(element_kind::float64, {}, value.number);
  }

  /// A node as a tensor of an input's shape, its axes in the order in which the input was declared.
  handle in_shape_of(int node, int which, shape const& sizes) const {
    input const& declared = g_.inputs[which];
    axis_set all = 0;
    for (int k = 0; k < declared.rank; ++k) all |= bit(declared.axes[k]);
    handle const value = with_axes(tensor_at(node), g_.nodes[node].axes, all);
    std::vector<int> order;
    for (int k = 0; k < declared.rank; ++k) order.push_back(std::popcount(all & (bit(declared.axes[k]) - 1)));
    handle const whole = tensor_permute(value, order);
    return declared.rank == sizes.rank()
               ? tensor_expand(whole, sizes)
               : tensor_reshape(tensor_expand(whole, without_ones(sizes, declared.rank)), sizes);
  }

  /// Where the binding of an input is among those given.
  std::size_t binding_of(int input) const { return bound_at_[static_cast<std::size_t>(input)]; }

 private:
  static axis_set bit(int axis) { return axis_set{1} << axis; }

  /// The shape with as many axes as are declared: axes of one element may be left out.
  static shape without_ones(shape const& sizes, int rank) {
    shape result;
    int spare = sizes.rank() - rank;
    for (index extent : sizes)
      if (extent == 1 && spare > 0) --spare;
      else result.push_back(extent);
    return result;
  }

  void bind(int which, std::span<named_tensor const> inputs) {
    input const& declared = g_.inputs[which];
    bound_.emplace_back();
    bound_at_.push_back(0);
    if (declared.is_slot()) return;
    auto const found =
        std::find_if(inputs.begin(), inputs.end(), [&](named_tensor const& one) { return one.name == declared.name; });
    if (found == inputs.end()) throw error(fmt::format("{}: there is no value for {}", caller_, declared.name));
    shape const sizes = without_ones(found->value->sizes, declared.rank);
    if (sizes.rank() != declared.rank)
      throw error(fmt::format("{}: {} has {} axes, its value has shape {}", caller_, declared.name, declared.rank,
                              to_string(found->value->sizes)));
    std::vector<int> order(static_cast<std::size_t>(declared.rank));
    axis_set all = 0;
    for (int k = 0; k < declared.rank; ++k) {
      index& extent = extents_[static_cast<std::size_t>(declared.axes[k])];
      if (extent < 0) extent = sizes[k];
      if (extent != sizes[k])
        throw error(fmt::format("{}: axis {} has {} elements before and {} in {}", caller_, g_.axes[declared.axes[k]],
                                extent, sizes[k], declared.name));
      all |= bit(declared.axes[k]);
    }
    for (int k = 0; k < declared.rank; ++k)
      order[static_cast<std::size_t>(std::popcount(all & (bit(declared.axes[k]) - 1)))] = k;
    handle const whole = tensor_reshape(found->value, sizes);
    bound_.back() =
        tensor_permute(is_floating(whole->kind) ? whole : tensor_convert(whole, element_kind::float64), order);
    bound_at_.back() = static_cast<std::size_t>(found - inputs.begin());
  }

  /// The axes that a node lacks as axes of one element.
  static handle with_axes(handle h, axis_set has, axis_set wanted) {
    for (int axis = 0, at = 0; axis < max_axes; ++axis) {
      if ((wanted >> axis & 1u) == 0) continue;
      if ((has >> axis & 1u) == 0) h = tensor_unsqueeze(h, at);
      ++at;
    }
    return h;
  }

  term value_of(node const& n) {
    switch (n.op->kind) {
      case role::constant: return n.op->value != nullptr ? n.op->value(nullptr) : n.constant.value();
      case role::input:
        if (g_.inputs[n.index].is_slot()) return slots_[g_.inputs[n.index].slot];
        return bound_[static_cast<std::size_t>(n.index)];
      case role::extent: return static_cast<double>(extent_of(n.index));
      case role::position: return tensor_range(element_kind::float64, 0, static_cast<double>(extent_of(n.index)), 1);
      case role::inside: return inside(n);
      case role::reduction: return reduced(n);
      case role::shift: return shifted(n);
      case role::scan: return scanned(n);
      case role::elementwise: break;
    }
    std::array<term, max_arity> operands;
    bool numbers = true;
    for (int k = 0; k < n.op->arity; ++k) {
      auto const at = static_cast<std::size_t>(k);
      operands[at] = (*this)[n.operands[k]];
      if (!operands[at].tensor) continue;
      numbers = false;
      operands[at] = with_axes(operands[at].tensor, g_.nodes[n.operands[k]].axes, n.axes);
    }
    if (numbers) {
      double values[max_arity]{};
      for (int k = 0; k < n.op->arity; ++k) values[k] = operands[static_cast<std::size_t>(k)].number;
      return n.op->value(values);
    }
    if (is_library_primitive(n.op->id)) return apply_operation(library_operation(n.op->id), operands.data());
    return applied(*n.op, operands.data());
  }

  /// A user's primitive, of which a graph knows its value at one point only.
  static handle applied(primitive const& op, term const* operands) {
    shape common{};
    for (int k = 0; k < op.arity; ++k)
      if (operands[k].tensor) common = broadcast(common, operands[k].tensor->sizes, op.name);
    std::array<handle, max_arity> whole;
    for (int k = 0; k < op.arity; ++k)
      if (operands[k].tensor)
        whole[static_cast<std::size_t>(k)] =
            contiguous(tensor_expand(tensor_convert(operands[k].tensor, element_kind::float64), common));
    handle const result = make_cell(element_kind::float64, common);
    for (index i = 0; i < result->count; ++i) {
      double values[max_arity]{};
      for (int k = 0; k < op.arity; ++k) {
        handle const& from = whole[static_cast<std::size_t>(k)];
        values[k] = from ? data<double>(*from)[i] : operands[k].number;
      }
      data<double>(*result)[i] = op.value(values);
    }
    return result;
  }

  index extent_of(int axis) const {
    index const extent = extents_[static_cast<std::size_t>(axis)];
    if (extent < 0) throw error(fmt::format("{}: no input has axis {}", caller_, g_.axes[axis]));
    return extent;
  }

  /// 1 where the offset leads to a position within the axis, 0 elsewhere.
  handle inside(node const& n) {
    index const extent = extent_of(n.index), offset = static_cast<index>(n.constant.numerator);
    handle const ones = make_cell(element_kind::float64, shape{extent});
    for (index i = 0; i < extent; ++i) data<double>(*ones)[i] = i + offset >= 0 && i + offset < extent ? 1 : 0;
    return ones;
  }

  /// What lies within the axis, between zeros.
  handle shifted(node const& n) {
    handle const whole = tensor_at(n.operands[0]);
    int const at = std::popcount(n.axes & (bit(n.index) - 1));
    index const extent = extent_of(n.index), by = static_cast<index>(std::abs(n.constant.numerator));
    index const outside = by < extent ? by : extent;
    shape sizes = whole->sizes;
    sizes[at] = outside;
    handle const zeros = tensor_filled(element_kind::float64, sizes, 0);
    bool const forward = n.constant.numerator > 0;
    handle const kept = tensor_narrow(whole, at, forward ? outside : 0, extent - outside);
    handle const parts[]{forward ? kept : zeros, forward ? zeros : kept};
    return tensor_concatenate(parts, at);
  }

  handle scanned(node const& n) {
    index const extent = extent_of(n.index);
    int const at = std::popcount(n.axes & (bit(n.index) - 1));
    handle operands[2];
    shape sizes;
    for (int axis = 0; axis < max_axes; ++axis)
      if (n.axes >> axis & 1u) sizes.push_back(extent_of(axis));
    for (int k = 0; k < 2; ++k)
      operands[k] = tensor_expand(with_axes(tensor_at(n.operands[k]), g_.nodes[n.operands[k]].axes, n.axes), sizes);
    std::vector<handle> layers(static_cast<std::size_t>(extent));
    bool const back = !n.constant.negative();
    for (index i = 0; i < extent; ++i) {
      index const place = back ? extent - 1 - i : i, before = back ? place + 1 : place - 1;
      term const b{tensor_select(operands[1], at, place)};
      handle& layer = layers[static_cast<std::size_t>(place)];
      layer = b.tensor;
      if (i == 0) continue;
      term const factors[]{{tensor_select(operands[0], at, place)}, {layers[static_cast<std::size_t>(before)]}};
      term const terms[]{{apply_operation(library_operation(info<multiply_>.id), factors)}, b};
      layer = apply_operation(library_operation(info<add_>.id), terms);
    }
    return extent == 0 ? operands[1] : tensor_stack(layers, at);
  }

  handle reduced(node const& n) {
    for (traced_reduction const& known : traced_reductions) {
      if (known.record->id != n.op->id) continue;
      axis_set const has = g_.nodes[n.operands[0]].axes, wanted = has | bit(n.index);
      int const at[]{std::popcount(has & (bit(n.index) - 1))};
      handle operand = with_axes(tensor_at(n.operands[0]), has, wanted);
      if (wanted != has) {  // what lacks the axis has equal elements along it
        shape sizes = operand->sizes;
        sizes[at[0]] = extent_of(n.index);
        operand = tensor_expand(operand, sizes);
      }
      return tensor_reduce(known.kind, operand, at, false);
    }
    throw error(fmt::format("{}: tensors have no reduction {}", caller_, n.op->name));
  }

  graph_view g_;
  char const* caller_;
  double const* slots_;
  std::vector<index> extents_;
  std::vector<handle> bound_;
  std::vector<std::size_t> bound_at_;
  std::vector<term> values_;
};

/// `2.5`, `[6, 10, 24]`, `[1, 2, 3, … of 28 x 28]`.
std::string shown(handle const& given) {
  handle const h = contiguous(tensor_convert(given, element_kind::float64));
  if (h->sizes.rank() == 0) return fmt::format("{:.6g}", *data<double>(*h));
  constexpr index most = 6, first = 3;
  std::string text = "[";
  for (index i = 0; i < (h->count <= most ? h->count : first); ++i)
    text += fmt::format("{}{:.6g}", i == 0 ? "" : ", ", data<double>(*h)[i]);
  if (h->count <= most) return text + "]";
  text += ", … of ";
  for (int axis = 0; axis < h->sizes.rank(); ++axis)
    text += fmt::format("{}{}", axis == 0 ? "" : " x ", h->sizes[axis]);
  return text + "]";
}

}  // namespace

graph_step::graph_step(graph_view loss, std::span<std::string const> parameters, std::size_t state_count,
                       std::size_t hyperparameter_count, rule update)
    : state_count_(state_count) {
  constexpr auto caller = "ddx::graph_stepper";
  if (loss.output_count != 1 || loss.nodes[loss.outputs[0]].axes != 0)
    throw error(
        fmt::format("{}: the loss must be a graph with one output, a scalar; take the mean over the batch", caller));
  graph g = graph::like(loss);
  for (int i = 0; i < loss.node_count; ++i) g.intern(loss.nodes[i]);
  sequence<int> by;
  std::vector<int> states, hyperparameters;
  for (std::string const& name : parameters) {
    int const which = g.find_input(name);
    if (which < 0) throw error(fmt::format("{}: the graph has no input {}", caller, name));
    by.push_back(input_node(g, which));
    trained_.push_back(g.inputs[which].name);
    for (std::size_t k = 0; k < state_count; ++k) {
      input state = g.inputs[which];
      state.name = kept_name(fmt::format("state {} of {}", k, name));
      g.inputs.push_back(state);
      states.push_back(input_node(g, g.inputs.size() - 1));
      trained_.push_back(state.name);
    }
  }
  for (std::size_t i = 0; i < hyperparameter_count; ++i) {
    g.inputs.push_back({.name = {}, .slot = static_cast<int>(i)});
    hyperparameters.push_back(input_node(g, g.inputs.size() - 1));
  }
  sequence<int> const gradients = differentiator(g).gradient(loss.outputs[0], by);
  g.outputs.push_back(loss.outputs[0]);
  std::vector<int> results(1 + state_count);
  for (int i = 0; i < by.size(); ++i) {
    update(g, by[i], gradients[i], states.data() + static_cast<std::size_t>(i) * state_count, hyperparameters.data(),
           results.data());
    for (int node : results) g.outputs.push_back(node);
  }
  program_ = simplify(g.view(), sharing::keep);
}

double graph_step::run(std::span<named_tensor const> inputs, std::span<double const> hyperparameters) {
  constexpr auto caller = "ddx::graph_stepper";
  no_grad const off;
  std::vector<named_tensor> all(inputs.begin(), inputs.end());
  for (std::size_t i = 0; i < trained_.size(); i += 1 + state_count_) {
    auto const found =
        std::find_if(inputs.begin(), inputs.end(), [&](auto const& one) { return one.name == trained_[i]; });
    if (found == inputs.end()) throw error(fmt::format("{}: there is no value for {}", caller, trained_[i]));
    if (!is_floating(found->value->kind))
      throw error(
          fmt::format("{}: {} is trained, so its elements must be floating-point numbers", caller, trained_[i]));
    for (std::size_t k = 0; k < state_count_; ++k) {
      std::size_t const which = i / (1 + state_count_) * state_count_ + k;
      bool const first = which >= states_.size();
      if (!first &&
          (states_[which].value->sizes != found->value->sizes || states_[which].value->kind != found->value->kind))
        throw error(fmt::format("{}: {} had shape {} in the steps before, now it has {} or another type", caller,
                                trained_[i], to_string(states_[which].value->sizes), to_string(found->value->sizes)));
      all.emplace_back(trained_[i + 1 + k],
                       first ? tensor_filled(found->value->kind, found->value->sizes, 0) : states_[which].value);
    }
  }
  graph_values const values(program_.view(), all, caller, hyperparameters.data());
  double const loss = number_of(values.tensor_at(program_.outputs[0]));
  std::vector<std::pair<handle, handle>> changes;  // what is changed, its new value
  for (std::size_t i = 0; i < trained_.size(); ++i) {
    int const which = program_.find_input(trained_[i]);
    handle const& target = all[values.binding_of(which)].value;
    changes.emplace_back(target, values.in_shape_of(program_.outputs[static_cast<int>(i) + 1], which, target->sizes));
    need(changes.back().second);
  }
  for (auto const& [target, value] : changes) tensor_copy(target, value);
  if (states_.empty()) states_.assign(all.begin() + static_cast<std::ptrdiff_t>(inputs.size()), all.end());
  return loss;
}

}  // namespace detail

std::vector<tensor<double>> eval(graph_view g, std::span<named_tensor const> inputs) {
  no_grad const off;
  detail::graph_values const values(g, inputs, "ddx::eval");
  std::vector<tensor<double>> result;
  for (int i = 0; i < g.output_count; ++i)
    result.emplace_back(detail::tensor_convert(values.tensor_at(g.outputs[i]), detail::element_kind::float64));
  return result;
}

std::vector<tensor<double>> eval(graph_view g, std::initializer_list<named_tensor> inputs) {
  return eval(g, std::span(inputs.begin(), inputs.size()));
}

std::string print_dot_at(graph_view g, std::span<named_tensor const> inputs) {
  no_grad const off;
  graph whole = graph::like(g);
  for (int i = 0; i < g.node_count; ++i) whole.intern(g.nodes[i]);
  sequence<int> gradients;
  if (g.output_count > 0 && g.nodes[g.outputs[0]].axes == 0) {
    sequence<int> all;
    for (int i = 0; i < g.node_count; ++i) all.push_back(i);
    gradients = differentiator(whole).gradient(g.outputs[0], all);
  }
  detail::graph_values const values(whole.view(), inputs, "ddx::print_dot_at");
  std::vector<std::string> notes;
  for (int i = 0; i < g.node_count; ++i) {
    std::string note;
    if (g.nodes[i].op->kind != role::constant) {
      note = "value " + detail::shown(values.tensor_at(i));
      if (!gradients.empty() && !g.nodes[i].op->condition)
        note += "\ngradient " + detail::shown(values.tensor_at(gradients[i]));
    }
    notes.push_back(std::move(note));
  }
  std::vector<std::string_view> const views(notes.begin(), notes.end());
  return print_dot(g, {.notes = views.data()});
}

std::string print_dot_at(graph_view g, std::initializer_list<named_tensor> inputs) {
  return print_dot_at(g, std::span(inputs.begin(), inputs.size()));
}

}  // namespace ddx
