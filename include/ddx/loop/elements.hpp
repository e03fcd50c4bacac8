// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Elements: what is too few for a vector enters, at the end of a loop or before its first aligned store; the same
// results leave, one element after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <utility>

#include "scans.hpp"

// g++ compares the names here with the user's globals when it instantiates the loops.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::loop::inline DDX_ISA {

/// The loops of a nest over single elements.
template <class Program, class Number, class... Elements>
class nest_elements : public nest_scans<Program, Number, Elements...> {
  using base = nest_scans<Program, Number, Elements...>;

 public:
  static constexpr auto const& Graph = detail::program_graph<Program>;
  static constexpr auto const& Plan = detail::program_plan<Program>;
  static constexpr int width = simd::width<Number>;
  using pack = typename base::pack;
  using frame_type = typename base::frame_type;
  using access = typename base::access;

  /// Whether a nest computes what costs little element by element: less than a store of some lanes, which takes as long
  /// as a dozen additions and keeps the next load of its elements waiting.
  template <int Nest>
  static constexpr bool is_cheap() {
    if (base::template has_edges<Nest> || Plan.nests[Nest].scan >= 0) return false;
    for (int i = 0; i < Plan.nests[Nest].node_count; ++i)
      if (!detail::costs_no_more_than_memory(Graph.view(), Plan.nodes[Plan.nests[Nest].first_node + i])) return false;
    return true;
  }

  /// The elements from `lane` on, fewer than a vector, one after the other.
  template <int Nest, class Sources, class Targets>
  DDX_INLINE static void elements(frame_type const& f, line<Program, Nest, by_elements<Number>> (&one)[1],
                                  Sources const& sources, Targets const& targets, std::ptrdiff_t lane,
                                  std::ptrdiff_t lanes) {
    [&]<int... Ls, int... Rs>(std::integer_sequence<int, Ls...>, std::integer_sequence<int, Rs...>) DDX_INLINE_LAMBDA {
      (base::template load_fixed<Nest, 1, Ls>(f, one, std::get<Ls>(sources), 0), ...);
      (base::template begin_sum<Nest, 1, Rs>(one), ...);
      for (; lane < lanes; ++lane) {
        simd::hide(lane);  // or the compilers would make vectors of what is left of one
        (read_element<Nest, Ls>(one[0], std::get<Ls>(sources), lane), ...);
        base::template compute_all<Nest>(one[0], one[0]);
        (finish_element<Nest, Rs>(one[0], std::get<Rs>(targets), lane), ...);
      }
    }(each_load<Program, Nest>{}, each_root<Program, Nest>{});
  }

  template <int Nest, int Load, class Cursor>
  DDX_INLINE static void read_element(line<Program, Nest, by_elements<Number>>& v, Cursor const& c,
                                      std::ptrdiff_t lane) {
    constexpr int id = base::template load_at<Nest, Load>;
    if constexpr (base::template along_lanes<Nest, id>) {
      if constexpr (is<position_>(Graph.nodes[id])) v.loads[Load] = static_cast<Number>(c.first + lane);
      else v.loads[Load] = static_cast<Number>(c.at[lane * (base::template contiguous<Nest, id> ? 1 : c.lane)]);
    }
  }

  template <int Nest, int Index, class Cursor>
  DDX_INLINE static void finish_element(line<Program, Nest, by_elements<Number>>& v, [[maybe_unused]] Cursor const& c,
                                        [[maybe_unused]] std::ptrdiff_t lane) {
    constexpr nest n = Plan.nests[Nest];
    constexpr int r = n.first_root + Index;
    constexpr nest_root root = Plan.roots[r];
    if constexpr (root.axis == n.vector_axis) {
      v.sums[Index] = base::template combined<Nest, r>(v, v, v.sums[Index]);
    } else {
      using element = std::remove_cvref_t<decltype(*c.at)>;
      element& at = c.at[lane * (base::template access_of<false, Nest, r>() == access::strided ? c.lane : 1)];
      if constexpr (root.axis < 0) at = static_cast<element>(base::template value_of<Nest, root.value>(v, v));
      else at = base::template combined<Nest, r>(v, v, at);
    }
  }

  /// What elements were reduced to goes to lane 0 of the sums.
  template <int Nest, int Index, class Lines>
  DDX_INLINE static void add_elements([[maybe_unused]] line<Program, Nest, Lines>& v,
                                      [[maybe_unused]] line<Program, Nest, by_elements<Number>> const& one) {
    constexpr nest_root root = Plan.roots[Plan.nests[Nest].first_root + Index];
    if constexpr (root.axis >= 0 && root.axis == Plan.nests[Nest].vector_axis) {
      pack rest(simd::combining<root.combine>::template neutral<Number>);
      rest.v[0] = one.sums[Index];
      v.sums[Index] = simd::combining<root.combine>::apply(v.sums[Index], rest);
    }
  }

  /// Computes elements of the batch from `begin` to `end`, fewer than a vector, in a pass that is a single loop, and
  /// hands what they are reduced to to `finish`.
  template <int Nest, class Finish>
  DDX_INLINE static void few(frame_type& f, std::ptrdiff_t end, Finish const& finish) {
    constexpr nest n = Plan.nests[Nest];
    f.tile_begin = f.tile_offset = 0;
    [&]<int... Ls, int... Rs>(std::integer_sequence<int, Ls...>, std::integer_sequence<int, Rs...>) DDX_INLINE_LAMBDA {
      std::tuple const sources{base::template load_cursor<Nest, base::template load_at<Nest, Ls>>(f, nullptr)...};
      std::tuple const targets{base::template root_cursor<Nest, n.first_root + Rs>(f, nullptr)...};
      line<Program, Nest, by_elements<Number>> one[1];
      elements<Nest>(f, one, sources, targets, 0, end);
      each<n.root_count>([&]<int Index>(std::integral_constant<int, Index>) DDX_INLINE_LAMBDA {
        constexpr nest_root root = Plan.roots[n.first_root + Index];
        if constexpr (root.axis >= 0) finish(std::integral_constant<int, n.first_root + Index>{}, one[0].sums[Index]);
      });
    }(each_load<Program, Nest>{}, each_root<Program, Nest>{});
  }

  /// A pass that is a single loop over fewer elements than a vector has: element by element, without sums of vectors.
  /// Whether it is.
  template <int Nest>
  DDX_INLINE static bool few_elements([[maybe_unused]] frame_type& f) {
    if constexpr (is_cheap<Nest>()) {
      if (f.extents[Plan.batch] >= width) return false;
      few<Nest>(f, f.extents[Plan.batch],
                [&]<int Root>(std::integral_constant<int, Root>, Number result)
                    DDX_INLINE_LAMBDA { f.numbers[Plan.roots[Root].index] = result; });
      return true;
    } else {
      return false;
    }
  }

  /// The first root of a nest that is stored in whole vectors, -1 if there is none.
  static constexpr int stored_root(nest const& n) {
    for (int r = n.first_root; r < n.first_root + n.root_count; ++r) {
      nest_root const root = Plan.roots[r];
      if (root.axis < 0 && base::order_of_root(root).innermost() == n.vector_axis) return r;
    }
    return -1;
  }

  template <int Nest>
  static constexpr bool has_head() {
    return is_cheap<Nest>() && stored_root(Plan.nests[Nest]) >= 0;
  }

  /// The elements of a long loop before the first that begins a vector of memory to store to; their number. On Zen 5 a
  /// sum of squares and its step take 1.17 of the time where stores straddle cache lines.
  template <int Nest>
  DDX_INLINE static std::ptrdiff_t head_elements([[maybe_unused]] frame_type& f) {
    if constexpr (has_head<Nest>()) {
      std::ptrdiff_t const count = f.extents[Plan.batch] < 64 * width ? 0 : elements_to_alignment<Nest>(f);
      if (count > 0)
        few<Nest>(f, count, [&]<int Root>(std::integral_constant<int, Root>, Number result) DDX_INLINE_LAMBDA {
          using combine = simd::combining<Plan.roots[Root].combine>;
          simd::pack<double> part(combine::template neutral<double>);
          part.v[0] = static_cast<double>(result);
          if (f.slots == nullptr) f.totals[Root] = combine::apply(f.totals[Root], part);
          else f.committed[Root] = combine::apply(f.committed[Root], part);
        });
      return count;
    } else {
      return 0;
    }
  }

  template <int Nest>
  DDX_INLINE static std::ptrdiff_t elements_to_alignment(frame_type& f) {
    f.tile_begin = 0;
    auto const* const at = base::template root_cursor<Nest, stored_root(Plan.nests[Nest])>(f, nullptr).at;
    constexpr auto size = static_cast<std::ptrdiff_t>(sizeof(*at)), block = width * size;
    auto const address = static_cast<std::ptrdiff_t>(reinterpret_cast<std::uintptr_t>(at));
    return address % size != 0 ? 0 : (block - address % block) % block / size;
  }
};

}  // namespace ddx::loop::inline DDX_ISA

#pragma GCC diagnostic pop
