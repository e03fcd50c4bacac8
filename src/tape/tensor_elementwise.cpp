// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Records and operands enter; their results leave, recorded where gradients are wanted; adjoints enter, those of operands leave.
#include <algorithm>
#include <cmath>

#include "tensor_expression.hpp"
#include "tensor_loops.hpp"
#include "tensor_trace.hpp"
#include "tensor_variants.hpp"

namespace ddx::detail {
namespace {

/// What adjoints are multiplied by where the backward pass is recorded: an adjoint of 0 stays 0, whatever the factor is. It gets
/// nothing back where the factor is no finite number; what the factor gets, see chain_backward.
struct chain_ {
  static constexpr std::string_view name = "multiply";
  static constexpr auto value = [](auto adjoint, auto by) {
    using number = decltype(adjoint);
    return select(adjoint == number(0), number(0), adjoint * by);
  };
  static constexpr rules partials{
      [](auto adjoint, auto by, auto) { return where(adjoint == 0 && by - by != 0, 0, by); },
      [](auto adjoint, auto, auto) { return adjoint; }};
};
constexpr tensor_operation chain_operation = make_tensor_operation<chain_, pack_loops>();

template <class To, class From>
void convert_loop(void* result, elements const* operands, index count) {
  From const* const from = static_cast<From const*>(operands[0].data);
  for (index i = 0; i < count; ++i) static_cast<To*>(result)[i] = static_cast<To>(from[i * operands[0].step]);
}

template <class To>
constexpr std::array<element_loop, 4> conversions{&convert_loop<To, bool>, &convert_loop<To, std::int64_t>,
                                                  &convert_loop<To, float>, &convert_loop<To, double>};
constexpr std::array<std::array<element_loop, 4>, 4> all_conversions{conversions<bool>, conversions<std::int64_t>,
                                                                     conversions<float>, conversions<double>};

/// What operand k gets, before sums over what was broadcast.
handle contribution(operation& self, int k, handle const& adjoint) {
  tensor_operation const& op = *self.elementwise;
  rule_facts const& rule = op.rules[k];
  if (rule.constant) {
    if (rule.number == 1) return adjoint;
    if (rule.number == -1) return negated(adjoint);
    if (rule.number == 0) return tensor_filled(adjoint->kind, adjoint->sizes, 0);
    return times(adjoint, rule.number);
  }
  term operands[max_operands];
  operands[0] = adjoint;
  for (int j = 0; j <= op.arity; ++j) {
    if ((rule.needs >> j & 1u) == 0) continue;
    if (j == op.arity) operands[j + 1] = saved(self, max_arity);
    else if (self.saved[j].tensor) operands[j + 1] = saved(self, j);
    else operands[j + 1] = self.saved[j];
  }
  if (recording) return chained(adjoint, op.rule[k](operands + 1));
  element_kind kinds[max_operands];
  for (int j = 0; j <= op.arity + 1; ++j)
    kinds[j] = j > 0 && j <= op.arity && (op.takes_conditions >> (j - 1) & 1u) ? element_kind::boolean : adjoint->kind;
  return compute(op.contribution[k][static_cast<int>(adjoint->kind)], adjoint->kind, kinds, operands, op.arity + 2,
                 adjoint->sizes, op.cheap);
}

handle fitted(operation const& self, int k, handle const& wide) {
  return self.broadcasts ? sum_to(wide, self.details->shapes[k]) : wide;
}

void elementwise_backward(operation& self, handle const& adjoint, handle* into) {
  for (int k = 0; k < self.elementwise->arity; ++k)
    if (self.edges[k]) into[k] = fitted(self, k, contribution(self, k, adjoint));
}

constexpr operation_kind elementwise_kind{"", "Backward0", &elementwise_backward};

/// The factor gets what is 0 where the adjoint in the product was 0, though what comes back be infinite or NaN, and has a derivative
/// by that adjoint there.
void chain_backward(operation& self, handle const& adjoint, handle* into) {
  if (self.edges[0]) into[0] = fitted(self, 0, contribution(self, 0, adjoint));
  if (self.edges[1]) into[1] = fitted(self, 1, chained(saved(self, 0), {adjoint}));
}

constexpr operation_kind chain_kind{"", "Backward0", &chain_backward};

void convert_backward(operation& self, handle const& adjoint, handle* into) {
  into[0] = tensor_convert(adjoint, static_cast<element_kind>(self.details->numbers[0]));
}
constexpr operation_kind convert_kind{"ToCopy", "Backward0", &convert_backward};

struct known_operation {
  unsigned id;
  tensor_operation operation;
};

/// The table of all operations with the loops of the fastest variant.
std::array<known_operation, record_count> fastest_operations() {
  std::array<known_operation, record_count> all{};
  std::size_t count = 0;
  for (auto part : {table_part<0>(), table_part<1>(), table_part<2>(), table_part<3>()})
    for (operation_entry const& entry : part) all[count++] = {entry.id, *entry.operation};
  constexpr element_kind kinds[]{element_kind::float32, element_kind::float64};
  for (record_loops const& loops : fastest_variant().records)
    for (auto& [id, operation] : all)
      for (int k = 0; id == loops.id && k < 2; ++k) {
        auto const kind = static_cast<int>(kinds[k]);
        if (loops.value[k] != nullptr) operation.value[kind] = loops.value[k];
        for (int operand = 0; operand < max_arity; ++operand)
          if (loops.contribution[operand][k] != nullptr)
            operation.contribution[operand][kind] = loops.contribution[operand][k];
      }
  return all;
}

}  // namespace

tensor_operation const& library_operation(unsigned id) {
  static auto const operations = fastest_operations();
  for (auto const& [known, operation] : operations)
    if (known == id) return operation;
  throw error("tensor: the compiled library has no operation of this name; its version is not that of the headers");
}

std::string grad_name(operation const& op) {
  if (op.elementwise == nullptr) return std::string(op.kind->name) + op.kind->suffix;
  // Where PyTorch's names are others.
  struct pair {
    std::string_view ours, theirs;
  };
  static constexpr pair shorter[]{{"subtract", "Sub"}, {"multiply", "Mul"}, {"divide", "Div"},
                                  {"negate", "Neg"},   {"min", "Minimum"},  {"max", "Maximum"}};
  for (auto const& [ours, theirs] : shorter)
    if (op.elementwise->name == ours) return std::string(theirs) + op.kind->suffix;
  std::string result;
  bool upper = true;  // the first letter, those behind digits and underscores
  for (char c : op.elementwise->name) {
    if (c == '_') {
      upper = true;
      continue;
    }
    result += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    upper = c >= '0' && c <= '9';
  }
  return result + op.kind->suffix;
}

shape broadcast(shape const& a, shape const& b, std::string_view name) {
  if (a == b) return a;
  shape const& longer = a.rank() >= b.rank() ? a : b;
  shape const& other = a.rank() >= b.rank() ? b : a;
  shape result = longer;
  int const lead = longer.rank() - other.rank();
  for (int axis = 0; axis < other.rank(); ++axis) {
    std::ptrdiff_t& extent = result[lead + axis];
    if (extent == other[axis] || other[axis] == 1) continue;
    if (extent != 1)
      throw error(std::string(name) + ": the shapes " + to_string(a) + " and " + to_string(b) +
                  " do not broadcast: extents must be equal or 1, from the last axis on");
    extent = other[axis];
  }
  return result;
}

handle compute(element_loop run, element_kind kind, element_kind const* kinds, term const* operands, int count,
               shape const& sizes, bool cheap) {
  index const total = sizes.count();
  if (total > at_once && finding_anomalies == 0) {
    auto waits = std::make_unique<expression>();
    waits->run = run;
    waits->count = count;
    waits->cheap = cheap;
    for (int k = 0; k < count; ++k) {
      waits->operands[k] = operands[k];
      waits->kinds[k] = kinds[k];
    }
    return make_pending(kind, sizes, std::move(waits));
  }
  handle const result = make_cell(kind, sizes);
  if (total == 0) return result;
  elements from[max_operands];
  alignas(64) std::byte copies[max_operands][64];
  handle gathered[max_operands];
  for (int k = 0; k < count; ++k) {
    cell* operand = operands[k].tensor.get();
    if (operand == nullptr) {
      spread(kinds[k], operands[k], copies[k]);
      from[k] = {copies[k], 0};
      continue;
    }
    if (operand->pending) evaluate(*operand);
    if (total != 1 && is_uniform(*operand)) {
      spread(*operand, copies[k]);
      from[k] = {copies[k], 0};
      continue;
    }
    if (!operand->contiguous || operand->count != total) {
      gathered[k] = contiguous(operand->sizes == sizes ? operands[k].tensor : [&] {
        recording_set const off(false);
        return tensor_expand(operands[k].tensor, sizes);
      }());
      operand = gathered[k].get();
    }
    from[k] = {bytes(*operand), 1};
  }
  run(bytes(*result), from, total);
  return result;
}

handle apply_operation(tensor_operation const& op, term const* given) {
  term operands[max_arity];
  element_kind latest = element_kind::boolean;
  bool point = false;
  for (int k = 0; k < op.arity; ++k) {
    operands[k] = given[k];
    if (op.takes_conditions >> k & 1u) continue;
    if (given[k].tensor) latest = std::max(latest, given[k].tensor->kind);
    else point = point || !given[k].whole;
  }
  bool const of_truth = op.value[static_cast<int>(element_kind::boolean)] != nullptr;
  element_kind const kind = of_truth
                                ? element_kind::boolean
                                : promote(latest, point, op.value[static_cast<int>(element_kind::int64)] != nullptr);

  element_kind kinds[max_arity]{};
  shape const* sizes = nullptr;
  bool same = true, wanted = false;
  for (int k = 0; k < op.arity; ++k) {
    bool const truth = (op.takes_conditions >> k & 1u) != 0;
    kinds[k] = truth ? element_kind::boolean : kind;
    handle& operand = operands[k].tensor;
    if (!operand) continue;
    if (operand->kind != kinds[k]) {
      if (truth) {
        term const compared[]{operand, 0};
        operand = apply_operation(operation_of<not_equal_>(), compared);
      } else {
        operand = tensor_convert(operand, kind);
      }
    }
    if (sizes == nullptr) sizes = &operand->sizes;
    else same = same && *sizes == operand->sizes;
    wanted = wanted || operand->requires_grad;
  }
  shape common = *sizes;
  if (!same)
    for (int k = 0; k < op.arity; ++k)
      if (operands[k].tensor) common = broadcast(common, operands[k].tensor->sizes, op.name);

  element_kind const result_kind = op.condition ? element_kind::boolean : kind;
  handle const result =
      compute(op.value[static_cast<int>(kind)], result_kind, kinds, operands, op.arity, common, op.cheap);
  if (wanted && recording && !op.condition) {
    shared<operation> node(new operation);
    node->kind = &elementwise_kind;
    node->elementwise = &op;
    unsigned needs = 0;
    for (int k = 0; k < op.arity; ++k) {
      if (!operands[k].tensor || !operands[k].tensor->requires_grad) continue;
      node->edges[k] = edge_to(operands[k].tensor);
      needs |= op.rules[k].needs;
    }
    for (int k = 0; k < op.arity; ++k)
      if (needs >> k & 1u) save(*node, k, operands[k]);
    if (!same) {
      node->broadcasts = true;
      for (int k = 0; k < op.arity; ++k)
        if (operands[k].tensor) node->more().shapes[k] = operands[k].tensor->sizes;
    }
    result->requires_grad = true;
    result->history = std::move(node);
    result->history->result = result.get();
    result->histories = 0;
    if (needs >> op.arity & 1u) save_result(*result->history, result);
  }
  if (tracing()) trace_operation(result, op, operands);
  if (finding_anomalies > 0) look_at(result, op.name, operands, op.arity);
  return result;
}

handle chained(handle const& adjoint, scaled_factor const& rule) {
  if (!rule.value.tensor && !rule.zero.tensor) return times(adjoint, rule.zero.number != 0 ? term(0.) : rule.value);
  if (!rule.zero.tensor && rule.zero.number != 0) return tensor_filled(adjoint->kind, adjoint->sizes, 0);
  term const factors[]{adjoint, rule.value};
  handle result = apply_operation(chain_operation, factors);
  if (result->history) result->history->kind = &chain_kind;
  if (rule.zero.tensor) {
    term const choice[]{rule.zero, 0, result};
    result = apply_operation(operation_of<where_>(), choice);
  }
  return tensor_convert(result, adjoint->kind);
}

handle plus(handle const& a, handle const& b) {
  term const operands[]{a, b};
  return apply_operation(operation_of<add_>(), operands);
}
handle minus(handle const& a, handle const& b) {
  term const operands[]{a, b};
  return apply_operation(operation_of<subtract_>(), operands);
}
handle times(handle const& a, term const& b) {
  term const operands[]{a, b};
  return apply_operation(operation_of<multiply_>(), operands);
}
handle over(handle const& a, term const& b) {
  term const operands[]{a, b};
  return apply_operation(operation_of<divide_>(), operands);
}
handle negated(handle const& a) {
  term const operands[]{a};
  return apply_operation(operation_of<negate_>(), operands);
}

handle tensor_convert(handle const& h, element_kind kind) {
  if (h->kind == kind) return h;
  term const operands[]{h};
  element_loop const run = all_conversions[static_cast<unsigned>(kind)][static_cast<unsigned>(h->kind)];
  handle const result = compute(run, kind, &h->kind, operands, 1, h->sizes, true);
  if (recorded(h) && is_floating(kind)) record(result, convert_kind, h).more().numbers[0] = static_cast<index>(h->kind);
  if (tracing()) trace_conversion(result, h);
  return result;
}

handle sum_to(handle const& h, shape const& sizes) {
  if (h->sizes == sizes) return h;
  int const lead = h->sizes.rank() - sizes.rank();
  int axes[shape::rank_limit];
  std::size_t count = 0;
  for (int axis = 0; axis < h->sizes.rank(); ++axis)
    if (axis < lead || (sizes[axis - lead] == 1 && h->sizes[axis] != 1)) axes[count++] = axis;
  handle const summed = count == 0 ? h : tensor_reduce(reduction::sum, h, std::span<int const>(axes, count), true);
  return tensor_reshape(summed, sizes);
}

}  // namespace ddx::detail
