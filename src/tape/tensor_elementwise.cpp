// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Records and operands enter; their results leave, recorded where gradients are wanted; adjoints enter, those of operands leave.
#include <algorithm>
#include <bit>
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
handle contribution(thread_state& thread, operation& self, int k, handle const& adjoint) {
  tensor_operation const& op = *self.elementwise;
  rule_facts const& rule = op.rules[k];
  if (rule.constant) {
    if (rule.number == 1) return adjoint;
    if (rule.number == -1) return negated(adjoint);
    if (rule.number == 0) return tensor_filled(adjoint->kind, adjoint->sizes, 0);
    return times(adjoint, rule.number);
  }
  if (thread.recording) {
    term operands[max_arity + 1];
    for (int j = 0; j <= op.arity; ++j) {
      if ((rule.needs >> j & 1u) == 0) continue;
      if (j == op.arity) operands[j] = saved(self, max_arity);
      else operands[j] = self.saved[j];
    }
    return chained(adjoint, op.rule[k](operands));
  }
  loop_operand operands[max_operands];
  operands[0] = {adjoint.get(), nullptr, adjoint->kind};
  for (int j = 0; j <= op.arity; ++j) {
    loop_operand& operand = operands[j + 1];
    bool const truth = j < op.arity && (op.takes_conditions >> j & 1u) != 0;
    operand = {nullptr, nullptr, truth ? element_kind::boolean : adjoint->kind};
    if ((rule.needs >> j & 1u) == 0) continue;
    term const& kept = self.saved[j < op.arity ? j : max_arity];
    if (j == op.arity && self.result != nullptr) operand.tensor = self.result;
    else if (kept.tensor) operand.tensor = kept.tensor.get();
    else operand.number = &kept;
  }
  return compute(thread, op.contribution[k][static_cast<int>(adjoint->kind)], adjoint->kind, operands, op.arity + 2,
                 adjoint->sizes, adjoint->count, op.cheap);
}

handle fitted(operation const& self, int k, handle wide) {
  return self.broadcasts ? sum_to(wide, self.details->shapes[k]) : std::move(wide);
}

void elementwise_backward(operation& self, handle const& adjoint, handle* into) {
  thread_state& thread = on_thread();
  for (int k = 0; k < self.elementwise->arity; ++k)
    if (self.edges[k]) into[k] = fitted(self, k, contribution(thread, self, k, adjoint));
}

constexpr operation_kind elementwise_kind{"", "Backward0", &elementwise_backward};

/// The factor gets what is 0 where the adjoint in the product was 0, though what comes back be infinite or NaN, and has a derivative
/// by that adjoint there.
void chain_backward(operation& self, handle const& adjoint, handle* into) {
  if (self.edges[0]) into[0] = fitted(self, 0, contribution(on_thread(), self, 0, adjoint));
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
  // Where PyTorch's names are others; some depend on which operands are numbers. There 1 / x is x.reciprocal() * 1.
  struct naming {
    std::string_view ours;
    unsigned looked_at, numbers;  ///< operands as bits: those that count here, and which of them must be numbers
    std::string_view theirs;
  };
  static constexpr naming others[]{
      {"subtract", 1, 1, "RsubBackward1"}, {"subtract", 0, 0, "SubBackward0"}, {"multiply", 0, 0, "MulBackward0"},
      {"divide", 1, 1, "MulBackward0"},    {"divide", 0, 0, "DivBackward0"},   {"negate", 0, 0, "NegBackward0"},
      {"min", 0, 0, "MinimumBackward0"},   {"max", 0, 0, "MaximumBackward0"},  {"square", 0, 0, "PowBackward0"},
      {"pow", 1, 1, "PowBackward2"},       {"pow", 2, 0, "PowBackward1"},      {"fmod", 2, 0, "FmodBackward1"},
      {"clamp", 6, 6, "ClampBackward1"}};
  for (naming const& one : others)
    if (op.elementwise->name == one.ours && (op.numbers & one.looked_at) == one.numbers) return std::string(one.theirs);
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

namespace {

alignas(64) constexpr std::byte zeros[64]{};

handle gathered(handle const& h, shape const& sizes) {
  recording_set const off(false);
  return contiguous(h->sizes == sizes ? h : tensor_expand(h, sizes));
}

void compute_into(element_loop run, loop_operand const* operands, int count, cell& result);

/// The same with a copy of operand k, whose elements are not in order.
[[gnu::noinline]] void compute_gathered(element_loop run, loop_operand const* operands, int count, cell& result,
                                        int k) {
  handle const held = gathered(handle(operands[k].tensor), result.sizes);
  loop_operand others[max_operands];
  std::copy_n(operands, count, others);
  others[k].tensor = held.get();
  compute_into(run, others, count, result);
}

/// A loop over operands, at once, into a result whose elements are contiguous.
void compute_into(element_loop run, loop_operand const* operands, int count, cell& result) {
  index const total = result.count;
  if (total == 0) return;
  elements from[max_operands];
  alignas(64) std::byte copies[max_operands][64];
  for (int k = 0; k < count; ++k) {
    cell* const operand = operands[k].tensor;
    from[k] = {copies[k], 0};
    if (operand != nullptr) {
      if (operand->pending) evaluate(*operand);
      if (operand->contiguous && operand->count == total) {
        from[k] = {bytes(*operand), 1};
      } else if (is_uniform(*operand)) {
        spread(*operand, copies[k]);
      } else {
        return compute_gathered(run, operands, count, result, k);
      }
    } else if (operands[k].number != nullptr) {
      spread(operands[k].kind, *operands[k].number, copies[k]);
    } else {
      from[k].data = zeros;
    }
  }
  run(bytes(result), from, total);
}

/// A loop that waits.
[[gnu::noinline]] handle compute_later(element_loop run, element_kind kind, loop_operand const* operands, int count,
                                       shape const& sizes, bool cheap) {
  auto waits = std::make_unique<expression>();
  waits->run = run;
  waits->count = count;
  waits->cheap = cheap;
  for (int k = 0; k < count; ++k) {
    if (operands[k].tensor != nullptr) waits->operands[k].tensor = handle(operands[k].tensor);
    else if (operands[k].number != nullptr) waits->operands[k] = *operands[k].number;
    waits->kinds[k] = operands[k].kind;
  }
  return make_pending(kind, sizes, std::move(waits));
}

}  // namespace

handle compute(thread_state& thread, element_loop run, element_kind kind, loop_operand const* operands, int count,
               shape const& sizes, index total, bool cheap) {
  if (total > at_once && thread.finding_anomalies == 0) return compute_later(run, kind, operands, count, sizes, cheap);
  handle result = make_cell(thread, kind, sizes, total);
  compute_into(run, operands, count, *result);
  return result;
}

namespace {

/// What an operation computes with: the kind, which is that of its operands but for conditions, and whose shapes.
struct call_facts {
  element_kind kind = element_kind::boolean;
  bool fits = true;             ///< operands are of the kinds needed
  bool same = true;             ///< operands are of one shape
  bool wanted = false;          ///< an operand requires gradients
  cell const* first = nullptr;  ///< tensor
  loop_operand operands[max_arity];

  call_facts(tensor_operation const& op, term const* given) {
    unsigned met = 0;  // kinds of tensors that are no conditions, as bits
    bool point = false;
    for (int k = 0; k < op.arity; ++k) {
      cell* const operand = given[k].tensor.get();
      bool const truth = (op.takes_conditions >> k & 1u) != 0;
      operands[k] = {operand, &given[k], element_kind::boolean};
      if (operand == nullptr) {
        point = point || !(truth || given[k].whole);
        continue;
      }
      if (truth) fits = fits && operand->kind == element_kind::boolean;
      else met |= 1u << static_cast<unsigned>(operand->kind);
      if (first == nullptr) first = operand;
      else same = same && first->sizes == operand->sizes;
      wanted = wanted || operand->requires_grad;
    }
    if (op.value[static_cast<int>(element_kind::boolean)] == nullptr) {
      auto const latest = static_cast<element_kind>(std::bit_width(met | 1u) - 1);
      kind = promote(latest, point, op.value[static_cast<int>(element_kind::int64)] != nullptr);
      for (int k = 0; k < op.arity; ++k)
        if ((op.takes_conditions >> k & 1u) == 0) operands[k].kind = kind;
      fits = fits && (met & ~(1u << static_cast<unsigned>(kind))) == 0;
    }
  }
};

void record_operation(thread_state& thread, handle const& result, tensor_operation const& op, term const* operands,
                      bool same) {
  shared<operation> node(new_operation(thread, elementwise_kind));
  node->elementwise = &op;
  unsigned needs = 0;
  for (int k = 0; k < op.arity; ++k) {
    if (!operands[k].tensor) node->numbers |= static_cast<std::uint8_t>(1u << k);
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
  node->result = result.get();
  if (needs >> op.arity & 1u) save_result(*node, result);
  result->requires_grad = true;
  result->history = std::move(node);
}

/// The operation on operands of the right kinds.
handle applied(thread_state& thread, tensor_operation const& op, call_facts const& facts, term const* operands) {
  auto const run = op.value[static_cast<int>(facts.kind)];
  element_kind const kind = op.condition ? element_kind::boolean : facts.kind;
  handle result;
  if (facts.same) {
    result = compute(thread, run, kind, facts.operands, op.arity, facts.first->sizes, facts.first->count, op.cheap);
  } else {
    shape common = facts.first->sizes;
    for (int k = 0; k < op.arity; ++k)
      if (operands[k].tensor) common = broadcast(common, operands[k].tensor->sizes, op.name);
    result = compute(thread, run, kind, facts.operands, op.arity, common, common.count(), op.cheap);
  }
  if (facts.wanted && thread.recording && !op.condition) record_operation(thread, result, op, operands, facts.same);
  if (thread.trace_tag != 0) trace_operation(result, op, operands);
  if (thread.finding_anomalies > 0) look_at(result, op.name, operands, op.arity);
  return result;
}

handle converted(handle const& h, element_kind kind) {
  if (h->kind == kind || kind != element_kind::boolean) return tensor_convert(h, kind);
  term const compared[]{h, 0};
  return apply_operation(operation_of<not_equal_>(), compared);
}

}  // namespace

handle apply_operation(tensor_operation const& op, term const* given, std::source_location const& where) {
  thread_state& thread = on_thread();
  site_scope const here(thread, where);
  call_facts const facts(op, given);
  if (facts.fits) return applied(thread, op, facts, given);
  term operands[max_arity];
  for (int k = 0; k < op.arity; ++k) {
    operands[k] = given[k];
    if (given[k].tensor) operands[k].tensor = converted(given[k].tensor, facts.operands[k].kind);
  }
  return applied(thread, op, call_facts(op, operands), operands);
}

namespace {

/// Whether element i of a change of `h` is computed of elements i alone, so that they may change one by one.
bool reads_element_by_element(cell const& h, tensor_operation const& op, term const* operands) {
  for (int k = 0; k < op.arity; ++k) {
    cell const* const operand = operands[k].tensor.get();
    if (operand == nullptr || operand == &h || operand->elements != h.elements) continue;
    if (!operand->contiguous || operand->offset != h.offset) return false;
  }
  return true;
}

}  // namespace

void tensor_update(handle const& h, tensor_operation const& op, term const* operands, char const* name,
                   std::source_location const& where) {
  thread_state& thread = on_thread();
  call_facts const facts(op, operands);
  bool const at_once_here = facts.fits && facts.same && facts.kind == h->kind && !op.condition && h->contiguous &&
                            !h->pending && h->count <= at_once && !(facts.wanted && thread.recording) &&
                            thread.trace_tag == 0 && thread.finding_anomalies == 0 &&
                            reads_element_by_element(*h, op, operands);
  if (!at_once_here) return tensor_assign(h, apply_operation(op, operands, where), name);
  evaluate_readers(h->elements.get());
  compute_into(op.value[static_cast<int>(facts.kind)], facts.operands, op.arity, *h);
  ++h->elements->version;
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
  loop_operand const operand{h.get(), nullptr, h->kind};
  element_loop const run = all_conversions[static_cast<unsigned>(kind)][static_cast<unsigned>(h->kind)];
  handle const result = compute(on_thread(), run, kind, &operand, 1, h->sizes, h->count, true);
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
