// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The loops of the library and those of a variant for CPUs without AVX enter; they must compute the same, to a few units in the last
// place, at ordinary numbers and at the edges.
#include <ddx/primitive/table.hpp>
#include <tape/tensor_variants.hpp>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace ddx::detail::sse2 {
variant const& this_variant();
}

namespace {

using ddx::detail::elements;
using ddx::detail::record_loops;
constexpr std::ptrdiff_t count = 203;  // whole vectors and a rest

template <class Number>
struct inputs {
  std::vector<Number> numbers[ddx::max_arity];
  std::vector<char> truths[ddx::max_arity];
  elements operands[ddx::max_arity];

  explicit inputs(ddx::primitive const& op) {
    std::mt19937 random(5);
    using limits = std::numeric_limits<Number>;
    Number const special[]{0,
                           Number(-0.0),
                           limits::infinity(),
                           -limits::infinity(),
                           limits::quiet_NaN(),
                           limits::max(),
                           limits::lowest(),
                           limits::denorm_min(),
                           1,
                           -1};
    for (int k = 0; k < op.arity; ++k) {
      double const low = std::max(op.domain[k].low, -3.0), high = std::min(op.domain[k].high, 3.0);
      for (std::ptrdiff_t i = 0; i < count; ++i) {
        double const x = std::uniform_real_distribution<double>(low, high)(random);
        numbers[k].push_back(static_cast<Number>((op.takes_whole >> k) & 1u ? std::round(x) : x));
        if (i % 10 == 3) numbers[k].back() = special[random() % std::size(special)];
        truths[k].push_back(static_cast<char>(random() % 2));
      }
      operands[k] = (op.takes_conditions >> k) & 1u ? elements{truths[k].data(), 1} : elements{numbers[k].data(), 1};
    }
  }
};

template <class Number>
bool same(Number a, Number b) {
  if (std::isnan(a) || std::isnan(b) || std::isinf(a) || std::isinf(b))
    return (std::isnan(a) && std::isnan(b)) || a == b;
  // Parts of a result may cancel, of which the difference of the parts is left.
  double const unit = static_cast<double>(std::numeric_limits<Number>::epsilon());
  double const size = std::max({1.0, std::abs(static_cast<double>(a)), std::abs(static_cast<double>(b))});
  return std::abs(static_cast<double>(a) / size - static_cast<double>(b) / size) <= 16 * unit;
}

template <class Result, class Number>
void agree(ddx::detail::element_loop first, ddx::detail::element_loop second, elements const* operands) {
  std::vector<Result> a(static_cast<std::size_t>(count)), b = a;
  first(a.data(), operands, count);
  second(b.data(), operands, count);
  for (std::size_t i = 0; i < a.size(); ++i) {
    INFO("element " << i << ": " << +a[i] << " and " << +b[i]);
    if constexpr (std::is_same_v<Result, char>) CHECK(a[i] == b[i]);
    else CHECK(same(a[i], b[i]));
  }
}

template <class Number>
void loops_agree(record_loops const& loops, int kind) {
  ddx::primitive const& op = *ddx::find_primitive(loops.id);
  INFO(op.name);
  ddx::detail::tensor_operation const& own = ddx::detail::library_operation(loops.id);
  auto const number = static_cast<std::size_t>(ddx::detail::element_kind_of<Number>);
  inputs<Number> const in(op);
  if (op.condition) {
    agree<char, Number>(own.value[number], loops.value[kind], in.operands);
    return;
  }
  agree<Number, Number>(own.value[number], loops.value[kind], in.operands);
  std::vector<Number> result(static_cast<std::size_t>(count)), adjoints(result.size(), Number(0.75));
  loops.value[kind](result.data(), in.operands, count);
  elements of_rule[ddx::max_arity + 2]{{adjoints.data(), 1}};
  std::copy_n(in.operands, op.arity, of_rule + 1);
  of_rule[op.arity + 1] = {result.data(), 1};
  for (int k = 0; k < op.arity; ++k) {
    INFO("contribution " << k);
    agree<Number, Number>(own.contribution[k][number], loops.contribution[k][kind], of_rule);
  }
}

TEST_CASE("loops compiled for CPUs without AVX compute what the library's own compute") {
  int compared = 0;
  for (record_loops const& loops : ddx::detail::sse2::this_variant().records) {
    if (loops.value[0] == nullptr) continue;
    loops_agree<float>(loops, 0);
    loops_agree<double>(loops, 1);
    ++compared;
  }
  CHECK(compared > 80);
}

template <class Number>
void products_agree(void (*first)(std::ptrdiff_t, std::ptrdiff_t, std::ptrdiff_t, ddx::detail::matrix<Number const>,
                                  ddx::detail::matrix<Number const>, Number*)) {
  std::ptrdiff_t const m = 33, n = 29, k = 301;
  std::mt19937 random(3);
  std::vector<Number> a(static_cast<std::size_t>(m * k)), b(static_cast<std::size_t>(k * n)),
      one(static_cast<std::size_t>(m * n)), two = one;
  for (auto* matrix : {&a, &b})
    for (Number& x : *matrix) x = static_cast<Number>(std::uniform_real_distribution<double>(-1, 1)(random));
  first(m, n, k, {a.data(), k, 1}, {b.data(), n, 1}, one.data());
  ddx::detail::multiply(m, n, k, {a.data(), k, 1}, {b.data(), n, 1}, two.data());
  for (std::size_t i = 0; i < one.size(); ++i)
    CHECK(std::abs(static_cast<double>(one[i] - two[i])) <=
          k * static_cast<double>(std::numeric_limits<Number>::epsilon()));
}

TEST_CASE("products compiled for CPUs without AVX are what the library's own are") {
  ddx::detail::products const& product = *ddx::detail::sse2::this_variant().product;
  products_agree<float>(product.float_matrices);
  products_agree<double>(product.double_matrices);
}

}  // namespace
