// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A tensor and the adjoint to start with enter; the gradients of the leaves leave, by a walk over the graph that takes no deep stack.
#include <algorithm>

#include "tensor_expression.hpp"

namespace ddx::detail {
namespace {

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

/// The operations that lead to a result, each after all that use it. Lists are links in the operations: a pass allocates nothing.
class walk {
 public:
  explicit walk(thread_state& thread) : thread_(thread) {
    if (thread.walking) throw error("backward: called within a backward pass, from a hook");
    thread.walking = true;
  }
  ~walk() {
    for (operation* op = first_; unfinished_ && op != nullptr; op = op->next_reached) {
      op->visits = 0;
      op->adjoint = {};
    }
    thread_.walking = false;
  }
  walk(walk const&) = delete;
  walk& operator=(walk const&) = delete;

  /// Finds all operations and checks that each can be gone through.
  void collect(operation& root) {
    unfinished_ = true;
    reach(root);
    for (operation* op = &root; op != nullptr; op = op->next_reached) {
      if (op->leaf != nullptr) continue;
      check(*op);
      op->for_edges([&](operation& edge, int) {
        if (edge.visits++ == 0) reach(edge);
      });
    }
  }

  /// Calls `visit` with each operation when its adjoint is complete.
  template <class Visit>
  void run(operation& root, Visit const& visit) {
    operation* ready = &root;
    root.next_ready = nullptr;
    while (ready != nullptr) {
      operation& op = *std::exchange(ready, ready->next_ready);
      visit(op);
      if (op.leaf != nullptr) continue;
      op.for_edges([&](operation& edge, int) {
        if (--edge.visits == 0) edge.next_ready = std::exchange(ready, &edge);
      });
    }
    unfinished_ = false;
  }

 private:
  void reach(operation& op) {
    op.next_reached = nullptr;
    (last_ != nullptr ? last_->next_reached : first_) = &op;
    last_ = &op;
  }

  thread_state& thread_;
  operation *first_ = nullptr, *last_ = nullptr;
  bool unfinished_ = false;
};

void release_saved(thread_state& thread, operation& op) {
  op.freed = true;
  for (int k = 0; k <= max_arity; ++k) release(thread, op, k);
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
  if (gradient && !create_graph && !adjoint->pending) {
    term const both[]{gradient, adjoint};
    return tensor_update(gradient, operation_of<add_>(), both, "backward", {});
  }
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

handle seed_of(thread_state& thread, handle const& h, handle const& seed) {
  if (!seed) {
    if (h->count != 1)
      throw error("backward: the gradient can be created only for a scalar, this tensor has shape " +
                  to_string(h->sizes));
    handle one = make_cell(thread, h->kind, h->sizes, 1);
    one->trace = 0;
    if (h->kind == element_kind::float32) *data<float>(*one) = 1;
    else *data<double>(*one) = 1;
    return one;
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
    bool const known = op.extras && !op.extras->call.empty();
    throw_anomaly("the derivative of " + (known ? op.extras->call : grad_name(op)) + " by operand " +
                      std::to_string(k + 1) + " times the adjoint " + value_text(adjoint),
                  into[k], op.extras ? op.extras->where : std::source_location());
  }
}

/// Adds what an operation passes on to the adjoints of those before it.
void pass_on(thread_state& thread, operation& op, handle const& adjoint, handle* into, bool retain_graph) {
  check(op);  // a hook, or a gradient that this pass has added to, may have changed what it saved
  op.kind->backward(op, adjoint, into);
  if (thread.finding_anomalies > 0) look_at_contributions(op, adjoint, into);
  if (!retain_graph) release_saved(thread, op);
  op.for_edges([into](operation& edge, int k) {
    if (!into[k]) return;
    if (edge.adjoint) edge.adjoint = plus(edge.adjoint, into[k]);
    else edge.adjoint = std::move(into[k]);
  });
}

void pass(handle const& h, handle const& seed, bool retain_graph, bool create_graph,
          std::vector<target> const* targets) {
  shared<operation> owner;
  operation& root = start_of(h, owner);
  thread_state& thread = on_thread();
  recording_set const record_it(thread, create_graph);
  handle start = seed_of(thread, h, seed);
  walk graph(thread);
  graph.collect(root);
  root.adjoint = std::move(start);
  graph.run(root, [&](operation& op) {
    if (!op.adjoint) return;
    handle adjoint = std::move(op.adjoint);
    if (op.extras && !op.extras->hooks.empty()) run_hooks(op.extras->hooks, adjoint);
    if (op.leaf != nullptr && !op.leaf->extras->hooks.empty()) run_hooks(op.leaf->extras->hooks, adjoint);
    if (targets != nullptr)
      for (target const& one : *targets)
        if (one.at == &op) *one.gradient = adjoint;
    if (op.leaf != nullptr) {
      if (targets == nullptr) accumulate(*op.leaf, std::move(adjoint), create_graph);
      return;
    }
    if (op.retains_gradient && op.result != nullptr) op.result->more().gradient = adjoint;
    if (int const count = op.edge_count(); count > max_arity) {
      std::vector<handle> into(static_cast<unsigned>(count));
      pass_on(thread, op, adjoint, into.data(), retain_graph);
    } else {
      handle into[max_arity];
      pass_on(thread, op, adjoint, into, retain_graph);
    }
    forget(thread, adjoint);
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
