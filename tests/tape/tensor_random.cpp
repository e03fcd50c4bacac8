// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Random programs of operations, views, copies and changes in place enter, on short tensors and on long ones that wait; that each
// computes what plain arrays compute, and derivatives that dual numbers have, is checked.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <ddx/tape/tensor_math.hpp>
#include <ddx/tape/tensor_no_grad.hpp>
#include <memory>
#include <random>

namespace {

/// A number and its derivative along one direction.
struct dual {
  double value = 0, slope = 0;
};
dual operator+(dual a, dual b) { return {a.value + b.value, a.slope + b.slope}; }
dual operator*(dual a, dual b) { return {a.value * b.value, a.value * b.slope + a.slope * b.value}; }

using duals = std::vector<dual>;

/// A tensor, and what its elements should be: handles that share a tensor share those too.
struct pair {
  ddx::tensor<double> tensor;
  std::shared_ptr<duals> expected;
};

template <class Function>
std::shared_ptr<duals> mapped(pair const& a, pair const& b, Function const& f) {
  auto result = std::make_shared<duals>(*a.expected);
  for (std::size_t i = 0; i < result->size(); ++i) (*result)[i] = f((*a.expected)[i], (*b.expected)[i]);
  return result;
}

class program {
 public:
  program(std::ptrdiff_t length, unsigned seed) : length_(length), random_(seed) {
    auto const values = ddx::randn({length}, seed), direction = ddx::randn({length}, seed + 1);
    leaf_ = values.clone().requires_grad_();
    direction_ = direction.to_vector();
    auto expected = std::make_shared<duals>();
    auto const at = values.to_vector();
    for (std::size_t i = 0; i < at.size(); ++i) expected->push_back({at[i], direction_[i]});
    pool_.push_back({leaf_ * 1, expected});
  }

  void step() {
    pair const a = any(), b = any();
    switch (random_() % 12) {
      case 0: return add({a.tensor + b.tensor * 0.5, mapped(a, b, [](dual x, dual y) { return x + y * dual{0.5}; })});
      case 1: return add({sin(a.tensor) * b.tensor, mapped(a, b, [](dual x, dual y) { return sine(x) * y; })});
      case 2: return add({sin(a.tensor), mapped(a, b, [](dual x, dual) { return sine(x); })});
      case 3:
        return add({where(a.tensor > b.tensor, a.tensor * 2, b.tensor),
                    mapped(a, b, [](dual x, dual y) { return x.value > y.value ? x * dual{2} : y; })});
      case 4:
        return add({exp(-square(a.tensor)), mapped(a, b, [](dual x, dual) {
                      double const e = std::exp(-x.value * x.value);
                      return dual{e, -2 * x.value * e * x.slope};
                    })});
      case 5: return add(a);  // another handle on the same tensor
      case 6: return add({a.tensor.clone(), std::make_shared<duals>(*a.expected)});
      case 7: {
        if (random_() % 2 != 0) return;
        pair& to = pool_[random_() % pool_.size()];
        auto const value = mapped(to, b, [](dual x, dual y) { return x + y * dual{0.25}; });
        to.tensor += b.tensor * 0.25;
        *to.expected = *value;
        return;
      }
      case 8: {
        if (random_() % 2 != 0) return;
        pair& to = pool_[random_() % pool_.size()];
        auto const value = mapped(to, b, [](dual x, dual y) { return x * sine(y); });
        to.tensor *= sin(b.tensor);
        *to.expected = *value;
        return;
      }
      case 9: {  // halves change places
        std::ptrdiff_t const half = length_ / 2;
        auto const swapped = ddx::concatenate({a.tensor.narrow(0, half, length_ - half), a.tensor.narrow(0, 0, half)});
        auto expected = std::make_shared<duals>(*a.expected);
        std::rotate(expected->begin(), expected->begin() + half, expected->end());
        return add({swapped, expected});
      }
      case 10: {
        double total = 0, slope = 0;
        for (dual x : *a.expected) total += x.value, slope += x.slope;
        auto const n = static_cast<double>(length_);
        return add(
            {b.tensor + a.tensor.mean(), mapped(b, b, [&](dual x, dual) { return x + dual{total / n, slope / n}; })});
      }
      default:
        if (pool_.size() > 3) pool_.erase(pool_.begin() + static_cast<std::ptrdiff_t>(random_() % pool_.size()));
    }
  }

  void check_values() {
    for (auto const& [tensor, expected] : pool_) {
      auto const found = tensor.to_vector();
      for (std::size_t i = 0; i < found.size(); i += found.size() > 100 ? 97 : 1)
        REQUIRE(found[i] == Approx((*expected)[i].value).epsilon(1e-10).margin(1e-10));
    }
  }

  /// Whether the derivative could be checked: a change of what a rule needs makes it an error.
  bool check_gradient(bool record) {
    pair const a = any();
    double slope = 0, size = 0;
    for (dual x : *a.expected) slope += x.slope, size += std::abs(x.slope);
    try {
      a.tensor.sum().backward({.create_graph = record});
    } catch (ddx::error const& e) {
      CHECK_THAT(e.what(), Catch::Contains("was changed in place"));
      return false;
    }
    auto const gradient = leaf_.grad().detach().to_vector();
    double found = 0;
    for (std::size_t i = 0; i < gradient.size(); ++i) found += gradient[i] * direction_[i];
    CHECK(found == Approx(slope).epsilon(1e-9).margin(1e-9 * (1 + size)));
    leaf_.zero_grad();
    return true;
  }

 private:
  static dual sine(dual x) { return {std::sin(x.value), std::cos(x.value) * x.slope}; }
  pair const& any() { return pool_[random_() % pool_.size()]; }
  void add(pair const& one) {
    if (pool_.size() < 12) pool_.push_back(one);
    else pool_[random_() % pool_.size()] = one;
  }

  std::ptrdiff_t length_;
  std::mt19937 random_;
  ddx::tensor<double> leaf_{0.};
  std::vector<double> direction_;
  std::vector<pair> pool_;
};

TEST_CASE("random programs compute values and derivatives as plain numbers do") {
  int checked = 0;
  for (unsigned seed = 0; seed < 200; ++seed) {
    INFO(seed);
    bool const is_long = seed % 4 == 3;
    program one(is_long ? 9000 : 7, seed);
    for (int i = 0; i < 25; ++i) one.step();
    if (seed % 2 != 0) one.check_values();
    checked += one.check_gradient(seed % 3 == 0);
    one.check_values();
  }
  CHECK(checked > 100);
}

TEST_CASE("random programs that are not recorded compute values as plain numbers do") {
  ddx::no_grad off;
  for (unsigned seed = 0; seed < 200; ++seed) {
    INFO(seed);
    program one(seed % 2 != 0 ? 9000 : 7, 1000 + seed);
    for (int i = 0; i < 40; ++i) {
      one.step();
      if (i % 13 == 12) one.check_values();
    }
    one.check_values();
  }
}

}  // namespace
