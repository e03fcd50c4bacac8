// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// compile: formulas, gradients and functions enter, a kernel leaves that is called with bindings.
#pragma once

#include <vector>

#include "call.hpp"

namespace ddx {

/// The places that a kernel writes its outputs to, in order: variables, containers and views.
template <class... Targets>
struct into_targets {
  std::tuple<Targets...> targets;
};

/// Outputs go into the caller's memory: kernel(into(value, gradient), bindings…) allocates nothing. Arrays are written to whatever holds
/// float or double and can be bound to an array: ranges, views with strides, Eigen's matrices, views like std::mdspan. They have the
/// axes of the variable (gradients) or those of first appearance, and exactly the elements needed; only an empty std::vector or Eigen
/// matrix is given its size. Elements in one piece may be given as a plain range whatever the number of axes: row-major.
///
/// Errors: `into: output 3 needs 4 elements, the range given has 5`; `into: output 1 needs 4 along axis n, the view given has 3`;
/// and sentences on shared memory, see `kernel`.
template <class... Targets>
constexpr into_targets<Targets...> into(Targets&&... targets) {
  static_assert((detail::outlives<Targets>() && ...),
                "ddx::into(...): an output is a temporary, whose elements would be gone; give it a name first");
  return {{static_cast<Targets&&>(targets)...}};
}

namespace detail {

[[noreturn]] inline void throw_output_error(int output, std::ptrdiff_t needed, std::ptrdiff_t given) {
  throw error("into: output " + std::to_string(output + 1) + " needs " + std::to_string(needed) +
              " elements, the range given has " + std::to_string(given));
}

[[noreturn]] inline void throw_output_extent_error(int output, std::string_view axis, std::ptrdiff_t needed,
                                                   std::ptrdiff_t given) {
  throw error("into: output " + std::to_string(output + 1) + " needs " + std::to_string(needed) + " along axis " +
              std::string(axis) + ", the view given has " + std::to_string(given));
}

template <int Rank, class Number>
using owned_output = std::conditional_t<Rank == 0, Number, std::vector<Number>>;

}  // namespace detail

inline namespace DDX_ISA {

/// A compiled program: call it with bindings, in any order.
///
/// It computes in the widest floating type among the elements of the bound arrays (float if they are float and integers), so numbers
/// given as double do not widen float arrays. Integer elements are converted in registers. The result is a tuple of the outputs in
/// order (a single output by itself): numbers, and std::vector in row-major order.
///
/// Accuracy: sums are accumulated in several chains, division by a number, or by what several are divided by, becomes multiplication
/// by its reciprocal, and numbers are multiplied with one another first. Sums over the batch (the outer axis of the largest array) end
/// in double: in float they err by at most 1e-5 of the sum of magnitudes, however many rows; a sum along a row of k elements in float
/// by at most k/8 * 6e-8 of it with AVX2, half of that with AVX-512. Matrix products, whose sums are serial, have their bound in
/// docs/loops.md.
///
/// Calls from several threads at once are safe as long as they do not write to the same memory.
///
/// Errors: `axis d: X has 4, w has 2` where extents disagree; `take: label[2] is 5, axis k has 3`; outputs given with `into` that have another size; outputs that share
/// memory with an input or with one another: `output 1 and the input X share memory; give one of them memory of its own`. An output
/// without any reduction may lie on an input of the same axes, element for element.
template <class Program, class Threads = detail::one_thread>
class kernel {
  static constexpr auto const& graph_ = detail::program_graph<Program>;
  static constexpr auto const& requests_ = detail::program_requests<Program>;

 public:
  using program = Program;

  constexpr kernel() = default;
  constexpr explicit kernel(Threads threads) : threads_(threads) {}

  template <Binding... Bindings>
  auto operator()(Bindings const&... bindings) const {
    if constexpr (detail::check_bindings<frozen<detail::prepared<Program>>, Bindings...>::passed) {
      detail::bound_call<Program, Bindings...> const call(nullptr, bindings...);
      return [&]<int... Ks>(std::integer_sequence<int, Ks...>) {
        std::tuple<detail::owned_output<requests_[Ks].order.rank, detail::number_of<Bindings...>>...> outputs;
        this->template run<Ks...>(call, outputs);
        if constexpr (sizeof...(Ks) == 1) return std::get<0>(std::move(outputs));
        else return outputs;
      }(std::make_integer_sequence<int, graph_.output_count>{});
    }
  }

  template <class... Targets, Binding... Bindings>
  void operator()(into_targets<Targets...> into, Bindings const&... bindings) const {
    if constexpr (detail::check_bindings<frozen<detail::prepared<Program>>, Bindings...>::passed) {
      static_assert(sizeof...(Targets) == graph_.output_count,
                    "ddx: into(...) needs one place for each output of the kernel");
      detail::bound_call<Program, Bindings...> const call(nullptr, bindings...);
      if constexpr (sizeof...(Targets) == graph_.output_count)
        [&]<int... Ks>(std::integer_sequence<int, Ks...>) {
          (check<Ks>(call, std::get<Ks>(into.targets)), ...);
          this->template run<Ks...>(call, into.targets);
        }(std::make_integer_sequence<int, graph_.output_count>{});
    }
  }

  template <class... Others>
    requires(!(Binding<Others> && ...))
  double operator()(Others const&...) const {
    static_assert(
        sizeof...(Others) == 0,
        "ddx: a kernel is called with bindings, as in kernel(x = 3.0, w = weights); into(...), if any, is first");
    return 0;
  }

 private:
  template <int... Ks, class Call, class Targets>
  void run(Call const& call, Targets& targets) const {
    (grow<Ks>(call, std::get<Ks>(targets)), ...);
    detail::run_call<Program>(
        call, std::tuple{place<Ks>(std::get<Ks>(targets))...},
        [&](auto const& finished) { (finish<Ks>(finished, std::get<Ks>(targets)), ...); }, threads_);
  }

  /// The view of a target, or nothing of a number.
  template <int Which, class Target>
  static auto place([[maybe_unused]] Target& target) {
    if constexpr (requests_[Which].order.rank == 0) return detail::number_place{};
    else return view<Which>(target);
  }

  template <int Which, class Target>
  static auto view(Target& target) {
    constexpr int rank = requests_[Which].order.rank;
    constexpr int axes = detail::viewed_axes<Target&>();
    return detail::view_of<(axes < 0 ? (rank <= 2 ? rank : 2) : axes)>(target);
  }

  /// What is empty and can be resized to the output's extents.
  template <int Which, class Target>
  static constexpr bool can_grow() {
    if constexpr (std::is_const_v<Target>) return false;
    else if constexpr (detail::EigenLike<Target>)
      return requires(Target& t) { t.resize(1, 1); } && requests_[Which].order.rank <= 2;
    else return requires(Target& t) { t.empty(), t.resize(1); };
  }
  template <int Which, class Target>
  static bool grows([[maybe_unused]] Target const& target) {
    if constexpr (can_grow<Which, Target>()) return target.size() == 0;
    else return false;
  }

  /// Refuses what an output cannot be written to, before any is touched.
  template <int Which, class Call, class Target>
  static void check([[maybe_unused]] Call const& call, [[maybe_unused]] Target& target) {
    constexpr axis_order order = requests_[Which].order;
    if constexpr (order.rank == 0) {
      static_assert(std::is_arithmetic_v<Target>,
                    "ddx: this output of the kernel is a number; give into(...) a variable for it");
    } else {
      static_assert(detail::Viewable<Target&>,
                    "ddx: this output of the kernel is an array; give into(...) contiguous elements for it");
      if constexpr (detail::Viewable<Target&>) {
        using place_type = decltype(view<Which>(target));
        static_assert(
            std::is_same_v<typename place_type::element, float> || std::is_same_v<typename place_type::element, double>,
            "ddx: an array output is written to elements of float or double that are not const");
        if (grows<Which>(target)) return;
        auto const at = view<Which>(target);
        constexpr bool same_rank = place_type::rank == order.rank;
        static_assert(same_rank || detail::is_packed<place_type>,
                      "ddx: into(...) is given a view with another number of extents than the output has axes; give "
                      "each axis one");
        if constexpr (same_rank && order.rank > 1) {
          for (int i = 0; i < order.rank; ++i)
            if (std::ptrdiff_t const given = at.extents[static_cast<std::size_t>(i)],
                needed = call.extent(order.axes[i]);
                given != needed)
              detail::throw_output_extent_error(Which, graph_.axes[order.axes[i]], needed, given);
        } else {
          std::ptrdiff_t size = 1;
          for (std::ptrdiff_t extent : at.extents) size *= extent;
          if (size != call.output_size(Which)) detail::throw_output_error(Which, call.output_size(Which), size);
        }
      }
    }
  }

  template <int Which, class Call, class Target>
  static void grow([[maybe_unused]] Call const& call, [[maybe_unused]] Target& target) {
    constexpr axis_order order = requests_[Which].order;
    if constexpr (order.rank > 0 && can_grow<Which, Target>()) {
      if (!grows<Which>(target)) return;
      if constexpr (detail::EigenLike<Target>) {
        using index = decltype(target.rows());
        if constexpr (order.rank == 1) target.resize(static_cast<index>(call.output_size(Which)));
        else
          target.resize(static_cast<index>(call.extent(order.axes[0])), static_cast<index>(call.extent(order.axes[1])));
      } else {
        target.resize(static_cast<std::size_t>(call.output_size(Which)));
      }
    }
  }

  template <int Which, class Finished, class Target>
  static void finish(Finished const& finished, Target& target) {
    if constexpr (requests_[Which].order.rank == 0) target = static_cast<Target>(finished.output_number(Which));
  }

  [[no_unique_address]] Threads threads_{};
};

}  // namespace DDX_ISA

/// Compiles outputs (formulas, `grad(f, x…)`, functions of arrays) into one kernel that computes them together, in as few passes
/// over the data as they allow: compile<loss, grad(loss, w, b)>(). Given `threads(n)` its calls use up to n threads.
template <auto... Outputs, class Threads = detail::one_thread>
  requires(sizeof...(Outputs) > 0)
constexpr auto compile(Threads threads = {}) {
  static_assert(std::is_same_v<Threads, detail::one_thread> || std::is_same_v<Threads, ddx::threads>,
                "ddx::compile<outputs...>(threads): the argument, if any, is a number of threads, as ddx::threads(4)");
  static_assert((detail::Output<std::remove_cvref_t<decltype(Outputs)>> && ...),
                "ddx::compile<outputs...>(): an output is a constant formula, grad(f, x...) or a ddx::fn of arrays");
  using program = detail::output_program<Outputs...>;
  static_assert(detail::check_declared<detail::program_requests<program>.redeclared>::passed);
  static_assert(detail::axes_known<program>(),
                "ddx: a reduction names an axis that no array of the formula has; check the spelling of the axis");
  static_assert(detail::check_neighbour<detail::program_requests<program>.distant>::passed);
  return kernel<program, Threads>(threads);
}

template <Formula Type>
constexpr Type compile(Type const& f) {
  static_assert(detail::never<Type>,
                "ddx::compile<f>(): the formula is a template argument, so it is a constant: constexpr auto f = ...;");
  return f;
}

}  // namespace ddx
