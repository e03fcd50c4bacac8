// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Outputs and bindings enter; what they are by definition leaves: every node of the graph as written, in double precision, by naive
// loops over all of its axes. Shares nothing with the scheduler or the loops but the records' scalar values.
#pragma once

#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <ddx/ddx.hpp>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

namespace oracle {

/// Elements over a set of axes, in row-major order of the axes' numbers.
struct dense {
  ddx::axis_set axes = 0;
  std::vector<double> elements;
};

class evaluator {
 public:
  /// `slots` are the values of the inputs without a name.
  template <class... Bindings>
  evaluator(ddx::graph_view g, std::vector<double> const& slots, Bindings const&... bindings)
      : g_(g), extents_(ddx::max_axes, 0), inputs_(static_cast<std::size_t>(g.input_count)) {
    for (int i = 0; i < g_.input_count; ++i)
      if (g_.inputs[i].is_slot())
        inputs_[static_cast<std::size_t>(i)].elements = {slots[static_cast<std::size_t>(g_.inputs[i].slot)]};
    (bind(bindings), ...);
    for (int i = 0; i < g_.node_count; ++i) values_.push_back(value_of(g_.nodes[i]));
  }

  /// The elements of output `k` over `order`, outermost first; an axis that the output lacks repeats it.
  std::vector<double> output(int k, ddx::axis_order const& order) const {
    ddx::axis_set all = order.set();
    std::vector<double> result;
    std::vector<std::ptrdiff_t> index(ddx::max_axes, 0);
    std::ptrdiff_t count = 1;
    for (int i = 0; i < order.rank; ++i) count *= extent(order.axes[i]);
    dense const& value = values_[static_cast<std::size_t>(g_.outputs[k])];
    REQUIRE((value.axes & ~all) == 0);
    for (std::ptrdiff_t flat = 0; flat < count; ++flat) {
      std::ptrdiff_t rest = flat;
      for (int i = order.rank - 1; i >= 0; --i) {
        index[static_cast<std::size_t>(order.axes[i])] = rest % extent(order.axes[i]);
        rest /= extent(order.axes[i]);
      }
      result.push_back(at(value, index));
    }
    return result;
  }

  ddx::axis_set axes_of_output(int k) const { return g_.nodes[g_.outputs[k]].axes; }

 private:
  std::ptrdiff_t extent(int axis) const { return extents_[static_cast<std::size_t>(axis)]; }

  template <class Binding>
  void bind(Binding const& binding) {
    using parts = ddx::detail::binding_parts<Binding>;
    auto const& value = boost::hana::second(binding);
    for (int i = 0; i < g_.input_count; ++i) {
      ddx::input const& in = g_.inputs[i];
      if (in.is_slot() || in.name != parts::symbol::name) continue;
      if constexpr (parts::value::rank == 0) {
        inputs_[static_cast<std::size_t>(i)].elements = {static_cast<double>(value.get())};
      } else {
        std::ptrdiff_t count = 1;
        std::vector<int> order;
        for (int k = 0; k < in.rank; ++k) {
          extents_[static_cast<std::size_t>(in.axes[k])] = value.extents[static_cast<std::size_t>(k)];
          count *= value.extents[static_cast<std::size_t>(k)];
        }
        dense& array = inputs_[static_cast<std::size_t>(i)];
        for (int k = 0; k < in.rank; ++k) array.axes |= ddx::axis_set{1} << in.axes[k];
        array.elements.resize(static_cast<std::size_t>(count));
        std::vector<std::ptrdiff_t> index(ddx::max_axes, 0);
        for (std::ptrdiff_t flat = 0; flat < count; ++flat) {
          std::ptrdiff_t rest = flat, at = 0;
          for (int k = in.rank - 1; k >= 0; --k) {
            std::ptrdiff_t const along = rest % extent(in.axes[k]);
            index[static_cast<std::size_t>(in.axes[k])] = along;
            at += along * ddx::detail::strides_of(value)[static_cast<std::size_t>(k)];
            rest /= extent(in.axes[k]);
          }
          array.elements[place(array.axes, index)] = static_cast<double>(value.data[at]);
        }
      }
    }
  }

  std::size_t place(ddx::axis_set axes, std::vector<std::ptrdiff_t> const& index) const {
    std::ptrdiff_t flat = 0;
    for (int a = 0; a < g_.axis_count; ++a)
      if (axes >> a & 1u) flat = flat * extent(a) + index[static_cast<std::size_t>(a)];
    return static_cast<std::size_t>(flat);
  }
  double at(dense const& value, std::vector<std::ptrdiff_t> const& index) const {
    return value.elements[place(value.axes, index)];
  }

  /// Calls `function(index)` for every index of `axes`, in row-major order.
  template <class Function>
  void for_each(ddx::axis_set axes, Function const& function) const {
    std::vector<std::ptrdiff_t> index(ddx::max_axes, 0);
    visit(axes, 0, index, function);
  }
  template <class Function>
  void visit(ddx::axis_set axes, int axis, std::vector<std::ptrdiff_t>& index, Function const& function) const {
    if (axis == g_.axis_count) return function(index);
    if (!(axes >> axis & 1u)) return visit(axes, axis + 1, index, function);
    for (std::ptrdiff_t i = 0; i < extent(axis); ++i) {
      index[static_cast<std::size_t>(axis)] = i;
      visit(axes, axis + 1, index, function);
    }
    index[static_cast<std::size_t>(axis)] = 0;
  }

  /// log(sum(exp(x))) of elements along an axis that are finite or -inf.
  double log_of_sum(dense const& operand, int axis, std::vector<std::ptrdiff_t>& index) const {
    double largest = -std::numeric_limits<double>::infinity(), total = 0;
    for (bool const last : {false, true})
      for (std::ptrdiff_t i = 0; i < extent(axis); ++i) {
        index[static_cast<std::size_t>(axis)] = i;
        if (last) total += std::exp(at(operand, index) - largest);
        else largest = std::max(largest, at(operand, index));
      }
    return std::isinf(largest) ? largest : largest + std::log(total);
  }

  dense value_of(ddx::node const& n) const {
    using namespace ddx;
    if (is<constant_>(n)) return {0, {n.constant.value()}};
    if (is<extent_>(n)) return {0, {static_cast<double>(extent(n.index))}};
    if (is<input_>(n)) return inputs_[static_cast<std::size_t>(n.index)];
    dense result{n.axes, {}};
    if (is<position_>(n)) {
      for (std::ptrdiff_t i = 0; i < extent(n.index); ++i) result.elements.push_back(static_cast<double>(i));
    } else if (is<inside_>(n) || is<shift_>(n)) {
      auto const offset = static_cast<std::ptrdiff_t>(n.constant.numerator);
      for_each(n.axes, [&](std::vector<std::ptrdiff_t> index) {
        std::ptrdiff_t& place = index[static_cast<std::size_t>(n.index)];
        place += offset;
        bool const within = place >= 0 && place < extent(n.index);
        result.elements.push_back(!within          ? 0
                                  : is<inside_>(n) ? 1
                                                   : at(values_[static_cast<std::size_t>(n.operands[0])], index));
      });
    } else if (is<recurrence_>(n)) {
      // From the end where there is no neighbour; the others keep their row-major places.
      for_each(n.axes, [&](std::vector<std::ptrdiff_t> const&) { result.elements.push_back(0); });
      auto const step = static_cast<std::ptrdiff_t>(n.constant.numerator), count = extent(n.index);
      for (std::ptrdiff_t i = 0; i < count; ++i)
        for_each(n.axes & ~(axis_set{1} << n.index), [&](std::vector<std::ptrdiff_t> index) {
          std::ptrdiff_t& place = index[static_cast<std::size_t>(n.index)];
          place = (step < 0 ? i : count - 1 - i) + step;
          double const before = i == 0 ? 0 : at(result, index);
          place -= step;
          double const a = at(values_[static_cast<std::size_t>(n.operands[0])], index),
                       b = at(values_[static_cast<std::size_t>(n.operands[1])], index);
          result.elements[this->place(n.axes, index)] = i == 0 ? b : a * before + b;
        });
    } else if (is<take_>(n)) {
      for_each(n.axes, [&](std::vector<std::ptrdiff_t> index) {
        double const place = at(values_[static_cast<std::size_t>(n.operands[1])], index);
        index[static_cast<std::size_t>(n.index)] = static_cast<std::ptrdiff_t>(place);
        result.elements.push_back(at(values_[static_cast<std::size_t>(n.operands[0])], index));
      });
    } else if (n.op->kind == role::reduction) {
      dense const& operand = values_[static_cast<std::size_t>(n.operands[0])];
      for_each(n.axes, [&](std::vector<std::ptrdiff_t> index) {
        double total = is<max_over_>(n) ? -std::numeric_limits<double>::infinity() : is<prod_>(n) ? 1.0 : 0.0;
        if (is<logsumexp_>(n)) {
          total = log_of_sum(operand, n.index, index);
        } else
          for (std::ptrdiff_t i = 0; i < extent(n.index); ++i) {
            index[static_cast<std::size_t>(n.index)] = i;
            double const element = at(operand, index);
            if (is<prod_>(n)) total *= element;
            else if (!is<max_over_>(n)) total += is<norm_>(n) ? element * element : element;
            else if (element > total || std::isnan(element)) total = std::isnan(total) ? total : element;
          }
        if (is<norm_>(n)) total = std::sqrt(total);
        result.elements.push_back(is<mean_>(n) ? total / static_cast<double>(extent(n.index)) : total);
      });
    } else {
      for_each(n.axes, [&](std::vector<std::ptrdiff_t> const& index) {
        double operands[max_arity]{};
        for (int k = 0; k < n.op->arity; ++k) operands[k] = at(values_[static_cast<std::size_t>(n.operands[k])], index);
        result.elements.push_back(n.op->value(operands));
      });
    }
    return result;
  }

  ddx::graph_view g_;
  std::vector<std::ptrdiff_t> extents_;
  std::vector<dense> inputs_;
  std::vector<dense> values_;
};

/// The outputs of a program, each in the order in which a kernel hands it over.
template <class Program, class... Bindings>
std::vector<std::vector<double>> evaluate(std::vector<double> const& slots, Bindings const&... bindings) {
  ddx::detail::wanted const w = Program::want();
  evaluator const e(w.g.view(), slots, bindings...);
  std::vector<std::vector<double>> outputs;
  for (int k = 0; k < w.g.outputs.size(); ++k) {
    ddx::axis_order order = w.requests[k].order;
    if (order.rank < 0) {
      order = {};
      for (int a = 0; a < w.g.axes.size(); ++a)
        if (e.axes_of_output(k) >> a & 1u) order.axes[order.rank++] = a;
    }
    outputs.push_back(e.output(k, order));
  }
  return outputs;
}

/// Elements of the caller with a guard on both sides, at an address that is aligned to their size and to nothing more.
template <class Element>
class guarded {
 public:
  static constexpr std::size_t margin = 65;  // odd, so that vectors never begin at an aligned address by chance

  explicit guarded(std::size_t count) : storage_(count + 2 * margin, sentinel()), count_(count) {}

  Element* data() { return storage_.data() + margin; }
  std::size_t size() const { return count_; }
  Element operator[](std::size_t i) const { return storage_[margin + i]; }

  bool intact() const {
    for (std::size_t i = 0; i < margin; ++i)
      if (storage_[i] != sentinel() || storage_[margin + count_ + i] != sentinel()) return false;
    return true;
  }

 private:
  static Element sentinel() { return static_cast<Element>(-1234.5); }

  std::vector<Element> storage_;
  std::size_t count_;
};

/// Random elements that end where their memory ends, so that a sanitizer sees every element read beyond them; `offset` elements
/// after an aligned address. Numbers are short, so that float and double hold the same value.
template <class Element>
class random_elements {
 public:
  random_elements(unsigned seed, std::ptrdiff_t count, double low = -2, double high = 2, std::ptrdiff_t offset = 1)
      : storage_(new Element[static_cast<std::size_t>(count + offset)]), offset_(offset) {
    std::mt19937 engine(seed);
    for (std::ptrdiff_t i = 0; i < count + offset; ++i) {
      double const unit = static_cast<double>(engine() >> 16) / 65536.0;
      if constexpr (std::is_same_v<Element, bool>) storage_[static_cast<std::size_t>(i)] = unit < 0.5;
      else if constexpr (std::is_integral_v<Element>)
        storage_[static_cast<std::size_t>(i)] = static_cast<Element>(low + unit * (high - low + 1));
      else storage_[static_cast<std::size_t>(i)] = static_cast<Element>(static_cast<float>(low + unit * (high - low)));
    }
  }

  Element* data() { return storage_.get() + offset_; }

  template <class... Extents>
  auto view(Extents... extents) {
    return ddx::view(data(), static_cast<std::ptrdiff_t>(extents)...);
  }

 private:
  std::unique_ptr<Element[]> storage_;
  std::ptrdiff_t offset_;
};

/// Whether a result is what is expected but for rounding: `scale` is the size of the numbers that were added up to it.
template <class Number>
bool close(double got, double expected, double scale, double units) {
  if (std::isnan(expected)) return std::isnan(got);
  if (std::isinf(expected)) return got == expected;
  return std::abs(got - expected) <= units * static_cast<double>(std::numeric_limits<Number>::epsilon()) * scale;
}

/// The first difference as text, empty where there is none.
template <class Number, class Elements>
std::string difference(int output, Elements const& got, std::vector<double> const& expected, double units) {
  double scale = 1;
  for (double e : expected)
    if (std::isfinite(e)) scale = std::max(scale, std::abs(e));
  for (std::size_t i = 0; i < expected.size(); ++i)
    if (!close<Number>(static_cast<double>(got[i]), expected[i], scale, units))
      return "output " + std::to_string(output) + " element " + std::to_string(i) + " of " +
             std::to_string(expected.size()) + " is " + std::to_string(got[i]) + ", expected " +
             std::to_string(expected[i]);
  return {};
}

/// Whether `compile<Outputs...>` writes what the definition says, and nothing beside it: the empty text, or the first difference.
/// Rounding errors of up to `units` units in the last place of the largest element (at least 1) are allowed.
template <auto... Outputs>
struct check {
  template <class... Bindings>
  static std::string within(double units, Bindings const&... bindings) {
    using program = ddx::detail::output_program<Outputs...>;
    using number = ddx::detail::number_of<Bindings...>;
    constexpr auto const& requests = ddx::detail::program_requests<program>;
    constexpr int count = ddx::detail::program_graph<program>.output_count;
    std::vector<std::vector<double>> const expected = evaluate<program>({}, bindings...);
    std::vector<guarded<number>> places;
    for (auto const& e : expected) places.emplace_back(e.size());
    auto const run = [&]<int... Ks>(std::integer_sequence<int, Ks...>) {
      auto targets = std::tuple{target<requests[Ks].order.rank>(places[Ks])...};
      std::apply([&](auto&... each) { ddx::kernel<program>{}(ddx::into(each...), bindings...); }, targets);
      ((requests[Ks].order.rank == 0 ? void(*places[Ks].data() = first(std::get<Ks>(targets))) : void()), ...);
    };
    run(std::make_integer_sequence<int, count>{});
    for (int k = 0; k < count; ++k) {
      auto const& place = places[static_cast<std::size_t>(k)];
      if (!place.intact()) return "output " + std::to_string(k) + " was written beyond its ends";
      std::string const text = difference<number>(k, place, expected[static_cast<std::size_t>(k)], units);
      if (!text.empty()) return text;
    }
    return {};
  }

 private:
  template <int Rank, class Number>
  static auto target(guarded<Number>& place) {
    if constexpr (Rank == 0) return Number{};
    else return ddx::view(place.data(), static_cast<std::ptrdiff_t>(place.size()));
  }
  template <class Number>
  static Number first(Number number) {
    return number;
  }
  template <class Number>
  static Number first(ddx::array_view<Number, 1> view) {
    return *view.data;
  }
};

/// Extents around the widths of vectors and of groups of rows, and a prime beyond a tile of the least size.
inline constexpr std::ptrdiff_t extents[]{0, 1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 33, 67};
inline constexpr std::ptrdiff_t few_extents[]{0, 1, 7, 9, 17, 33};

}  // namespace oracle
