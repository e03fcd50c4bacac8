// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Operations on whole tensors enter; that their gradients of first and second order agree with central differences is checked.
#include <catch2/catch.hpp>
#include <ddx/tape/tensor_check.hpp>
#include <ddx/tape/tensor_math.hpp>

namespace {

using real_tensor = ddx::tensor<double>;

real_tensor leaf(ddx::shape const& sizes, std::uint64_t seed) { return ddx::randn(sizes, seed).requires_grad_(); }

template <class Function, class... Inputs>
void check(Function const& f, Inputs const&... inputs) {
  auto const first = ddx::gradcheck(f, inputs...);
  INFO(first.text);
  CHECK(first);
  CHECK(first.checked > 0);
  auto const second = ddx::gradgradcheck(f, inputs...);
  INFO(second.text);
  CHECK(second);
}

auto const a = leaf({2, 3}, 1), b = leaf({3}, 2), c = leaf({3, 4}, 3), p = leaf({2, 3, 2}, 4), q = leaf({2, 2, 3}, 5),
           d = leaf({2, 3}, 9);

TEST_CASE("gradients of arithmetic that broadcasts are sums over what was broadcast") {
  check([](auto x, auto y) { return x + y; }, a, b);
  check([](auto x, auto y) { return x * y - y; }, a, b);
  check([](auto x, auto y) { return x / (y * y + 1); }, a, b);
  check([](auto x, auto y) { return x.unsqueeze(2) * y; }, a, leaf({3, 1}, 6));
  check([](auto x, auto y) { return where(x > 0, x * y, sin(x)); }, a, b);
  check([](auto x) { return pow(x, 2).sum(); }, a);
  check([](auto x) { return pow(x, 3) + pow(2., x); }, a);
  check([](auto x, auto y) { return pow(x * x + 1, y); }, a, b);
}

TEST_CASE("gradients of products of vectors, matrices and batches") {
  check([](auto x, auto y) { return x.mm(y); }, a, c);
  check([](auto x, auto y) { return mm(x.t(), y.t()); }, leaf({3, 2}, 7), leaf({4, 3}, 8));
  check([](auto x, auto y) { return x.mv(y); }, a, b);
  check([](auto x, auto y) { return x.t().mv(y); }, leaf({3, 2}, 7), b);
  check([](auto x, auto y) { return dot(x, y); }, b, leaf({3}, 6));
  check([](auto x) { return dot(x, x); }, b);
  check([](auto x, auto y) { return matmul(x, y); }, p, q);
  check([](auto x, auto y) { return matmul(x, y); }, a, leaf({2, 3, 2}, 7));
  check([](auto x, auto y) { return matmul(x, y); }, b, c);
  check([](auto x, auto y) { return matmul(x, y); }, p, leaf({2}, 3));
  check([](auto x, auto y) { return matmul(x, y); }, leaf({3}, 3), p);
}

TEST_CASE("gradients of reductions") {
  check([](auto x) { return x.sum(0) * x.sum({0, 1}).sum(); }, p);
  check([](auto x) { return x.sum({0, 2}) * x.sum({0, 2}); }, p);
  check([](auto x) { return x.mean(1, true) * x; }, p);
  check([](auto x) { return x.mean() * x; }, p);
  check([](auto x) { return x.max() * x; }, p);
  check([](auto x) { return x.max(1) * 2; }, p);
  check([](auto x) { return x.min({0, 2}, true) * x; }, p);
  check([](auto x) { return x.prod(); }, p);
  check([](auto x) { return x.prod(1); }, p);
  check([](auto x) { return x.prod({0, 2}); }, p);
  check([](auto x) { return (x * real_tensor({0., 1., 1.})).prod(1); }, a);
  check([](auto x) { return (x * real_tensor({0., 0., 1.})).prod(1); }, a);
  check([](auto x) { return x.logsumexp(1) * 2; }, p);
  check([](auto x) { return x.logsumexp(); }, p);
  check([](auto x) { return x.norm(1) + x.norm(); }, p);
  check([](auto x) { return x.softmax(1) * x; }, p);
  check([](auto x) { return x.log_softmax(-1) * x; }, p);
}

TEST_CASE("gradients of views and joins") {
  check([](auto x) { return x[1] * x[0]; }, p);
  check([](auto x) { return x.select(-1, 1) * 2; }, p);
  check([](auto x) { return x.narrow(1, 1, 2) * x.slice(1, 0, 2); }, p);
  check([](auto x) { return x.slice(1, 0, 3, 2) * 2; }, p);
  check([](auto x) { return x.permute({2, 0, 1}).reshape({-1}) * 3 * x.flatten(); }, p);
  check([](auto x) { return x.transpose(0, 2) * x.transpose(2, 0); }, p);
  check([](auto x) { return x.unsqueeze(1) * x.unsqueeze(0); }, b);
  check([](auto x) { return x.unsqueeze(1).squeeze() * x.unsqueeze(-1).squeeze(1); }, b);
  check([](auto x, auto y) { return x.expand({2, 3}) * y; }, b, a);
  check([](auto x, auto y) { return ddx::concatenate({x, y, x * y, x, y}, 1) * 2; }, a, d);
  check([](auto x, auto y) { return ddx::stack({x, y, sin(x), x + y}, 1) * 2; }, a, d);
  check([](auto x) { return x.gather(1, ddx::tensor({{0, 0}, {2, 1}})) * 2; }, a);
  check([](auto x) { return pow(x.index_select(1, ddx::tensor({0, 2, 2})), 2); }, a);
  check([](auto x) { return x.clone() * x; }, a);
  auto const through_float = [](auto x) { return x.template to<float>().template to<double>() * x; };
  CHECK(ddx::gradcheck(through_float, {.step = 0.1, .absolute = 1e-5}, b));
  CHECK(ddx::gradgradcheck(through_float, {.step = 0.1, .absolute = 1e-5}, b));
}

TEST_CASE("gradients of changes in place") {
  check(
      [](auto x) {
        auto y = x * 2;
        y *= x;
        y += 1.;
        y -= sin(x);
        y /= x * x + 1;
        return y;
      },
      a);
  check(
      [](auto x) {
        auto y = ddx::zeros({2, 3});
        y.copy_(x);
        return y * x;
      },
      a);
  check(
      [](auto x) {
        auto y = x * 3;
        y.zero_();
        return y + x;
      },
      a);
}

TEST_CASE("gradients of a network with one hidden layer") {
  check([](auto x, auto w, auto v) { return softplus(tanh(x.mm(w)).mm(v)).mean(); }, a, c, leaf({4, 1}, 6));
  check([](auto x, auto w) { return -x.mm(w).log_softmax(1).gather(1, ddx::tensor({{0}, {3}})).mean(); }, a, c);
}

TEST_CASE("a wrong gradient is reported with its element and both numbers") {
  auto x = ddx::tensor({1., 2.}).requires_grad_();
  auto const wrong = ddx::gradcheck([](auto const& at) { return at * at.detach(); }, x);
  CHECK(!wrong);
  CHECK(wrong.wrong == 2);
  CHECK(wrong.checked == 4);
  CHECK(wrong.text ==
        "d output[0] / d input 0 [0] = 1, by differences 2\nd output[1] / d input 0 [1] = 2, by differences 4\n");
}

}  // namespace
