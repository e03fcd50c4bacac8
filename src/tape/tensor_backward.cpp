// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A tensor and the adjoint to start with enter; the gradients of the leaves leave, by a walk over the graph that takes no deep stack.
#include <algorithm>

#include "tensor_expression.hpp"

namespace ddx::detail {
namespace {

constinit thread_local bool walking = false;

/// The operations that lead to a result, each after all that use it.
class walk {
 public:
  walk() {
    if (walking) throw error("backward: called within a backward pass, from a hook");
    walking = true;
    order_.swap(spare_order);
    ready_.swap(spare_ready);
  }
  ~walk() {
    for (operation* op : order_) {
      op->visited = false;
      op->visits = 0;
      op->adjoint = {};
    }
    order_.clear();
    ready_.clear();
    order_.swap(spare_order);
    ready_.swap(spare_ready);
    walking = false;
  }
  walk(walk const&) = delete;
  walk& operator=(walk const&) = delete;

  void collect(operation& root) {
    reach(root);
    while (!ready_.empty()) {
      operation& op = *ready_.back();
      ready_.pop_back();
      for (int k = 0; k < op.edge_count(); ++k)
        if (operation* const edge = op.edge(k)) {
          reach(*edge);
          ++edge->visits;
        }
    }
  }

  std::vector<operation*> const& operations() const { return order_; }

  /// Calls `visit` with each operation when its adjoint is complete.
  template <class Visit>
  void run(operation& root, Visit const& visit) {
    ready_.push_back(&root);
    while (!ready_.empty()) {
      operation& op = *ready_.back();
      ready_.pop_back();
      visit(op);
      for (int k = 0; k < op.edge_count(); ++k)
        if (operation* const edge = op.edge(k); edge != nullptr && --edge->visits == 0) ready_.push_back(edge);
    }
  }

 private:
  void reach(operation& op) {
    if (op.visited) return;
    op.visited = true;
    order_.push_back(&op);
    ready_.push_back(&op);
  }

  // Kept for the next pass, so that it allocates nothing.
  inline static thread_local std::vector<operation*> spare_order, spare_ready;
  std::vector<operation*> order_, ready_;
};

void check_version(operation const& op, cell const& value, std::uint32_t required) {
  std::uint32_t const version = value.elements ? value.elements->version : 0;
  if (version == required) return;
  throw error("backward: a tensor of shape " + to_string(value.sizes) + " that " + grad_name(op) +
              " needs was changed in place after it was used: it is at version " + std::to_string(version) +
              ", version " + std::to_string(required) + " is required");
}

/// Before anything is changed.
void check(operation const& op) {
  if (op.freed)
    throw error("backward: a second pass through " + grad_name(op) +
                ", whose saved tensors the first one freed; write backward({.retain_graph = true}) the first time");
  for (int k = 0; k < max_arity; ++k)
    if (op.saved[k].tensor) check_version(op, *op.saved[k].tensor, op.versions[k]);
  if (op.saves_result)
    check_version(op, op.result != nullptr ? *op.result : *op.saved[max_arity].tensor, op.versions[max_arity]);
}

void release_saved(operation& op) {
  if (op.leaf != nullptr) return;
  op.freed = true;
  for (int k = 0; k <= max_arity; ++k) release(op, k);
}

void run_hooks(std::vector<std::function<handle(handle const&)>> const& hooks, handle& adjoint) {
  for (auto const& hook : hooks) {
    if (!hook) continue;
    handle const other = hook(adjoint);
    if (!other) continue;
    if (other->sizes != adjoint->sizes || other->kind != adjoint->kind)
      throw error("register_hook: a hook must return a gradient of shape " + to_string(adjoint->sizes) +
                  ", this one returned shape " + to_string(other->sizes));
    adjoint = other;
  }
}

/// Adds to a gradient that users may hold, in place unless the pass is recorded.
void accumulate(cell& c, handle adjoint, bool create_graph) {
  handle& gradient = c.more().gradient;
  if (gradient) {
    handle total = plus(gradient, adjoint);
    adjoint = {};
    if (create_graph) gradient = std::move(total);
    else tensor_assign(gradient, std::move(total), "backward");
    return;
  }
  // Its own elements: what others hold too is copied.
  bool const own = adjoint->references == 1 && !adjoint->view &&
                   (adjoint->pending || (adjoint->contiguous && adjoint->elements->references == 1));
  gradient = own || create_graph ? std::move(adjoint) : copied(adjoint);
}

operation& start_of(handle const& h, shared<operation>& owner) {
  owner = edge_to(h);
  if (!owner)
    throw error(
        "backward: this tensor does not require gradients: nothing it was computed from does, or that happened where a "
        "ddx::no_grad lives");
  return *owner;
}

handle seed_of(handle const& h, handle const& seed) {
  if (!seed) {
    if (h->count != 1)
      throw error("backward: the gradient can be created only for a scalar, this tensor has shape " +
                  to_string(h->sizes));
    return tensor_filled(h->kind, h->sizes, 1);
  }
  if (seed->sizes != h->sizes)
    throw error("backward: the gradient to start with has shape " + to_string(seed->sizes) +
                ", this tensor has shape " + to_string(h->sizes));
  return tensor_convert(seed, h->kind);
}

struct target {
  operation* at;
  handle* gradient;
};

void look_at_contributions(operation const& op, handle const& adjoint, handle const* into) {
  for (int k = 0; k < op.edge_count(); ++k) {
    if (!into[k] || op.edge(k) == nullptr || all_finite(into[k])) continue;
    bool const known = op.details && !op.details->call.empty();
    throw_anomaly("the derivative of " + (known ? op.details->call : grad_name(op)) + " by operand " +
                      std::to_string(k + 1) + " times the adjoint " + value_text(adjoint),
                  into[k], op.details ? op.details->where : std::source_location());
  }
}

void pass(handle const& h, handle const& seed, bool retain_graph, bool create_graph,
          std::vector<target> const* targets) {
  shared<operation> owner;
  operation& root = start_of(h, owner);
  recording_set const record_it(create_graph);
  handle start = seed_of(h, seed);
  walk graph;
  graph.collect(root);
  for (operation const* op : graph.operations()) check(*op);
  root.adjoint = std::move(start);
  graph.run(root, [&](operation& op) {
    handle adjoint = std::exchange(op.adjoint, {});
    if (!adjoint) return;
    if (op.details && !op.details->hooks.empty()) run_hooks(op.details->hooks, adjoint);
    if (op.leaf != nullptr) run_hooks(op.leaf->extras->hooks, adjoint);
    if (targets != nullptr)
      for (target const& one : *targets)
        if (one.at == &op) *one.gradient = adjoint;
    if (op.leaf != nullptr) {
      if (targets == nullptr) accumulate(*op.leaf, std::move(adjoint), create_graph);
      return;
    }
    if (op.retains_gradient && op.result != nullptr) op.result->more().gradient = adjoint;
    handle few[max_arity];
    std::vector<handle> many;
    handle* into = few;
    if (int const count = op.edge_count(); count > max_arity) {
      many.resize(static_cast<unsigned>(count));
      into = many.data();
    }
    op.kind->backward(op, adjoint, into);
    if (finding_anomalies > 0) look_at_contributions(op, adjoint, into);
    if (!retain_graph) release_saved(op);
    for (int k = 0; k < op.edge_count(); ++k) {
      if (!into[k] || op.edge(k) == nullptr) continue;
      handle& to = op.edge(k)->adjoint;
      to = to ? plus(to, into[k]) : std::move(into[k]);
    }
  });
}

}  // namespace

void tensor_backward(handle const& h, handle const& seed, bool retain_graph, bool create_graph) {
  pass(h, seed, retain_graph || create_graph, create_graph, nullptr);
}

std::vector<handle> tensor_gradients(handle const& h, std::span<handle const> by, handle const& seed, bool retain_graph,
                                     bool create_graph) {
  std::vector<handle> result(by.size());
  std::vector<shared<operation>> owners;
  std::vector<target> targets;
  for (std::size_t k = 0; k < by.size(); ++k) {
    owners.push_back(edge_to(by[k]));
    if (!owners.back())
      throw error("grad: tensor " + std::to_string(k) + " to differentiate by does not require gradients");
    targets.push_back({owners.back().get(), &result[k]});
  }
  pass(h, seed, retain_graph || create_graph, create_graph, &targets);
  for (std::size_t k = 0; k < by.size(); ++k)
    if (!result[k]) result[k] = tensor_filled(by[k]->kind, by[k]->sizes, 0);
  return result;
}

}  // namespace ddx::detail
