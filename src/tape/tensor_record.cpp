// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Operations on tensors that require gradients enter; the graph that leads back to the leaves leaves: edges, saved values, versions.
#include <cmath>

#include <ddx/tape/tensor_no_grad.hpp>

#include "detect_anomaly.hpp"
#include "tensor_expression.hpp"
#include "tensor_trace.hpp"

namespace ddx {
namespace detail {

namespace {

constexpr operation_kind accumulation_kind{"Accumulate", "Grad", nullptr};

std::uint32_t version_of(cell const& c) { return c.elements ? c.elements->version : 0; }

}  // namespace

cell_extras::cell_extras(cell& owner) {
  accumulation.kind = &accumulation_kind;
  accumulation.leaf = &owner;
}

shared<operation> edge_to(handle const& h) {
  if (h->history) {
    if (h->elements && h->histories != h->elements->histories)
      throw error("tensor: this view of shape " + to_string(h->sizes) +
                  " was taken before its base was changed in place; take the view again");
    return h->history;
  }
  if (!h->requires_grad) return {};
  operation& accumulation = h->more().accumulation;
  if (accumulation.references == 0) ++h->references;
  return shared<operation>(&accumulation);
}

operation& record(thread_state& thread, handle const& result, operation_kind const& kind, handle const& first,
                  handle const& second) {
  shared<operation> node(new_operation(thread, kind));
  if (first) node->edges[0] = edge_to(first);
  if (second) node->edges[1] = edge_to(second);
  node->result = result.get();
  result->requires_grad = true;
  result->histories = result->elements ? result->elements->histories : 0;
  result->history = std::move(node);
  return *result->history;
}

void save(operation& op, int k, term const& operand) {
  if (op.saved[k].tensor) release(on_thread(), op, k);
  op.saved[k] = operand;
  if (!operand.tensor) return;
  op.versions[k] = version_of(*operand.tensor);
  ++operand.tensor->savers;
}

void save_result(operation& op, handle const& result) {
  op.saves_result = true;
  op.versions[max_arity] = version_of(*result);
}

void leave_history(cell& c) {
  operation& op = *c.history;
  op.result = nullptr;
  if (!op.saves_result || op.freed || op.references == 1) return;
  handle const heir(new_cell(on_thread(), c.kind, {}, 1));
  inherit(c, *heir);
  op.saved[max_arity] = heir;
}

handle saved(operation& op, int k) {
  bool const of_result = k == max_arity;
  handle const value = of_result && op.result != nullptr ? handle(op.result) : op.saved[k].tensor;
  if (!of_result || op.result != nullptr || !on_thread().recording) return value;
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
  int const finding = std::exchange(on_thread().finding_anomalies, 0);
  std::string text = tensor_text(detached(h));
  on_thread().finding_anomalies = finding;
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
  if (!all_finite(result)) throw_anomaly(call, result, on_thread().site);
  if (!result->history) return;
  result->history->rare().call = std::move(call);
  result->history->rare().where = on_thread().site;
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
    throw error(
        h->history ? "grad: this tensor is the result of " + grad_name(*h->history) +
                         ", and backward passes keep the gradients of leaves; call retain_grad() before backward()"
        : h->requires_grad ? "grad: this tensor has no gradient yet; call backward() of what depends on it first"
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
  return h->history ? h->history->rare().hooks : h->more().hooks;
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

no_grad::no_grad() : recording_(detail::on_thread().recording), before_(std::exchange(recording_, false)) {}
no_grad::~no_grad() { recording_ = before_; }
enable_grad::enable_grad() : recording_(detail::on_thread().recording), before_(std::exchange(recording_, true)) {}
enable_grad::~enable_grad() { recording_ = before_; }
bool is_grad_enabled() { return detail::on_thread().recording; }

}  // namespace ddx
