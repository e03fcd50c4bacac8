// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Operations on tensors that require gradients enter; the graph that leads back to the leaves leaves: edges, saved values, versions.
#include <atomic>
#include <cmath>

#include <ddx/tape/tensor_no_grad.hpp>

#include "detect_anomaly.hpp"
#include "tensor_expression.hpp"
#include "tensor_trace.hpp"

namespace ddx {
namespace detail {

constinit thread_local bool recording = true;
constinit thread_local int finding_anomalies = 0;
constinit thread_local std::source_location current_site{};

namespace {

constexpr operation_kind accumulation_kind{"Accumulate", "Grad", nullptr};

std::uint64_t next_number() {
  // Blocks of numbers, so that threads seldom meet.
  static std::atomic<std::uint64_t> blocks = 0;
  constinit thread_local static std::uint64_t next = 0, end = 0;
  if (next == end) {
    next = blocks.fetch_add(1) << 20;
    end = next + (std::uint64_t{1} << 20);
  }
  return next++;
}

std::uint32_t version_of(cell const& c) { return c.elements ? c.elements->version : 0; }

}  // namespace

operation::operation() : number(next_number()) {}

operation::~operation() {
  for (int k = 0; k < max_arity; ++k) release(*this, k);
  if (leaf == nullptr) return;
  leaf->extras->accumulation = nullptr;
  if (--leaf->references == 0) destroy(leaf);
}

shared<operation> edge_to(handle const& h) {
  if (h->history) {
    if (h->elements && h->histories != h->elements->histories)
      throw error("tensor: this view of shape " + to_string(h->sizes) +
                  " was taken before its base was changed in place; take the view again");
    return h->history;
  }
  if (!h->requires_grad) return {};
  cell_extras& extras = h->more();
  if (extras.accumulation != nullptr) return shared<operation>(extras.accumulation);
  shared<operation> result(new operation);
  result->kind = &accumulation_kind;
  result->leaf = h.get();
  ++h->references;
  extras.accumulation = result.get();
  return result;
}

operation& record(handle const& result, operation_kind const& kind, handle const& first, handle const& second) {
  shared<operation> node(new operation);
  node->kind = &kind;
  if (first) node->edges[0] = edge_to(first);
  if (second) node->edges[1] = edge_to(second);
  result->requires_grad = true;
  result->history = std::move(node);
  result->history->result = result.get();
  result->histories = result->elements ? result->elements->histories : 0;
  return *result->history;
}

void save(operation& op, int k, term const& operand) {
  release(op, k);
  op.saved[k] = operand;
  if (!operand.tensor) return;
  op.versions[k] = version_of(*operand.tensor);
  ++operand.tensor->savers;
}

void release(operation& op, int k) {
  if (k < max_arity && op.saved[k].tensor) --op.saved[k].tensor->savers;
  op.saved[k].tensor = {};
}

void save_result(operation& op, handle const& result) {
  op.saves_result = true;
  op.versions[max_arity] = version_of(*result);
}

void leave_history(cell& c) {
  operation& op = *c.history;
  if (op.result != &c) return;
  op.result = nullptr;
  if (!op.saves_result || op.freed || op.references == 1) return;
  handle const heir(new cell);
  inherit(c, *heir);
  op.saved[max_arity] = heir;
}

handle saved(operation& op, int k) {
  bool const of_result = k == max_arity;
  handle const value = of_result && op.result != nullptr ? handle(op.result) : op.saved[k].tensor;
  if (!of_result || op.result != nullptr || !recording) return value;
  // The result's tensor is gone: for a recorded backward pass another takes its place in the graph.
  need(value);
  handle const again = make_view(value, value->sizes, value->contiguous ? nullptr : value->strides, value->offset);
  again->requires_grad = true;
  again->history = shared<operation>(&op);
  again->histories = again->elements->histories;
  return again;
}

bool all_finite(handle const& result) {
  if (!is_floating(result->kind)) return true;
  recording_set const off(false);
  handle const values = contiguous(result);
  bool finite = true;
  for (index i = 0; i < values->count; ++i)
    finite =
        finite && std::isfinite(values->kind == element_kind::float32 ? static_cast<double>(data<float>(*values)[i])
                                                                      : data<double>(*values)[i]);
  return finite;
}

std::string value_text(handle const& h) {
  recording_set const off(false);
  int const finding = std::exchange(finding_anomalies, 0);
  std::string text = tensor_text(detached(h));
  finding_anomalies = finding;
  return text;
}

std::string call_text(std::string_view name, term const* operands, int count) {
  std::string text(name);
  for (int k = 0; k < count; ++k)
    text +=
        (k == 0 ? "(" : ", ") + (operands[k].tensor ? value_text(operands[k].tensor) : number_text(operands[k].number));
  return text + ")";
}

void look_at(handle const& result, std::string_view name, term const* operands, int count) {
  std::string call = call_text(name, operands, count);
  if (!all_finite(result)) throw_anomaly(call, result, current_site);
  if (!result->history) return;
  result->history->more().call = std::move(call);
  result->history->more().where = current_site;
}

void throw_anomaly(std::string const& call, handle const& result, std::source_location const& where) {
  throw error("ddx::detect_anomaly: " + call + " is " + value_text(result) + place_text(where));
}

// ---- what users see

std::string tensor_grad_name(handle const& h) { return h->history ? grad_name(*h->history) : std::string(); }

void tensor_require_gradient(handle const& h, bool on) {
  if (h->history && !on)
    throw error(
        "requires_grad_: only a leaf can stop to require gradients; write detach() for the value without its history");
  if (on && !is_floating(h->kind))
    throw error("requires_grad_: only tensors of floating-point numbers can require gradients");
  h->requires_grad = on;
}
bool tensor_requires_gradient(handle const& h) { return h->requires_grad; }
bool tensor_is_leaf(handle const& h) { return !h->history; }
std::uint32_t tensor_version(handle const& h) { return version_of(*h); }

handle tensor_gradient(handle const& h) {
  if (!tensor_has_gradient(h))
    throw error(h->requires_grad
                    ? "grad: this tensor has no gradient yet; call backward() of what depends on it first"
                    : "grad: this tensor does not require gradients; call requires_grad_() before it is used");
  return h->extras->gradient;
}
bool tensor_has_gradient(handle const& h) { return h->extras && h->extras->gradient; }
void tensor_forget_gradient(handle const& h) {
  if (h->extras) h->extras->gradient = {};
}
void tensor_set_gradient(handle const& h, handle const& gradient) {
  if (gradient->sizes != h->sizes || gradient->kind != h->kind)
    throw error("set_grad: a gradient of shape " + to_string(h->sizes) + " is required, this one has shape " +
                to_string(gradient->sizes));
  h->more().gradient = gradient;
}
void tensor_retain_gradient(handle const& h) {
  if (!h->requires_grad) throw error("retain_grad: this tensor does not require gradients");
  if (h->history) h->history->retains_gradient = true;
}

handle tensor_detach(handle const& h) {
  need(h);
  handle const result = make_view(h, h->sizes, h->contiguous ? nullptr : h->strides, h->offset);
  if (tracing()) trace_unknown(result, "detach", {&h, 1});
  return result;
}

namespace {
void clone_backward(operation&, handle const& adjoint, handle* into) { into[0] = adjoint; }
constexpr operation_kind clone_kind{"Clone", "Backward0", &clone_backward};
}  // namespace

handle tensor_clone(handle const& h) {
  handle const result = copied(h);
  if (recorded(h)) record(result, clone_kind, h);
  if (tracing()) trace_conversion(result, h);
  return result;
}

namespace {

std::vector<std::function<handle(handle const&)>>& hooks_of(handle const& h) {
  if (!h->requires_grad) throw error("register_hook: this tensor does not require gradients");
  return h->history ? h->history->more().hooks : h->more().hooks;
}

}  // namespace

std::size_t tensor_add_hook(handle const& h, std::function<handle(handle const&)> hook) {
  auto& hooks = hooks_of(h);
  hooks.push_back(std::move(hook));
  return hooks.size() - 1;
}

void tensor_remove_hook(handle const& h, std::size_t number) {
  if (auto& hooks = hooks_of(h); number < hooks.size()) hooks[number] = nullptr;
}

}  // namespace detail

no_grad::no_grad() : before_(std::exchange(detail::recording, false)) {}
no_grad::~no_grad() { detail::recording = before_; }
enable_grad::enable_grad() : before_(std::exchange(detail::recording, true)) {}
enable_grad::~enable_grad() { detail::recording = before_; }
bool is_grad_enabled() { return detail::recording; }

}  // namespace ddx
