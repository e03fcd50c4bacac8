// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// One call of a program: bindings and places for the outputs enter; the program is arranged for how they lie in memory, and run.
#pragma once

#include <string>
#include <tuple>

#include "../bind/bind.hpp"
#include "../bind/overlap.hpp"
#include "emit.hpp"
#include "indices.hpp"
#include "program.hpp"
#include "scratch.hpp"
#include "tiling.hpp"

// g++ compares names here with the user's globals when it instantiates templates.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::detail {

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

template <class... Bindings>
using number_of = typename computing<typename binding_parts<Bindings>::value...>::type;

[[noreturn]] inline void throw_extent_error(std::string_view axis, std::string_view first, std::ptrdiff_t one,
                                            std::string_view second, std::ptrdiff_t other) {
  throw error("axis " + std::string(axis) + ": " + std::string(first) + " has " + std::to_string(one) + ", " +
              std::string(second) + " has " + std::to_string(other));
}

// ---- how arguments lie in memory, as far as it decides the plan

/// How an input or an output lies in memory, as a number: g++ 12 does not take packs of objects of a class as template arguments.
/// `packed`, of outputs: in one piece, of the type that is computed in.
constexpr int placement(layout how, bool packed = true) { return 2 * static_cast<int>(how) + (packed ? 0 : 1); }
inline constexpr int usual_placement = placement(layout::row_major);
constexpr layout layout_at(int place) { return static_cast<layout>(place / 2); }
constexpr bool packed_at(int place) { return place % 2 == 0; }

/// A program whose inputs and outputs, in order, lie so.
template <class Program, int... Places>
struct arranged {
  static constexpr int places[sizeof...(Places)]{Places...};
};

template <class Program, int... Places>
struct prepared<arranged<Program, Places...>> {
  static constexpr graph build() {
    constexpr auto const& source = program_graph<Program>;
    graph g = graph::like(source.view());
    for (int i = 0; i < source.node_count; ++i) g.nodes.push_back(source.nodes[i]);
    for (int i = 0; i < source.output_count; ++i) g.outputs.push_back(source.outputs[i]);
    for (int i = 0; i < source.input_count; ++i) {
      input& in = g.inputs[i];
      layout const how = layout_at(arranged<Program, Places...>::places[i]);
      in.adjacent = how != layout::strided;
      in.reversed = how == layout::column_major;
      if (in.reversed)
        for (int k = 0; k < in.rank; ++k) in.axes[k] = source.inputs[i].axes[in.rank - 1 - k];
    }
    return g;
  }
};

template <class Program, int... Places>
constexpr auto arrange_requests() {
  auto requests = program_requests<Program>;
  constexpr int inputs = program_graph<Program>.input_count;
  for (int k = 0; k < program_graph<Program>.output_count; ++k) {
    request& r = requests.all[k];
    int const place = arranged<Program, Places...>::places[inputs + k];
    if (r.parameter >= 0) continue;
    r.packed = packed_at(place);
    r.order.adjacent = layout_at(place) != layout::strided;
    if (layout_at(place) == layout::column_major)
      for (int i = 0; i < r.order.rank / 2; ++i) std::swap(r.order.axes[i], r.order.axes[r.order.rank - 1 - i]);
  }
  return requests;
}

template <class Program, int... Places>
inline constexpr auto program_requests<arranged<Program, Places...>> = arrange_requests<Program, Places...>();

/// The program itself where everything lies as it would by default.
template <class Program, int... Places>
struct arrangement {
  using type = std::conditional_t<((Places == usual_placement) && ...), Program, arranged<Program, Places...>>;
};

/// A view of `order.rank` axes as strides of the axes in that order, outermost in memory first.
template <class View>
constexpr void copy_strides(View const& view, bool reversed, std::ptrdiff_t* to) {
  auto const& strides = strides_of(view);
  for (std::size_t i = 0; i < View::rank; ++i) to[reversed ? View::rank - 1 - i : i] = strides[i];
}

/// Whether the elements along the last axis lie beside each other.
template <class View>
constexpr bool is_adjacent(View const& view) {
  return view.extents.back() <= 1 || strides_of(view).back() == 1;
}

/// Whether the strides of a view decide at the call which loops run. Vectors with strides are read element by element or, where the
/// stride is 1, as vectors, in the same loops.
template <class View>
inline constexpr bool decided_at_call = View::rank > 1 && layout_of<View> == layout::strided;

/// The place of an output that is a number or a parameter.
struct number_place {};

template <int Count>
constexpr auto no_places() {
  return []<int... Is>(std::integer_sequence<int, Is...>) {
    return std::tuple{((void)Is, number_place{})...};
  }(std::make_integer_sequence<int, Count>{});
}

// What calls the loops is as much one an instruction set as they are: the linker would merge two calls of the same program.
inline namespace DDX_ISA {

/// The bindings of a call and the extents that they agree on.
template <class Program, class... Bindings>
class bound_call {
  static constexpr auto const& graph_ = program_graph<Program>;
  static constexpr auto const& requests_ = program_requests<Program>;

 public:
  static constexpr int inputs = graph_.input_count;
  using number = number_of<Bindings...>;

  /// `slots` are the values of the program's slots. Errors: `axis d: X has 4, w has 2`; `take: label[2] is 5, axis k has 3`.
  bound_call(double const* slots, Bindings const&... bindings) : arguments_(bindings...), slots_(slots) {
    for (int i = 0; i < graph_.axis_count; ++i) extents_[i] = -1;
    [&]<int... Is>(std::integer_sequence<int, Is...>) {
      (bind(std::integral_constant<int, Is>{}), ...);
      (check_index<Is>(), ...);
    }(std::make_integer_sequence<int, inputs>{});
  }

  std::ptrdiff_t extent(int axis) const { return extents_[axis]; }
  double slot(int i) const { return slots_[i]; }

  /// What input `Item` is bound to.
  template <int Item>
  auto const& argument() const {
    return arguments_.template get<frozen<prepared<Program>>, Item>();
  }
  template <int Item>
  using value_type = std::remove_cvref_t<
      decltype(std::declval<call_arguments<Bindings...> const&>().template get<frozen<prepared<Program>>, Item>())>;

  std::ptrdiff_t output_size(int k) const {
    std::ptrdiff_t size = 1;
    for (int i = 0; i < requests_[k].order.rank; ++i) size *= extents_[requests_[k].order.axes[i]];
    return size;
  }

 private:
  template <int Item>
  void bind(std::integral_constant<int, Item>) {
    constexpr input declared = graph_.inputs[Item];
    if constexpr (declared.rank > 0)
      for (int i = 0; i < declared.rank; ++i)
        set_extent(declared.axes[i], argument<Item>().extents[static_cast<std::size_t>(i)], Item);
  }

  void set_extent(int axis, std::ptrdiff_t extent, int input) {
    std::ptrdiff_t& known = extents_[axis];
    if (known < 0) known = extent;
    else if (known != extent)
      throw_extent_error(graph_.axes[axis], first_with(axis), known, graph_.inputs[input].name, extent);
  }

  template <int Item>
  void check_index() const {
    if constexpr (requests_.indexed[Item] != 0) {
      constexpr input declared = graph_.inputs[Item];
      auto const& bound = argument<Item>();
      using element = std::remove_const_t<typename value_type<Item>::element>;
      std::ptrdiff_t extents[max_rank]{}, strides[max_rank]{};
      element value{};
      element const* data = &value;
      if constexpr (declared.rank == 0) {
        value = bound.get();
      } else {
        data = bound.data;
        for (int i = 0; i < declared.rank; ++i) extents[i] = bound.extents[static_cast<std::size_t>(i)];
        copy_strides(bound, false, strides);
      }
      for (int axis = 0; axis < graph_.axis_count; ++axis) {
        if (!(requests_.indexed[Item] >> axis & 1u)) continue;
        check_countable<number>(extents_[axis], graph_.axes[axis]);
        check_places<element>({data, extents, strides, declared.rank}, extents_[axis], declared.name,
                              graph_.axes[axis]);
      }
    }
  }

  static std::string_view first_with(int axis) {
    for (int i = 0; i < inputs; ++i)
      for (int k = 0; k < graph_.inputs[i].rank; ++k)
        if (graph_.inputs[i].axes[k] == axis) return graph_.inputs[i].name;
    return {};
  }

  call_arguments<Bindings...> arguments_;
  double const* slots_;
  std::ptrdiff_t extents_[graph_.axis_count + 1];
};

/// One run of a program, arranged for its arguments: binds a frame, runs the loops. `Outputs` are the views of its outputs.
template <class Program, class Call, class... Outputs>
class invocation {
  static constexpr auto const& graph_ = program_graph<Program>;
  static constexpr auto const& requests_ = program_requests<Program>;
  static constexpr auto const& plan_ = program_plan<Program>;
  static constexpr int inputs_ = graph_.input_count;

  template <int Input>
  static constexpr auto element_of_input() {
    if constexpr (graph_.inputs[Input].is_slot()) return std::type_identity<double>{};
    else return std::type_identity<std::remove_const_t<typename Call::template value_type<Input>::element>>{};
  }

 public:
  using number = typename Call::number;

  invocation(Call const& call, std::tuple<Outputs...> const& outputs) : call_(call) {
    for (int i = 0; i < graph_.axis_count; ++i) frame_.extents[i] = call_.extent(i);
    bind(std::make_integer_sequence<int, inputs_>{});
    [&]<int... Ks>(std::integer_sequence<int, Ks...>) {
      (place_output<Ks>(std::get<Ks>(outputs)), ...);
    }(std::make_integer_sequence<int, sizeof...(Outputs)>{});
  }

  template <class Threads>
  void run(Threads threads) {
    cut();
    place_buffers(threads);
    run_loops(threads, std::make_integer_sequence<int, inputs_>{});
    write_parameters(std::make_integer_sequence<int, graph_.output_count>{});
  }

  /// The value of an output without axes.
  number output_number(int k) const { return frame_.numbers[graph_.outputs[k]]; }

 private:
  template <class View>
  static constexpr auto element_of_output() {
    if constexpr (is_view<View>) return std::type_identity<typename View::element>{};
    else return std::type_identity<number>{};
  }

  template <int... Is>
  using loops_of = loop::loops<Program, number, typename decltype(element_of_input<Is>())::type...,
                               typename decltype(element_of_output<Outputs>())::type...>;

  template <int... Is>
  static auto loops_type(std::integer_sequence<int, Is...>) -> loops_of<Is...>;
  using loops = decltype(loops_type(std::make_integer_sequence<int, inputs_>{}));
  using passes = loop::passes<loops>;
  using frame_type = typename loops::frame_type;

  template <class Threads, int... Is>
  void run_loops(Threads threads, std::integer_sequence<int, Is...>) {
    loops_of<Is...>::run(frame_, threads);
  }

  template <int... Is>
  void bind(std::integer_sequence<int, Is...>) {
    (bind_input(std::integral_constant<int, Is>{}), ...);
  }

  template <int Item>
  void bind_input(std::integral_constant<int, Item>) {
    constexpr input declared = graph_.inputs[Item];
    if constexpr (declared.is_slot()) {
      set_number<Item>(static_cast<number>(call_.slot(declared.slot)));
    } else if constexpr (declared.rank == 0) {
      set_number<Item>(static_cast<number>(call_.template argument<Item>().get()));
    } else {
      auto const& view = call_.template argument<Item>();
      frame_.inputs[Item] = view.data;
      copy_strides(view, declared.reversed, frame_.input_strides[Item]);
    }
  }

  template <int Which, class View>
  void place_output([[maybe_unused]] View const& view) {
    if constexpr (is_view<View>) {
      frame_.outputs[Which] = view.data;
      if constexpr (is_packed<View>) set_strides(requests_[Which].order, frame_.output_strides[Which]);
      else copy_strides(view, layout_of<View> == layout::column_major, frame_.output_strides[Which]);
    }
  }

  /// The node of an input, -1 where the graph has none.
  static constexpr int node_of(int input) {
    for (int i = 0; i < graph_.node_count; ++i)
      if (is<input_>(graph_.nodes[i]) && graph_.nodes[i].index == input) return i;
    return -1;
  }

  template <int Item>
  void set_number([[maybe_unused]] number value) {
    constexpr int id = node_of(Item);
    if constexpr (id >= 0) frame_.numbers[id] = value;
  }

  void set_strides(axis_order const& order, std::ptrdiff_t* strides, bool tiled = false,
                   std::ptrdiff_t tile = 0) const {
    std::ptrdiff_t stride = 1;
    for (int i = order.rank - 1; i >= 0; --i) {
      strides[i] = stride;
      stride *= tiled && order.axes[i] == plan_.batch ? tile : frame_.extents[order.axes[i]];
    }
  }

  /// The memory that a row of the batch touches in a pass.
  row_memory memory_of_row() const {
    row_memory bytes;
    auto const add = [&](std::ptrdiff_t& sum, axis_order const& order, std::ptrdiff_t size) {
      constexpr axis_set batch = plan_.batch < 0 ? 0 : axis_set{1} << (plan_.batch < 0 ? 0 : plan_.batch);
      if (!(order.set() & batch)) return;
      for (int i = 0; i < order.rank; ++i)
        if (order.axes[i] != plan_.batch) size *= frame_.extents[order.axes[i]];
      sum += size;
    };
    [&]<int... Is>(std::integer_sequence<int, Is...>) {
      (add(bytes.all, axis_order::of(graph_.inputs[Is]),
           static_cast<std::ptrdiff_t>(sizeof(typename decltype(element_of_input<Is>())::type))),
       ...);
    }(std::make_integer_sequence<int, inputs_>{});
    for (int b = 0; b < plan_.buffer_count; ++b) add(bytes.kept, plan_.buffers[b].order, sizeof(number));
    bytes.all += bytes.kept;
    return bytes;
  }

  /// Cuts the batch into tiles and chunks.
  void cut() {
    row_memory const bytes = memory_of_row();
    std::ptrdiff_t const rows = batch_rows();
    if constexpr (plan_.only_loops()) {
      frame_.tile = tiles.rows > 0 ? tiles.rows : loops::rows_of_loops();
    } else {
      frame_.tile = detail::tile_rows(bytes, rows, passes::shares_tiles());
      frame_.fetches = bytes.all * rows > tiles.second_cache;
    }
    constexpr std::ptrdiff_t least = columns_of_batch() ? 18 * least_tile : 0;
    if (frame_.tile < least && tiles.rows == 0) frame_.tile = least;
    frame_.chunk = frame_.tile;
    if (rows <= frame_.tile) return;
    if constexpr (passes::shares_tiles())
      frame_.chunk = (rows_of_float_sum + frame_.tile - 1) / frame_.tile * frame_.tile;
    else frame_.chunk = chunk_rows(bytes.all, rows, frame_.tile, sizeof(number) == sizeof(float) && has_wide());
  }

  std::ptrdiff_t batch_rows() const { return plan_.batch < 0 ? 0 : frame_.extents[plan_.batch < 0 ? 0 : plan_.batch]; }

  /// Whether the batch is the innermost axis of a matrix: then a tile takes a piece of every column, which is to be a few cache lines
  /// long.
  static constexpr bool columns_of_batch() {
    for (int i = 0; i < inputs_; ++i)
      if (graph_.inputs[i].rank > 1 && graph_.inputs[i].axes[graph_.inputs[i].rank - 1] == plan_.batch) return true;
    return false;
  }

  /// Whether sums over the batch are taken in several pieces.
  bool has_pieces() const {
    if constexpr (!passes::has_sums()) return false;
    else if constexpr (passes::shares_tiles())
      return batch_rows() > frame_.tile || passes::piece_count(batch_rows()) > 1;
    else return batch_rows() > frame_.chunk;
  }

  /// Whether a call has work for several threads: of 10 to 20 microseconds or more. It takes what nests compute at each point of their
  /// axes for equally long.
  bool is_worth_threads() const {
    double work = 0;
    for (int i = 0; i < plan_.nest_count; ++i) {
      nest const& n = plan_.nests[i];
      if (n.time % 2 == 0) continue;
      double points = n.node_count + n.root_count;
      for (int a = 0; a < graph_.axis_count; ++a)
        if (n.axes >> a & 1u) points *= static_cast<double>(frame_.extents[a]);
      work += points;
    }
    return work > 5e5 && batch_rows() > (passes::shares_tiles() ? 1 : frame_.chunk);
  }

  static std::ptrdiff_t rounded(std::ptrdiff_t bytes) { return (bytes + 63) / 64 * 64; }

  /// Lays out scratch: the buffers, each with room for a whole vector at its end, sums of pieces of the batch and their totals in double,
  /// and what threads have for themselves.
  template <class Threads>
  void place_buffers(Threads threads) {
    constexpr int count = plan_.buffer_count;
    constexpr auto number_size = static_cast<std::ptrdiff_t>(sizeof(number)),
                   wide_size = static_cast<std::ptrdiff_t>(sizeof(double));
    bool const pieces = has_pieces(), many_tiles = batch_rows() > frame_.chunk;
    std::ptrdiff_t offsets[count + 1]{}, wide_offsets[count + 1]{}, total = 0, slot = passes::total_bytes;
    std::ptrdiff_t own = rounded(static_cast<std::ptrdiff_t>(sizeof(frame_type)));  // of a thread
    for (int b = 0; b < count; ++b) {
      buffer const& kept = plan_.buffers[b];
      set_strides(kept.order, frame_.buffer_strides[b], kept.tiled, frame_.tile);
      std::ptrdiff_t size = 1;
      for (int i = 0; i < kept.order.rank; ++i)
        size *= kept.tiled && kept.order.axes[i] == plan_.batch ? frame_.tile : frame_.extents[kept.order.axes[i]];
      std::ptrdiff_t const bytes = rounded(size * number_size) + rounded(DDX_VECTOR_BYTES);
      offsets[b] = total;
      if (kept.output < 0) total += bytes;
      wide_offsets[b] = -1;
      constexpr auto const& roles = passes::roles.of;
      if (roles[b].needs_wide && (roles[b].is_contracted ? many_tiles : pieces)) {
        wide_offsets[b] = total;
        total += rounded(size * wide_size);
      }
      frame_.slot_offsets[b] = slot;
      if (roles[b].has_slot) slot += bytes;
      frame_.private_offsets[b] = own;
      if (kept.tiled && !passes::shares_tiles()) own += bytes;
    }
    frame_.private_offsets[count] = own;
    std::ptrdiff_t const panels = total;
    if constexpr (panel_bytes() > 0) {
      frame_.depth = depth_of_panel(panel_bytes());
      total += rounded(frame_.depth * panel_bytes());
    }
    frame_.worker_bytes = own + (total - panels);
    std::ptrdiff_t workers = 1;
    if constexpr (std::is_same_v<Threads, ddx::threads>)
      if (threads.count > 1 && is_worth_threads()) workers = threads.count;
    std::ptrdiff_t const slots = total;
    frame_.slot_bytes = slot;
    if (pieces || many_tiles) frame_.slot_count = slot_count(workers);
    if (pieces) total += frame_.slot_count * slot;
    std::ptrdiff_t const first_worker = total;
    if (workers > 1) total += workers * frame_.worker_bytes;
    std::byte* const memory = total > 0 ? scratch(static_cast<std::size_t>(total)) : nullptr;
    frame_.panels = reinterpret_cast<number*>(memory + panels);
    frame_.slots = pieces ? memory + slots : nullptr;
    frame_.workers = workers > 1 ? memory + first_worker : nullptr;
    for (int b = 0; b < count; ++b) {
      int const output = plan_.buffers[b].output;
      frame_.buffers[b] =
          output >= 0 ? static_cast<number*>(frame_.outputs[output]) : reinterpret_cast<number*>(memory + offsets[b]);
      frame_.results[b] = frame_.buffers[b];
      frame_.wide[b] = wide_offsets[b] >= 0 ? reinterpret_cast<double*>(memory + wide_offsets[b]) : nullptr;
    }
  }

  /// How many pieces are summed before they are added up: those of a tile, or chunks by the number of threads and 4 MB of sums.
  std::ptrdiff_t slot_count(std::ptrdiff_t workers) const {
    if constexpr (passes::shares_tiles())
      return passes::piece_count(frame_.tile < batch_rows() ? frame_.tile : batch_rows());
    std::ptrdiff_t const chunks = (batch_rows() + frame_.chunk - 1) / frame_.chunk;
    if constexpr (!passes::has_sums()) return chunks;
    if (workers == 1) return 1;
    std::ptrdiff_t const fitting = 4 * 1024 * 1024 / frame_.slot_bytes, most = fitting < 64 ? fitting : 64,
                         least = 2 * workers;
    std::ptrdiff_t const wanted = most < least ? least : most;
    return wanted < chunks ? wanted : chunks;
  }

  static constexpr std::ptrdiff_t panel_bytes() { return loops::panel_bytes(); }

  static constexpr bool has_wide() {
    for (int b = 0; b < plan_.buffer_count; ++b)
      if (passes::roles.of[b].needs_wide) return true;
    return false;
  }

  /// Numbers that are trained are written back when everything is computed.
  template <int... Ks>
  void write_parameters(std::integer_sequence<int, Ks...>) {
    (write_parameter(std::integral_constant<int, Ks>{}), ...);
  }
  template <int Which>
  void write_parameter(std::integral_constant<int, Which>) {
    if constexpr (requests_[Which].parameter >= 0 && requests_[Which].order.rank == 0) {
      auto const& bound = call_.template argument<requests_[Which].parameter>();
      *bound.number = static_cast<std::remove_reference_t<decltype(*bound.number)>>(output_number(Which));
    }
  }

  Call const& call_;
  frame_type frame_;
};

// ---- aliasing: what is written may not be read as something else

/// Whether output `k` may be written over input `i` element by element: every element is read before its place is written, once.
template <class Program>
constexpr bool in_place(int k, int i) {
  constexpr auto const& g = program_graph<Program>;
  constexpr auto const& plan = program_plan<Program>;
  for (int n = 0; n < g.node_count; ++n)
    if (role const kind = g.nodes[n].op->kind; kind == role::reduction || kind == role::shift || kind == role::scan)
      return false;
  axis_set const axes = axis_order::of(g.inputs[i]).set();
  int nests = 0;  // those without axes compute numbers, from numbers
  for (int n = 0; n < plan.nest_count; ++n) {
    if (plan.nests[n].axes == 0) continue;
    if (plan.nests[n].axes != axes) return false;
    ++nests;
  }
  return nests == 1 && program_requests<Program>[k].order.set() == axes;
}

template <class Program, class Call, class... Outputs>
class aliasing {
  static constexpr auto const& graph_ = program_graph<Program>;
  static constexpr auto const& requests_ = program_requests<Program>;

 public:
  /// Errors: `output 1 and the input X share memory; give one of them memory of its own`, the like for parameters and for two outputs,
  /// and `output 1 has indices that mean the same element; what is written needs an element for each`.
  static void check(Call const& call, std::tuple<Outputs...> const& outputs) {
    [&]<int... Ks>(std::integer_sequence<int, Ks...>) {
      (check_written(call, outputs, std::integral_constant<int, Ks>{}), ...);
    }(std::make_integer_sequence<int, graph_.output_count>{});
  }

 private:
  template <int Which>
  static void check_written(Call const& call, std::tuple<Outputs...> const& outputs,
                            std::integral_constant<int, Which>) {
    if constexpr (has_place<Which>()) {
      auto const& view = written<Which>(call, outputs);
      if constexpr (!is_packed<std::remove_cvref_t<decltype(view)>>)
        if (meets_itself(footprint_of(view))) throw_repeated_elements(name<Which>());
      [&]<int... Is>(std::integer_sequence<int, Is...>) {
        (check_read<Which, Is>(call, view), ...);
      }(std::make_integer_sequence<int, graph_.input_count>{});
      [&]<int... Ks>(std::integer_sequence<int, Ks...>) {
        (check_both<Which, Ks>(call, outputs, view), ...);
      }(std::make_integer_sequence<int, Which>{});
    }
  }

  /// Whether an output is written to memory of the caller that the call knows.
  template <int Which>
  static constexpr bool has_place() {
    return requests_[Which].parameter >= 0 ||
           !std::is_same_v<std::tuple_element_t<Which, std::tuple<Outputs...>>, number_place>;
  }

  template <int Which>
  static auto written(Call const& call, std::tuple<Outputs...> const& outputs) {
    if constexpr (constexpr int parameter = requests_[Which].parameter; parameter < 0) {
      return std::get<Which>(outputs);
    } else if constexpr (requests_[Which].order.rank > 0) {
      return call.template argument<parameter>();
    } else {
      auto* const number = call.template argument<parameter>().number;
      return array_view<std::remove_pointer_t<decltype(number)>, 1>{number, {1}};
    }
  }

  template <int Which, int Input, class View>
  static void check_read(Call const& call, View const& view) {
    constexpr input in = graph_.inputs[Input];
    // Numbers are read before anything is written, and written when everything is read.
    if constexpr (in.rank > 0 && requests_[Which].order.rank > 0 && !is_trained(Input)) {
      auto const& other = call.template argument<Input>();
      if constexpr (in_place<Program>(Which, Input) &&
                    std::is_same_v<typename View::element,
                                   std::remove_const_t<typename std::remove_cvref_t<decltype(other)>::element>> &&
                    View::rank == in.rank)
        if (view.data == other.data && strides_of(view) == strides_of(other)) return;
      if (share_memory(footprint_of(view), footprint_of(other)))
        throw_aliasing(name<Which>(), "the input " + std::string(in.name));
    }
  }

  template <int Which, int Other, class View>
  static void check_both(Call const& call, std::tuple<Outputs...> const& outputs, View const& view) {
    if constexpr (has_place<Other>())
      if (share_memory(footprint_of(view), footprint_of(written<Other>(call, outputs))))
        throw_aliasing(name<Other>(), name<Which>());
  }

  static constexpr bool is_trained(int input) {
    for (int k = 0; k < graph_.output_count; ++k)
      if (requests_[k].parameter == input) return true;
    return false;
  }

  template <int Which>
  static std::string name() {
    if constexpr (constexpr int parameter = requests_[Which].parameter; parameter >= 0)
      return "the parameter " + std::string(graph_.inputs[parameter].name);
    else return "output " + std::to_string(Which + 1);
  }
};

/// How input `Input` of a call lies in memory; `Adjacent`: what is decided at the call turned out to be row-major.
template <class Call, int Input, bool Adjacent, class Program>
constexpr int place_of_input() {
  constexpr input in = program_graph<Program>.inputs[Input];
  if constexpr (in.is_slot() || in.rank == 0) {
    return usual_placement;
  } else {
    using view = typename Call::template value_type<Input>;
    return placement(Adjacent && decided_at_call<view> ? layout::row_major : layout_of<view>);
  }
}

template <class Number, class View, bool Adjacent>
constexpr int place_of_output() {
  if constexpr (is_view<View>)
    return placement(Adjacent && decided_at_call<View> ? layout::row_major : layout_of<View>,
                     is_packed<View> && std::is_same_v<typename View::element, Number>);
  else return usual_placement;
}

/// Runs a program arranged for how its arguments lie in memory.
template <class Program, bool Adjacent, class Call, class Finish, class Threads, class... Outputs>
DDX_INLINE void run_here(Call const& call, std::tuple<Outputs...> const& outputs, Finish const& finish,
                         Threads threads) {
  [&]<int... Is>(std::integer_sequence<int, Is...>) DDX_INLINE_LAMBDA {
    using program = typename arrangement<Program, place_of_input<Call, Is, Adjacent, Program>()...,
                                         place_of_output<typename Call::number, Outputs, Adjacent>()...>::type;
    aliasing<program, Call, Outputs...>::check(call, outputs);
    invocation<program, Call, Outputs...> run(call, outputs);
    run.run(threads);
    finish(run);
  }(std::make_integer_sequence<int, Call::inputs>{});
}

/// The same; only what consists of loops that may be short is inlined.
template <class Program, bool Adjacent, class Call, class Finish, class Threads, class... Outputs>
void run_apart(Call const& call, std::tuple<Outputs...> const& outputs, Finish const& finish, Threads threads) {
  run_here<Program, Adjacent>(call, outputs, finish, threads);
}
template <class Program, bool Adjacent, class Call, class Finish, class Threads, class... Outputs>
DDX_INLINE void run_arranged(Call const& call, std::tuple<Outputs...> const& outputs, Finish const& finish,
                             Threads threads) {
  if constexpr (program_plan<Program>.only_loops()) run_here<Program, Adjacent>(call, outputs, finish, threads);
  else run_apart<Program, Adjacent>(call, outputs, finish, threads);
}

/// Runs a program on a call's arguments and hands the invocation to `finish`. Views whose strides the program learns only now select
/// between two instantiations: rows of adjacent elements, or elements apart.
template <class Program, class Call, class Finish, class Threads, class... Outputs>
DDX_INLINE void run_call(Call const& call, std::tuple<Outputs...> const& outputs, Finish const& finish,
                         Threads threads) {
  constexpr bool any = []<int... Is>(std::integer_sequence<int, Is...>) {
    return ((place_of_input<Call, Is, true, Program>() != place_of_input<Call, Is, false, Program>()) || ...) ||
           ((place_of_output<typename Call::number, Outputs, true>() !=
             place_of_output<typename Call::number, Outputs, false>()) ||
            ...);
  }(std::make_integer_sequence<int, Call::inputs>{});
  if constexpr (any) {
    bool adjacent = true;
    auto const look = [&]<class View>(View const& view) {
      if constexpr (is_view<View>)
        if constexpr (decided_at_call<View>) adjacent = adjacent && is_adjacent(view);
    };
    auto const look_at = [&]<int Item>(std::integral_constant<int, Item>) {
      if constexpr (program_graph<Program>.inputs[Item].rank > 0) look(call.template argument<Item>());
    };
    [&]<int... Is>(std::integer_sequence<int, Is...>) {
      (look_at(std::integral_constant<int, Is>{}), ...);
    }(std::make_integer_sequence<int, Call::inputs>{});
    std::apply([&](auto const&... views) { (look(views), ...); }, outputs);
    if (!adjacent) return run_arranged<Program, false>(call, outputs, finish, threads);
  }
  run_arranged<Program, true>(call, outputs, finish, threads);
}

}  // namespace DDX_ISA
}  // namespace ddx::detail

#pragma GCC diagnostic pop
