// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The table of elementwise records enters; that each computes on tensors what it computes on numbers, and that its gradients, recorded
// or not, agree with differences, is checked. No primitive is listed.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <ddx/primitive/custom.hpp>
#include <ddx/primitive/table.hpp>
#include <ddx/tape/tensor_check.hpp>
#include <ddx/tape/tensor_math.hpp>
#include <limits>
#include <random>
#include <vector>

namespace {

using ddx::tensor;

template <class Records, class Test>
void each(Test test) {
  std::apply([&](auto... records) { (test(records), ...); }, Records{});
}

/// `count` points of an operand's domain, apart from those of the operand before it, whole where the record takes whole numbers.
std::vector<double> points(ddx::primitive const& op, int operand, std::size_t count, std::mt19937& random) {
  double const low = std::max(op.domain[operand].low, -3.0), high = std::min(op.domain[operand].high, 3.0);
  std::uniform_real_distribution<double> draw(low, high);
  std::vector<double> result;
  for (std::size_t i = 0; i < count; ++i) {
    double const x = draw(random);
    result.push_back((op.takes_whole >> operand) & 1u ? std::round(x) : x);
  }
  return result;
}

template <class Record, class Element>
auto apply(std::vector<tensor<Element>> const& x) {
  return [&]<std::size_t... Is>(std::index_sequence<Is...>) {
    auto const operand = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
      if constexpr (ddx::detail::takes_condition<Record, static_cast<int>(I)>) return x[I] > 0;
      else return x[I];
    };
    return ddx::apply<Record>(operand(std::integral_constant<std::size_t, Is>{})...);
  }(std::make_index_sequence<static_cast<std::size_t>(ddx::record_arity<Record>)>{});
}

/// Operands of `count` elements each that require gradients where there are any.
template <class Record>
std::vector<tensor<double>> operands(std::size_t count, std::mt19937& random) {
  auto const& op = ddx::info<Record>;
  std::vector<tensor<double>> result;
  for (int k = 0; k < op.arity; ++k) {
    auto values = points(op, k, count, random);
    for (auto const& other : result)  // functions of two operands have their kinks where both are equal
      for (std::size_t i = 0; i < count; ++i)
        while (std::abs(values[i] - other.to_vector()[i]) < 0.1) values[i] = points(op, k, 1, random)[0];
    result.emplace_back(values);
    if (((op.takes_whole | op.takes_conditions) >> k & 1u) == 0) result.back().requires_grad_();
  }
  return result;
}

double number(bool value) { return value ? 1 : 0; }
double number(double value) { return value; }

TEST_CASE("records compute on tensors what they compute on numbers") {
  std::mt19937 random(1);
  auto const same = [&](auto record) {
    using type = decltype(record);
    auto const& op = ddx::info<type>;
    INFO(op.name);
    for (std::size_t const count : {std::size_t{1}, std::size_t{3}, std::size_t{19}}) {
      auto const x = operands<type>(count, random);
      auto const y = apply<type>(x).to_vector();
      for (std::size_t i = 0; i < count; ++i) {
        double at[ddx::max_arity]{};
        for (int k = 0; k < op.arity; ++k) {
          at[k] = x[static_cast<unsigned>(k)].to_vector()[i];
          if (op.takes_conditions >> k & 1u) at[k] = at[k] > 0;
        }
        CHECK(number(y[i]) == Approx(op.value(at)).epsilon(1e-13).margin(1e-13));
      }
    }
  };
  each<ddx::elementwise_records>(same);
  each<ddx::condition_records>(same);
}

TEST_CASE("records compute on tensors of floats what they compute on doubles") {
  std::mt19937 random(2);
  each<ddx::elementwise_records>([&](auto record) {
    using type = decltype(record);
    INFO(ddx::info<type>.name);
    auto const wide = operands<type>(19, random);
    std::vector<tensor<float>> narrow;
    std::vector<tensor<double>> rounded;
    for (auto const& x : wide) {
      narrow.push_back(x.detach().template to<float>());
      rounded.push_back(narrow.back().template to<double>());
    }
    auto const result = apply<type>(narrow);
    static_assert(std::is_same_v<decltype(result), tensor<float> const>);
    auto const y = result.to_vector();
    auto const expected = apply<type>(rounded).to_vector();
    for (std::size_t i = 0; i < y.size(); ++i)
      CHECK(static_cast<double>(y[i]) == Approx(expected[i]).epsilon(1e-4).margin(1e-4));
  });
}

TEST_CASE("gradients of records agree with differences, of first and second order, behind an inner factor") {
  std::mt19937 random(3);
  each<ddx::elementwise_records>([&](auto record) {
    using type = decltype(record);
    auto const& op = ddx::info<type>;
    INFO(op.name);
    auto inner = operands<type>(5, random);
    auto const f = [&](auto const&... x) {
      int k = 0;
      auto const scaled = [&](tensor<double> const& operand) {
        bool const fixed = ((op.takes_whole | op.takes_conditions) >> k++ & 1u) != 0;
        return fixed ? operand : operand * 3;
      };
      std::vector<tensor<double>> const all{scaled(x)...};
      return apply<type>(all) * 2;
    };
    for (int k = 0; k < op.arity; ++k) {
      if ((op.takes_whole | op.takes_conditions) >> k & 1u) continue;
      auto& x = inner[static_cast<unsigned>(k)];
      x = (x.detach() / 3).requires_grad_();
    }
    auto const check = [&]<std::size_t... Is>(std::index_sequence<Is...>) {
      auto const first = ddx::gradcheck(f, {.absolute = 1e-5, .relative = 1e-5}, inner[Is]...);
      INFO(first.text);
      CHECK(first);
      auto const second = ddx::gradgradcheck(f, {.absolute = 1e-4, .relative = 1e-4}, inner[Is]...);
      INFO(second.text);
      CHECK(second);
    };
    check(std::make_index_sequence<static_cast<std::size_t>(ddx::record_arity<type>)>{});
  });
}

TEST_CASE("a recorded backward pass computes the gradients of one that is not") {
  std::mt19937 random(4);
  each<ddx::elementwise_records>([&](auto record) {
    using type = decltype(record);
    INFO(ddx::info<type>.name);
    auto const x = operands<type>(7, random);
    auto const y = apply<type>(x);
    auto const seed = ddx::linspace(0.3, 1.7, 7);
    y.backward(seed, {.retain_graph = true});
    std::vector<std::vector<double>> plain;
    for (auto const& one : x)
      if (one.requires_grad()) {
        plain.push_back(one.grad().to_vector());
        one.zero_grad();
      }
    y.backward(seed, {.create_graph = true});
    std::size_t k = 0;
    for (auto const& one : x)
      if (one.requires_grad()) {
        auto const recorded = one.grad().to_vector();
        for (std::size_t i = 0; i < recorded.size(); ++i)
          CHECK(recorded[i] == Approx(plain[k][i]).epsilon(1e-12).margin(1e-14));
        one.zero_grad();
        ++k;
      }
  });
}

TEST_CASE("a branch not taken neither receives nor passes infinities and NaN") {
  auto x = tensor({0., 4., -1.}).requires_grad_();
  auto const check = [&](tensor<double> const& y, std::vector<double> const& expected) {
    x.zero_grad();
    y.sum().backward({.retain_graph = true});
    CHECK(x.grad().to_vector() == expected);
    x.zero_grad();
    y.sum().backward({.create_graph = true});
    CHECK(x.grad().to_vector() == expected);
    x.zero_grad();
  };
  check(where(x > 0, sqrt(x), 0), {0, 0.25, 0});
  check(where(x > 0, log(x), x), {1, 0.25, 1});
  check(relu(x) * 2, {0, 2, 0});
  // An infinite adjoint meets the zero of a branch not taken.
  double const inf = std::numeric_limits<double>::infinity();
  auto const infinite = tensor({inf, 1., inf});
  x.zero_grad();
  relu(x).backward(infinite);
  CHECK(x.grad().to_vector() == std::vector<double>{0, 1, 0});
  x.zero_grad();
  max(x, 1).backward(infinite, {.create_graph = true});
  CHECK(x.grad().to_vector() == std::vector<double>{0, 1, 0});
  x.zero_grad();
}

// A record of a user: a cube with a kink.
struct cube_above_ {
  static constexpr std::string_view name = "cube_above";
  static constexpr auto value = [](double x) { return x > 0 ? x * x * x : 0; };
  static constexpr ddx::rules partials{[](auto x, auto) { return where(x > 0, 3 * pow(x, 2), 0); }};
};
DDX_FUNCTION(cube_above, cube_above_);

TEST_CASE("records of users apply to tensors and have gradients of all orders") {
  auto x = tensor({1.5, -2., 0.5}).requires_grad_();
  CHECK(cube_above(x).to_vector() == std::vector<double>{3.375, 0, 0.125});
  CHECK(cube_above(x).grad_fn() == "CubeAboveBackward0");
  CHECK(ddx::gradcheck([](auto const& a) { return cube_above(2 * a); }, x));
  CHECK(ddx::gradgradcheck([](auto const& a) { return cube_above(2 * a); }, x));
  auto narrow = tensor({1.5f, -2.f}).requires_grad_();
  cube_above(narrow).sum().backward();
  CHECK(narrow.grad().to_vector() == std::vector<float>{6.75f, 0});
}

}  // namespace
