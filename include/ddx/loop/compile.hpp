// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// compile: formulas, gradients and functions enter, a kernel leaves that is called with bindings.
#pragma once

#include <string>
#include <tuple>
#include <vector>

#include "../bind/bind.hpp"
#include "emit.hpp"
#include "program.hpp"
#include "scratch.hpp"

namespace ddx {

/// The places that a kernel writes its outputs to, in order: numbers and contiguous elements.
template <class... Targets>
struct into_targets {
  std::tuple<Targets&...> targets;
};

/// Outputs go into the caller's memory: kernel(into(value, gradient), bindings…) allocates nothing. Arrays are written in the
/// order of the axes of the variable (gradients) or of first appearance, and must have exactly the elements they need; only an
/// empty std::vector is given its size.
template <class... Targets>
constexpr into_targets<Targets...> into(Targets&... targets) {
  return {{targets...}};
}

namespace detail {

/// The type that a call computes in: the widest floating type among the elements of arrays, else among the numbers, else double.
template <class... Values>
struct computing {
  template <bool Arrays, class Wanted>
  static constexpr bool any =
      ((std::is_same_v<std::remove_const_t<typename Values::element>, Wanted> && (Values::rank > 0) == Arrays) || ...);

  using type = std::conditional_t<
      any<true, double>, double,
      std::conditional_t<any<true, float>, float,
                         std::conditional_t<any<false, float> && !any<false, double>, float, double>>>;
};

[[noreturn]] inline void throw_extent_error(std::string_view axis, std::string_view first, std::ptrdiff_t one,
                                            std::string_view second, std::ptrdiff_t other) {
  throw error("axis " + std::string(axis) + ": " + std::string(first) + " has " + std::to_string(one) + ", " +
              std::string(second) + " has " + std::to_string(other));
}

[[noreturn]] inline void throw_output_error(int output, std::ptrdiff_t needed, std::ptrdiff_t given) {
  throw error("into: output " + std::to_string(output + 1) + " needs " + std::to_string(needed) +
              " elements, the range given has " + std::to_string(given));
}

// What calls the loops is as much one an instruction set as they are: the linker would merge two calls of the same program.
inline namespace DDX_ISA {

/// One call of a program: binds a frame, runs the loops.
template <class Program, class... Bindings>
class invocation {
  static constexpr auto const& graph_ = program_graph<Program>;
  static constexpr auto const& requests_ = program_requests<Program>;
  static constexpr auto const& plan_ = program_plan<Program>;
  static constexpr int inputs_ = graph_.input_count;

  using arguments = call_arguments<Bindings...>;

  template <int Input>
  static constexpr auto element_of_input() {
    if constexpr (graph_.inputs[Input].is_slot()) {
      return std::type_identity<double>{};
    } else {
      using value = std::remove_cvref_t<
          decltype(std::declval<arguments const&>().template get<frozen<prepared<Program>>, Input>())>;
      return std::type_identity<std::remove_const_t<typename value::element>>{};
    }
  }

 public:
  using number = typename computing<typename binding_parts<Bindings>::value...>::type;

  /// `slots` are the values of the program's slots.
  invocation(double const* slots, Bindings const&... bindings) : arguments_(bindings...) {
    for (std::ptrdiff_t& extent : frame_.extents) extent = -1;
    bind(slots, std::make_integer_sequence<int, inputs_>{});
    check_indices(std::make_integer_sequence<int, inputs_>{});
  }

  std::ptrdiff_t output_size(int k) const {
    std::ptrdiff_t size = 1;
    for (int i = 0; i < requests_[k].order.rank; ++i) size *= frame_.extents[requests_[k].order.axes[i]];
    return size;
  }

  void set_output(int k, number* at) { frame_.outputs[k] = at; }

  void run() {
    for (int k = 0; k < graph_.output_count; ++k) set_strides(requests_[k].order, frame_.output_strides[k]);
    std::ptrdiff_t const tile = tile_rows();
    place_buffers(tile);
    run_loops(tile, std::make_integer_sequence<int, inputs_>{});
    write_parameters(std::make_integer_sequence<int, graph_.output_count>{});
  }

  /// The value of an output without axes.
  number output_number(int k) const { return frame_.numbers[graph_.outputs[k]]; }

 private:
  template <int... Is>
  using loops_of = loop::loops<Program, number, typename decltype(element_of_input<Is>())::type...>;

  template <int... Is>
  static auto loops_type(std::integer_sequence<int, Is...>) -> loops_of<Is...>;
  using frame_type = typename decltype(loops_type(std::make_integer_sequence<int, inputs_>{}))::frame_type;

  template <int... Is>
  void run_loops(std::ptrdiff_t tile, std::integer_sequence<int, Is...>) {
    loops_of<Is...>::run(frame_, tile);
  }

  template <int... Is>
  void bind(double const* slots, std::integer_sequence<int, Is...>) {
    (bind_input(std::integral_constant<int, Is>{}, slots), ...);
  }

  template <int Item>
  void bind_input(std::integral_constant<int, Item>, [[maybe_unused]] double const* slots) {
    constexpr input declared = graph_.inputs[Item];
    if constexpr (declared.is_slot()) {
      set_number(Item, static_cast<number>(slots[declared.slot]));
    } else if constexpr (declared.rank == 0) {
      set_number(Item, static_cast<number>(arguments_.template get<frozen<prepared<Program>>, Item>().get()));
    } else {
      auto const& view = arguments_.template get<frozen<prepared<Program>>, Item>();
      frame_.inputs[Item] = view.data;
      for (int i = 0; i < declared.rank; ++i)
        set_extent(declared.axes[i], view.extents[static_cast<std::size_t>(i)], Item);
      axis_order order{.rank = declared.rank};
      for (int i = 0; i < declared.rank; ++i) order.axes[i] = declared.axes[i];
      set_strides(order, frame_.input_strides[Item]);
    }
  }

  template <int... Is>
  void check_indices(std::integer_sequence<int, Is...>) const {
    (check_index<Is>(), ...);
  }

  template <int Item>
  void check_index() const {
    if constexpr (requests_.indexed[Item] != 0) {
      using element = typename decltype(element_of_input<Item>())::type;
      constexpr input declared = graph_.inputs[Item];
      std::ptrdiff_t extents[max_rank]{};
      for (int i = 0; i < declared.rank; ++i) extents[i] = frame_.extents[declared.axes[i]];
      auto const& bound = arguments_.template get<frozen<prepared<Program>>, Item>();
      element value{};
      if constexpr (declared.rank == 0) value = bound.get();
      auto const* const data = declared.rank == 0 ? &value : static_cast<element const*>(frame_.inputs[Item]);
      for (int axis = 0; axis < graph_.axis_count; ++axis) {
        if (!(requests_.indexed[Item] >> axis & 1u)) continue;
        check_countable<number>(frame_.extents[axis], graph_.axes[axis]);
        check_places<element>({data, extents, frame_.input_strides[Item], declared.rank}, frame_.extents[axis],
                              declared.name, graph_.axes[axis]);
      }
    }
  }

  void set_number(int input, number value) {
    for (int i = 0; i < graph_.node_count; ++i)
      if (is<input_>(graph_.nodes[i]) && graph_.nodes[i].index == input) frame_.numbers[i] = value;
  }

  void set_extent(int axis, std::ptrdiff_t extent, int input) {
    std::ptrdiff_t& known = frame_.extents[axis];
    if (known < 0) known = extent;
    else if (known != extent)
      throw_extent_error(graph_.axes[axis], first_with(axis), known, graph_.inputs[input].name, extent);
  }

  static std::string_view first_with(int axis) {
    for (int i = 0; i < inputs_; ++i)
      for (int k = 0; k < graph_.inputs[i].rank; ++k)
        if (graph_.inputs[i].axes[k] == axis) return graph_.inputs[i].name;
    return {};
  }

  void set_strides(axis_order const& order, std::ptrdiff_t* strides, bool tiled = false,
                   std::ptrdiff_t tile = 0) const {
    std::ptrdiff_t stride = 1;
    for (int i = order.rank - 1; i >= 0; --i) {
      strides[i] = stride;
      stride *= tiled && order.axes[i] == plan_.batch ? tile : frame_.extents[order.axes[i]];
    }
  }

  /// The memory that a row of the batch touches in a pass decides how many rows make a tile.
  std::ptrdiff_t tile_rows() const {
    std::ptrdiff_t bytes = 0;
    auto const add = [&](axis_order const& order, std::ptrdiff_t size) {
      constexpr axis_set batch = plan_.batch < 0 ? 0 : axis_set{1} << (plan_.batch < 0 ? 0 : plan_.batch);
      if (!(order.set() & batch)) return;
      for (int i = 0; i < order.rank; ++i)
        if (order.axes[i] != plan_.batch) size *= frame_.extents[order.axes[i]];
      bytes += size;
    };
    [&]<int... Is>(std::integer_sequence<int, Is...>) {
      (add(input_order(Is), static_cast<std::ptrdiff_t>(sizeof(typename decltype(element_of_input<Is>())::type))), ...);
    }(std::make_integer_sequence<int, inputs_>{});
    for (int b = 0; b < plan_.buffer_count; ++b) add(plan_.buffers[b].order, sizeof(number));
    return detail::tile_rows(bytes, plan_.batch < 0 ? 0 : frame_.extents[plan_.batch], panel_bytes() > 0);
  }

  static constexpr axis_order input_order(int i) {
    axis_order order{.rank = graph_.inputs[i].rank};
    for (int k = 0; k < order.rank; ++k) order.axes[k] = graph_.inputs[i].axes[k];
    return order;
  }

  /// Lays out scratch: the buffers, each with room for a whole vector at its end, and doubles for long sums.
  void place_buffers(std::ptrdiff_t tile) {
    auto const rounded = [](std::ptrdiff_t bytes) { return (bytes + 63) / 64 * 64; };
    std::ptrdiff_t offsets[plan_.buffer_count + 1]{}, wide_offsets[plan_.buffer_count + 1]{}, total = 0;
    std::ptrdiff_t const rows = plan_.batch >= 0 ? frame_.extents[plan_.batch] : 0;
    for (int b = 0; b < plan_.buffer_count; ++b) {
      buffer const& kept = plan_.buffers[b];
      set_strides(kept.order, frame_.buffer_strides[b], kept.tiled, tile);
      std::ptrdiff_t size = 1;
      for (int i = 0; i < kept.order.rank; ++i)
        size *= kept.tiled && kept.order.axes[i] == plan_.batch ? tile : frame_.extents[kept.order.axes[i]];
      offsets[b] = total;
      if (kept.output < 0) total += rounded(size * static_cast<std::ptrdiff_t>(sizeof(number))) + DDX_VECTOR_BYTES;
      wide_offsets[b] = total;
      if (needs_wide(b, rows)) total += rounded(size * static_cast<std::ptrdiff_t>(sizeof(double)));
    }
    std::ptrdiff_t const panels = total;
    if constexpr (panel_bytes() > 0) {
      frame_.depth = depth_of_panel(panel_bytes());
      total += rounded(frame_.depth * panel_bytes());
    }
    std::byte* const memory = scratch(static_cast<std::size_t>(total));
    frame_.panels = reinterpret_cast<number*>(memory + panels);
    for (int b = 0; b < plan_.buffer_count; ++b) {
      int const output = plan_.buffers[b].output;
      frame_.buffers[b] = output >= 0 ? frame_.outputs[output] : reinterpret_cast<number*>(memory + offsets[b]);
      frame_.wide[b] = needs_wide(b, rows) ? reinterpret_cast<double*>(memory + wide_offsets[b]) : nullptr;
    }
  }

  static constexpr std::ptrdiff_t panel_bytes() {
    return decltype(loops_type(std::make_integer_sequence<int, inputs_>{}))::panel_bytes();
  }

  static constexpr bool needs_wide(int buffer, std::ptrdiff_t rows) {
    return decltype(loops_type(std::make_integer_sequence<int, inputs_>{}))::needs_wide(buffer, rows);
  }

  /// Numbers that are trained are written back when everything is computed.
  template <int... Ks>
  void write_parameters(std::integer_sequence<int, Ks...>) {
    (write_parameter(std::integral_constant<int, Ks>{}), ...);
  }
  template <int Which>
  void write_parameter(std::integral_constant<int, Which>) {
    if constexpr (requests_[Which].parameter >= 0 && requests_[Which].order.rank == 0) {
      auto const& bound = arguments_.template get<frozen<prepared<Program>>, requests_[Which].parameter>();
      *bound.number = static_cast<std::remove_reference_t<decltype(*bound.number)>>(output_number(Which));
    }
  }

  arguments arguments_;
  frame_type frame_{};
};

}  // namespace DDX_ISA

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
/// Accuracy: sums are accumulated in several chains and division by a number becomes multiplication by its reciprocal. Sums over
/// the batch (the outer axis of the largest array) end in double: in float they err by at most 1e-5 of the sum of magnitudes, however
/// many rows; a sum along a row of k elements in float by at most k/8 * 6e-8 of it with AVX2, half of that with AVX-512. Matrix
/// products, whose sums are serial, have their bound in docs/loops.md.
///
/// Calls from several threads at once are safe as long as they do not write to the same memory.
///
/// Errors: `axis d: X has 4, w has 2` where extents disagree; `take: label[2] is 5, axis k has 3`; outputs given with `into` that have another size.
template <class Program>
class kernel {
  static constexpr auto const& graph_ = detail::program_graph<Program>;
  static constexpr auto const& requests_ = detail::program_requests<Program>;

 public:
  using program = Program;

  template <Binding... Bindings>
  auto operator()(Bindings const&... bindings) const {
    if constexpr (detail::check_bindings<frozen<detail::prepared<Program>>, Bindings...>::passed) {
      using call = detail::invocation<Program, Bindings...>;
      call c(nullptr, bindings...);
      return [&]<int... Ks>(std::integer_sequence<int, Ks...>) {
        std::tuple<detail::owned_output<requests_[Ks].order.rank, typename call::number>...> outputs;
        (prepare<Ks>(c, std::get<Ks>(outputs)), ...);
        c.run();
        (finish<Ks>(c, std::get<Ks>(outputs)), ...);
        if constexpr (sizeof...(Ks) == 1) return std::get<0>(std::move(outputs));
        else return outputs;
      }(std::make_integer_sequence<int, graph_.output_count>{});
    }
  }

  template <class... Targets, Binding... Bindings>
  void operator()(into_targets<Targets...> const& into, Bindings const&... bindings) const {
    if constexpr (detail::check_bindings<frozen<detail::prepared<Program>>, Bindings...>::passed) {
      static_assert(sizeof...(Targets) == graph_.output_count,
                    "ddx: into(...) needs one place for each output of the kernel");
      using call = detail::invocation<Program, Bindings...>;
      call c(nullptr, bindings...);
      [&]<int... Ks>(std::integer_sequence<int, Ks...>) {
        (check<Ks>(c, std::get<Ks>(into.targets)), ...);
        (prepare<Ks>(c, std::get<Ks>(into.targets)), ...);
        c.run();
        (finish<Ks>(c, std::get<Ks>(into.targets)), ...);
      }(std::make_integer_sequence<int, graph_.output_count>{});
    }
  }

 private:
  template <class Target>
  static auto* first_element(Target& target) {
    if constexpr (detail::is_view<Target>) return target.data;
    else return std::data(target);
  }

  /// An empty vector is given its size.
  template <class Target>
  static bool grows([[maybe_unused]] Target const& target) {
    if constexpr (requires { target.empty(), const_cast<Target&>(target).resize(1); }) return target.empty();
    else return false;
  }

  /// Refuses what an output cannot be written to, before any is touched.
  template <int Which, class Call, class Target>
  static void check([[maybe_unused]] Call const& c, [[maybe_unused]] Target& target) {
    if constexpr (requests_[Which].order.rank == 0) {
      static_assert(std::is_arithmetic_v<Target>,
                    "ddx: this output of the kernel is a number; give into(...) a variable for it");
    } else {
      static_assert(detail::is_view<Target> || detail::Contiguous<Target>,
                    "ddx: this output of the kernel is an array; give into(...) contiguous elements for it");
      static_assert(std::is_same_v<decltype(first_element(target)), typename Call::number*>,
                    "ddx: an array output has the element type that the kernel computes in, the widest floating type "
                    "among its arrays");
      std::ptrdiff_t size = 1;
      if constexpr (detail::is_view<Target>)
        for (std::ptrdiff_t extent : target.extents) size *= extent;
      else size = grows(target) ? c.output_size(Which) : static_cast<std::ptrdiff_t>(std::size(target));
      if (size != c.output_size(Which)) detail::throw_output_error(Which, c.output_size(Which), size);
    }
  }

  template <int Which, class Call, class Target>
  static void prepare([[maybe_unused]] Call& c, [[maybe_unused]] Target& target) {
    if constexpr (requests_[Which].order.rank > 0) {
      if constexpr (requires { target.resize(1); })
        if (grows(target)) target.resize(static_cast<std::size_t>(c.output_size(Which)));
      c.set_output(Which, first_element(target));
    }
  }

  template <int Which, class Call, class Target>
  static void finish(Call const& c, Target& target) {
    if constexpr (requests_[Which].order.rank == 0) target = static_cast<Target>(c.output_number(Which));
  }
};

}  // namespace DDX_ISA

/// Compiles outputs (formulas, `grad(f, x…)`, functions of arrays) into one kernel that computes them together, in as few passes
/// over the data as they allow: compile<loss, grad(loss, w, b)>().
template <auto... Outputs>
  requires(sizeof...(Outputs) > 0)
constexpr auto compile() {
  static_assert((detail::Output<std::remove_cvref_t<decltype(Outputs)>> && ...),
                "ddx::compile<outputs...>(): an output is a constant formula, grad(f, x...) or a ddx::fn of arrays");
  using program = detail::output_program<Outputs...>;
  static_assert(detail::axes_known<program>(),
                "ddx: a reduction names an axis that no array of the formula has; check the spelling of the axis");
  return kernel<program>{};
}

}  // namespace ddx
