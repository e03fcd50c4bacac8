// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Scans: the operands of a recurrence enter, its elements leave: rows, or lanes, one after the other.
#pragma once

#include <cstddef>

#include "../simd/product_of_others.hpp"
#include "roots.hpp"

// g++ compares the names here with the user's globals when it instantiates the loops.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

namespace ddx::loop::inline DDX_ISA {

/// How the scan of a nest goes on from element to element.
template <class Program, class Number, class... Elements>
class nest_scans : public nest_roots<Program, Number, Elements...> {
  using base = nest_roots<Program, Number, Elements...>;

 public:
  static constexpr auto const& Graph = detail::program_graph<Program>;
  static constexpr auto const& Plan = detail::program_plan<Program>;
  static constexpr int width = simd::width<Number>;
  using pack = typename base::pack;
  using frame_type = typename base::frame_type;
  using access = typename base::access;

  /// Whether a nest is the products of all other elements along an axis, which it takes as a whole.
  template <int Nest>
  static constexpr bool takes_others =
      Plan.nests[Nest].scan >= 0 &&
      is<product_of_others_>(Graph.nodes[Plan.nests[Nest].scan < 0 ? 0 : Plan.nests[Nest].scan]);

  template <int Nest>
  static void multiply_others(frame_type& f, std::ptrdiff_t const* outer) {
    constexpr nest n = Plan.nests[Nest];
    constexpr int array = Graph.nodes[n.scan].operands[0];
    auto const from = base::template load_cursor<Nest, array>(f, outer);
    auto const to = base::template root_cursor<Nest, n.first_root>(f, outer);
    std::ptrdiff_t const lanes = base::extent(f, n, n.vector_axis);
    std::ptrdiff_t const from_lane = base::template contiguous<Nest, array> ? 1 : from.lane,
                         to_lane = base::template access_of<false, Nest, n.first_root>() == access::whole ? 1 : to.lane;
    if constexpr (n.row_axis < 0) {
      simd::multiply_others(from.at, from_lane, lanes, to.at, to_lane);
    } else {
      std::ptrdiff_t const rows = base::extent(f, n, n.row_axis);
      if (from_lane == 1 && to_lane == 1)
        return simd::multiply_others_of_rows(from.at, from.row, rows, to.at, to.row, lanes);
      for (std::ptrdiff_t i = 0; i < lanes; ++i)
        simd::multiply_others(from.at + i * from_lane, from.row, rows, to.at + i * to_lane, to.row);
    }
  }

  static constexpr std::ptrdiff_t neighbour_of(int scan) {
    return static_cast<std::ptrdiff_t>(Graph.nodes[scan].constant.numerator);
  }

  template <int Nest>
  static constexpr bool runs_back =
      Plan.nests[Nest].scan >= 0 && neighbour_of(Plan.nests[Nest].scan < 0 ? 0 : Plan.nests[Nest].scan) > 0;

  /// The elements of a scan in a vector along its axis, the last of them in all lanes of `carry`: what the next ones go
  /// on from. Products of the vector's factors are taken first, so that vectors wait for one another as briefly as can
  /// be; one by one where these might overflow or vanish while the results do not.
  template <int Nest>
  DDX_INLINE static pack scan_lanes(pack a, pack b, std::ptrdiff_t lane, std::ptrdiff_t count, std::ptrdiff_t lanes,
                                    pack& carry) {
    bool const begins = runs_back<Nest> ? lane + count == lanes : lane == 0;
    if (count == width && !begins) {
      pack factor = a, result = b;
      simd::compose<runs_back<Nest>>(factor, result);
      if (simd::is_moderate(factor)) {
        constexpr int last = runs_back<Nest> ? 0 : width - 1;
        pack const before = carry;
        carry =
            simd::fma(simd::repeated<last>(factor), before, simd::repeated<last>(result));  // all that is waited for
        return simd::fma(factor, before, result);
      }
    }
    alignas(DDX_VECTOR_BYTES) Number factors[width], results[width];
    simd::store(factors, a);
    simd::store(results, b);
    Number last = carry[0];
    if constexpr (runs_back<Nest>) {
      for (std::ptrdiff_t i = count; i-- > 0;)
        last = results[i] = lane + i + 1 == lanes ? results[i] : factors[i] * last + results[i];
    } else {
      for (std::ptrdiff_t i = 0; i < count; ++i)
        last = results[i] = lane + i == 0 ? results[i] : factors[i] * last + results[i];
    }
    carry = pack(last);
    return simd::load<Number>(results);
  }

  /// What a scan gives at a row from what it gave at the row before, or behind; along its lanes from what it gave
  /// there.
  template <int Nest, int Index, access How, class Lines, class Cursor>
  DDX_INLINE static void scan_step(frame_type const& f, line<Program, Nest, Lines>& v, Cursor const& c,
                                   std::ptrdiff_t row, std::ptrdiff_t lane, std::ptrdiff_t count) {
    constexpr nest n = Plan.nests[Nest];
    constexpr node scan = Graph.nodes[n.scan];
    pack const a = base::template value_of<Nest, scan.operands[0]>(v, v),
               b = base::template value_of<Nest, scan.operands[1]>(v, v);
    pack& result = v.nodes[base::template node_place<Nest>(n.scan)];
    std::ptrdiff_t const all = f.extents[scan.index];
    if constexpr (scan.index == n.vector_axis) {
      result = scan_lanes<Nest>(a, b, lane, count, all, v.sums[Index]);
    } else {
      std::ptrdiff_t const from = row + neighbour_of(n.scan);
      result = b;
      if (from >= 0 && from < all)
        result = simd::fma(a,
                           base::template reload<How>(
                               c.at + from * c.row + lane * (How == access::strided ? c.lane : 1), c.lane, count),
                           b);
    }
  }
};

}  // namespace ddx::loop::inline DDX_ISA

#pragma GCC diagnostic pop
