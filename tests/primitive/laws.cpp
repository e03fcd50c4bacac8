// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The table of records enters; that each obeys the laws of its value, its derivatives and its printed forms is checked. No
// primitive is listed: a new record is tested as soon as it stands in the table.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <ddx/primitive/table.hpp>
#include <ddx/print/print.hpp>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "../graph/building.hpp"
#include "../graph/interpret.hpp"
#include "composed.hpp"

namespace {

using namespace laws;

/// The facts of each record of a tuple.
template <class... Records>
std::vector<ddx::primitive> facts(std::tuple<Records...> const&) {
  return {ddx::info<Records>...};
}
auto const elementwise = facts(ddx::elementwise_records{});
auto const conditions = facts(ddx::condition_records{});
auto const reductions = facts(ddx::reduction_records{});
auto const all_records = facts(ddx::all_records{});

constexpr double seed = 0.7;

double central(std::function<double(double)> const& f, double at, double step) {
  return (8 * (f(at + step) - f(at - step)) - (f(at + 2 * step) - f(at - 2 * step))) / (12 * step);
}

TEST_CASE("names and identities of primitives are distinct") {
  std::map<std::string, int> seen;
  std::map<unsigned, int> ids;
  for (ddx::primitive const* p : ddx::all_primitives) {
    CHECK(++seen[std::string(p->name)] == 1);
    CHECK(++ids[p->id] == 1);
    CHECK(ddx::find_primitive(p->id) == p);
  }
  CHECK(ddx::find_primitive(12345) == nullptr);
}

TEST_CASE("a record computes the value that its facts compute") {
  std::mt19937 random(3);
  each<ddx::elementwise_records>([&](auto record) {
    using type = decltype(record);
    auto const& op = ddx::info<type>;
    INFO(op.name);
    for (int trial = 0; trial < 20; ++trial) {
      double operands[ddx::max_arity]{};
      for (int k = 0; k < op.arity; ++k) operands[k] = operand_of(op, k, random);
      double const by_facts = op.value(operands);
      double const by_record = [&]<int... Is>(std::integer_sequence<int, Is...>) {
        return static_cast<double>(type::value(ddx::detail::argument_of<type, Is>(operands)...));
      }(std::make_integer_sequence<int, ddx::record_arity<type>>{});
      CHECK(by_facts == by_record);
      CHECK(std::isfinite(by_facts));
    }
  });
}

TEST_CASE("a record on floats is its value on doubles to float accuracy") {
  std::mt19937 random(4);
  each<ddx::elementwise_records>([&](auto record) {
    using type = decltype(record);
    auto const& op = ddx::info<type>;
    INFO(op.name);
    for (int trial = 0; trial < 20; ++trial) {
      double operands[ddx::max_arity]{};
      for (int k = 0; k < op.arity; ++k) operands[k] = static_cast<float>(operand_of(op, k, random));
      auto const narrow = [&]<int... Is>(std::integer_sequence<int, Is...>) {
        auto const argument = [&]<int I>(std::integral_constant<int, I>) {
          auto const wide = ddx::detail::argument_of<type, I>(operands);
          if constexpr (std::is_same_v<decltype(wide), bool const>) return wide;
          else return static_cast<float>(wide);
        };
        return type::value(argument(std::integral_constant<int, Is>{})...);
      }(std::make_integer_sequence<int, ddx::record_arity<type>>{});
      CHECK(static_cast<double>(narrow) == Approx(op.value(operands)).epsilon(1e-5).margin(1e-5));
    }
  });
}

TEST_CASE("values agree with the standard library or with a formula written by hand") {
  using one = std::function<double(double)>;
  using two = std::function<double(double, double)>;
  std::map<std::string, one> const unary{
      {"negate", [](double x) { return -x; }},
      {"square", [](double x) { return x * x; }},
      {"sqrt", [](double x) { return std::sqrt(x); }},
      {"cbrt", [](double x) { return std::cbrt(x); }},
      {"abs", [](double x) { return std::fabs(x); }},
      {"sign", [](double x) { return std::copysign(1.0, x); }},
      {"relu", [](double x) { return x > 0 ? x : 0.0; }},
      {"exp", [](double x) { return std::exp(x); }},
      {"expm1", [](double x) { return std::expm1(x); }},
      {"log", [](double x) { return std::log(x); }},
      {"log1p", [](double x) { return std::log1p(x); }},
      {"exp2", [](double x) { return std::pow(2.0, x); }},
      {"log2", [](double x) { return std::log(x) / std::log(2.0); }},
      {"log10", [](double x) { return std::log(x) / std::log(10.0); }},
      {"sin", [](double x) { return std::sin(x); }},
      {"cos", [](double x) { return std::cos(x); }},
      {"tan", [](double x) { return std::tan(x); }},
      {"asin", [](double x) { return std::asin(x); }},
      {"acos", [](double x) { return std::acos(x); }},
      {"atan", [](double x) { return std::atan(x); }},
      {"sinh", [](double x) { return std::sinh(x); }},
      {"cosh", [](double x) { return std::cosh(x); }},
      {"tanh", [](double x) { return std::tanh(x); }},
      {"sec", [](double x) { return 1 / std::cos(x); }},
      {"csc", [](double x) { return 1 / std::sin(x); }},
      {"cot", [](double x) { return std::cos(x) / std::sin(x); }},
      {"asec", [](double x) { return std::acos(1 / x); }},
      {"acsc", [](double x) { return std::asin(1 / x); }},
      {"acot", [](double x) { return std::atan(1 / x); }},
      {"sech", [](double x) { return 1 / std::cosh(x); }},
      {"csch", [](double x) { return 1 / std::sinh(x); }},
      {"coth", [](double x) { return std::cosh(x) / std::sinh(x); }},
      {"asinh", [](double x) { return std::asinh(x); }},
      {"acosh", [](double x) { return std::acosh(x); }},
      {"atanh", [](double x) { return std::atanh(x); }},
      {"asech", [](double x) { return std::acosh(1 / x); }},
      {"acsch", [](double x) { return std::asinh(1 / x); }},
      {"acoth", [](double x) { return std::atanh(1 / x); }},
      {"floor", [](double x) { return std::floor(x); }},
      {"ceil", [](double x) { return std::ceil(x); }},
      {"round", [](double x) { return std::round(x); }},
      {"trunc", [](double x) { return std::trunc(x); }},
      {"heaviside", [](double x) { return x > 0 ? 1.0 : 0.0; }},
      {"erfc", [](double x) { return std::erfc(x); }},
      {"gamma", [](double x) { return std::tgamma(x); }},
      {"lgamma", [](double x) { return std::lgamma(x); }},
      {"sinc", [](double x) { return x == 0 ? 1 : std::sin(x) / x; }},
      {"j0", [](double x) { return ::j0(x); }},
      {"j1", [](double x) { return ::j1(x); }},
      {"y0", [](double x) { return ::y0(x); }},
      {"y1", [](double x) { return ::y1(x); }},
      {"i0", [](double x) { return std::cyl_bessel_i(0, std::abs(x)); }},
      {"i1", [](double x) { return std::copysign(std::cyl_bessel_i(1, std::abs(x)), x); }},
      {"erf", [](double x) { return std::erf(x); }},
      {"sigmoid", [](double x) { return 0.5 + 0.5 * std::tanh(x / 2); }},
      {"softplus", [](double x) { return std::log(1 + std::exp(x)); }},
  };
  std::map<std::string, two> const binary{
      {"add", [](double x, double y) { return x + y; }},
      {"subtract", [](double x, double y) { return x - y; }},
      {"multiply", [](double x, double y) { return x * y; }},
      {"divide", [](double x, double y) { return x / y; }},
      {"pow", [](double x, double y) { return std::exp(y * std::log(x)); }},
      {"hypot", [](double x, double y) { return std::sqrt(x * x + y * y); }},
      {"atan2", [](double x, double y) { return std::atan2(x, y); }},
      {"min", [](double x, double y) { return std::fmin(x, y); }},
      {"max", [](double x, double y) { return std::fmax(x, y); }},
      {"fmod", [](double x, double y) { return x - y * std::trunc(x / y); }},
      {"logaddexp", [](double x, double y) { return std::log(std::exp(x) + std::exp(y)); }},
      {"xlogy", [](double x, double y) { return x * std::log(y); }},
      {"xlog1py", [](double x, double y) { return x * std::log1p(y); }},
      {"beta", [](double x, double y) { return std::tgamma(x) * std::tgamma(y) / std::tgamma(x + y); }},
      {"jn", [](double n, double x) { return ::jn(static_cast<int>(n), x); }},
      {"yn", [](double n, double x) { return ::yn(static_cast<int>(n), x); }},
      {"in",
       [](double n, double x) {
         double const size = std::cyl_bessel_i(std::abs(n), std::abs(x));
         return std::fmod(n, 2) != 0 && x < 0 ? -size : size;
       }},
      {"sph_bessel",
       [](double n, double x) {
         double const size = std::sph_bessel(static_cast<unsigned>(n), std::abs(x));
         return std::fmod(n, 2) != 0 && x < 0 ? -size : size;
       }},
  };
  std::mt19937 random(5);
  std::size_t compared = 0;
  for (ddx::primitive const* op : ddx::all_primitives) {
    std::string const name(op->name);
    INFO(name);
    bool const has_one = unary.count(name) != 0, has_two = binary.count(name) != 0;
    if (op->kind != ddx::role::elementwise || !(has_one || has_two)) continue;
    ++compared;
    REQUIRE(op->arity == (has_one ? 1 : 2));
    for (int trial = 0; trial < 50; ++trial) {
      double const operands[]{operand_of(*op, 0, random), operand_of(*op, 1, random)};
      double const expected = has_one ? unary.at(name)(operands[0]) : binary.at(name)(operands[0], operands[1]);
      CHECK(op->value(operands) == Approx(expected).epsilon(1e-13).margin(1e-14));
    }
  }
  CHECK(compared == unary.size() + binary.size());
}

TEST_CASE("the first derivative is the slope of the value, with an inner factor 3 and a seed other than 1") {
  std::mt19937 random(6);
  for (ddx::primitive const& op : elementwise) {
    composed f(op);
    if (f.inputs.empty()) continue;
    int const s = ddx::detail::constant_node(f.g, {seed, 1});
    auto const derivatives = ddx::differentiator(f.g).gradient(f.output, f.inputs, s);
    for (int trial = 0; trial < 20; ++trial) {
      auto const at = f.point(random);
      for (int k = 0; k < f.inputs.size(); ++k) {
        auto const along = [&](double t) {
          auto moved = at;
          moved[static_cast<std::size_t>(k)] = t;
          return oracle::value(f.g, f.output, moved);
        };
        INFO(op.name << " by operand " << k << " at " << at[0]);
        if (f.is_whole(k)) CHECK(std::isnan(oracle::value(f.g, derivatives[k], at)));
        else
          CHECK(oracle::value(f.g, derivatives[k], at) ==
                Approx(seed * central(along, at[static_cast<std::size_t>(k)], 1e-3)).epsilon(1e-6).margin(1e-8));
      }
    }
  }
}

TEST_CASE("the second derivatives are the slopes of the first ones, and mixed ones agree") {
  std::mt19937 random(7);
  for (ddx::primitive const& op : elementwise) {
    composed f(op);
    for (int row = 0; row < f.inputs.size(); ++row) {
      if (f.is_whole(row)) continue;
      int const first = building::derivative(f.g, f.output, f.inputs[row]);
      for (int column = 0; column < f.inputs.size(); ++column) {
        if (f.is_whole(column)) continue;
        int const second = building::derivative(f.g, first, f.inputs[column]);
        int const other =
            building::derivative(f.g, building::derivative(f.g, f.output, f.inputs[column]), f.inputs[row]);
        for (int trial = 0; trial < 5; ++trial) {
          auto const at = f.point(random);
          auto const along = [&](double t) {
            auto moved = at;
            moved[static_cast<std::size_t>(column)] = t;
            return oracle::value(f.g, first, moved);
          };
          INFO(op.name << " by operands " << row << ", " << column << " at " << at[0]);
          double const expected = central(along, at[static_cast<std::size_t>(column)], 1e-3);
          CHECK(oracle::value(f.g, second, at) == Approx(expected).epsilon(1e-5).margin(1e-6));
          CHECK(oracle::value(f.g, other, at) == Approx(expected).epsilon(1e-5).margin(1e-6));
        }
      }
    }
  }
}

TEST_CASE("forward, reverse and simplified derivatives are the same numbers") {
  std::mt19937 random(8);
  for (ddx::primitive const& op : elementwise) {
    composed f(op);
    for (int k = 0; k < f.inputs.size(); ++k) {
      if (f.is_whole(k)) continue;
      ddx::sequence<int> input, tangent, output;
      input.push_back(f.inputs[k]);
      tangent.push_back(ddx::detail::constant_node(f.g, {seed, 1}));
      output.push_back(f.output);
      int const forward = ddx::differentiator(f.g).tangent(output, input, tangent)[0];
      int const reverse = building::derivative(f.g, f.output, f.inputs[k], tangent[0]);
      ddx::graph by_reverse = f.g;
      by_reverse.outputs.push_back(reverse);
      by_reverse.outputs.push_back(forward);
      auto const kept = ddx::simplify(by_reverse.view(), ddx::sharing::keep),
                 expanded = ddx::simplify(by_reverse.view(), ddx::sharing::expand);
      for (int trial = 0; trial < 10; ++trial) {
        auto const at = f.point(random);
        double const expected = oracle::value(f.g, reverse, at);
        INFO(op.name << " by operand " << k << " at " << at[0]);
        CHECK(oracle::value(f.g, forward, at) == Approx(expected).epsilon(1e-12));
        for (ddx::graph const* g : {&kept, &expanded})
          for (double symbolic : oracle::outputs(g->view(), at))
            CHECK(symbolic == Approx(expected).epsilon(1e-12).margin(1e-14));
      }
    }
  }
}

TEST_CASE("a composite that simplification or loops put in a record's place has the record's value") {
  std::mt19937 random(9);
  for (ddx::primitive const& op : elementwise) {
    for (auto composite : {op.canonical, op.lowered}) {
      if (composite == nullptr) continue;
      ddx::graph g;
      int operands[ddx::max_arity]{};
      for (int k = 0; k < op.arity; ++k) operands[k] = building::id(g, building::scalar(g, names[k]));
      int const self = ddx::detail::apply_node(g, op, operands), other = composite(g, self);
      for (int trial = 0; trial < 20; ++trial) {
        std::vector<double> at;
        for (int k = 0; k < op.arity; ++k) at.push_back(operand_of(op, k, random));
        INFO(op.name);
        CHECK(oracle::value(g, other, at) == Approx(oracle::value(g, self, at)).epsilon(1e-14).margin(1e-15));
      }
    }
  }
}

TEST_CASE("a truth value has derivative zero and is 0 or 1") {
  std::mt19937 random(10);
  for (ddx::primitive const& op : conditions) {
    composed f(op);
    for (int input : f.inputs) {
      ddx::graph g = f.g;
      g.outputs.push_back(building::derivative(g, f.output, input));
      CHECK(ddx::is<ddx::constant_>(g.nodes[g.outputs[0]]));
      CHECK(g.nodes[g.outputs[0]].constant.is(0));
    }
    for (int trial = 0; trial < 10; ++trial) {
      double const value = oracle::value(f.g, f.output, {std::uniform_real_distribution(-1.0, 1.0)(random), 0.1});
      CHECK((value == 0 || value == outer));
    }
  }
}

TEST_CASE("the derivative of a reduction by each element is the slope of the value") {
  std::mt19937 random(11);
  std::vector<int> const extents{3, 4};
  for (ddx::primitive const& op : reductions) {
    ddx::graph g;
    auto const X = building::array(g, "X", {"n", "d"}), w = building::array(g, "w", {"d"});
    // 2 * sum over n of (op over d of w*sin(3X))^2
    ddx::traced const row(g, ddx::algebra<ddx::traced>::reduce_node(g, op, (w * sin(inner * X)).node_in(g), 1));
    ddx::traced const total(g, ddx::algebra<ddx::traced>::reduce_node(g, op, (row * row).node_in(g), 0));
    int const output = building::id(g, outer * total);
    auto const inputs = building::ids(g, {X, w});
    auto const gradient = ddx::differentiator(g).gradient(output, inputs, ddx::detail::constant_node(g, {seed, 1}));

    // The index space has n fastest: element (i, j) is at i + 3 j.
    std::vector<double> x(12), weights(4);
    for (double& element : x) element = std::uniform_real_distribution(-1.0, 1.0)(random);
    for (double& element : weights) element = std::uniform_real_distribution(0.5, 2.0)(random);
    auto const all = [&](std::vector<double> const& x_now, std::vector<double> const& w_now, ddx::graph_view view) {
      oracle::values wide(12);
      for (std::size_t p = 0; p < 12; ++p) wide[p] = w_now[p / 3];
      return oracle::all_values(view, {x_now, wide}, extents);
    };
    auto const loss = [&](std::vector<double> const& x_now, std::vector<double> const& w_now) {
      return all(x_now, w_now, g.view())[static_cast<std::size_t>(output)][0];
    };
    auto const exact = all(x, weights, g.view());
    INFO(op.name);
    CHECK(g.nodes[gradient[0]].axes == 0b11);
    CHECK(g.nodes[gradient[1]].axes == 0b10);
    ddx::graph simple = g;
    simple.outputs.push_back(gradient[0]);
    simple.outputs.push_back(gradient[1]);
    simple = ddx::simplify(simple.view(), ddx::sharing::keep);
    auto const simplified = all(x, weights, simple.view());
    for (std::size_t p = 0; p < 12; ++p) {
      auto const along = [&](double t) {
        auto moved = x;
        moved[p] = t;
        return loss(moved, weights);
      };
      double const expected = seed * central(along, x[p], 1e-4);
      CHECK(exact[static_cast<std::size_t>(gradient[0])][p] == Approx(expected).epsilon(1e-6).margin(1e-9));
      CHECK(simplified[static_cast<std::size_t>(simple.outputs[0])][p] == Approx(expected).epsilon(1e-6).margin(1e-9));
    }
    for (std::size_t j = 0; j < 4; ++j) {
      auto const along = [&](double t) {
        auto moved = weights;
        moved[j] = t;
        return loss(x, moved);
      };
      double const expected = seed * central(along, weights[j], 1e-4);
      CHECK(exact[static_cast<std::size_t>(gradient[1])][3 * j] == Approx(expected).epsilon(1e-6).margin(1e-9));
      CHECK(simplified[static_cast<std::size_t>(simple.outputs[1])][3 * j] ==
            Approx(expected).epsilon(1e-6).margin(1e-9));
    }
  }
}

/// Whether brackets close in the order in which they were opened.
bool balanced(std::string const& text) {
  std::string open;
  for (char c : text) {
    if (c == '(' || c == '[' || c == '{') open += c;
    if (c == ')' || c == ']' || c == '}') {
      char const expected = c == ')' ? '(' : c == ']' ? '[' : '{';
      if (open.empty() || open.back() != expected) return false;
      open.pop_back();
    }
  }
  return open.empty();
}

TEST_CASE("every record prints in all four styles, with its brackets closed and no placeholder left") {
  std::mt19937 random(12);
  for (ddx::primitive const& op : all_records) {
    if (op.kind != ddx::role::elementwise && op.kind != ddx::role::reduction) continue;
    for (bool derivative : {false, true}) {
      ddx::graph g;
      if (op.kind == ddx::role::elementwise) {
        composed f(op);
        g = f.g;
        if (derivative && f.inputs.empty()) continue;
        g.outputs.push_back(derivative ? building::derivative(g, f.output, f.inputs.back()) : f.output);
      } else {
        auto const x = building::array(g, "x", {"n"});
        int const operands[ddx::max_arity]{(x * x + 1).node_in(g), ddx::traced(2).node_in(g), -1};
        int const output = ddx::algebra<ddx::traced>::reduce_node(g, op, operands, 0);
        g.outputs.push_back(derivative ? building::derivative(g, output, building::id(g, x)) : output);
      }
      for (auto style : {ddx::format::text, ddx::format::unicode, ddx::format::latex, ddx::format::cpp}) {
        std::string const text = ddx::print(g.view(), 0, style);
        INFO(op.name << ": " << text);
        CHECK_FALSE(text.empty());
        CHECK(balanced(text));
        CHECK(text.find('#') == std::string::npos);
        for (char const* placeholder : {"{0}", "{1}", "{2}", "{a}"})
          if (style != ddx::format::latex) CHECK(text.find(placeholder) == std::string::npos);
      }
    }
  }
}

}  // namespace
