// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Programs on tensors enter; what backward passes leave, keep, free and refuse is checked.
#include <catch2/catch.hpp>
#include <cmath>
#include <ddx/tape/detect_anomaly.hpp>
#include <ddx/tape/tensor_math.hpp>
#include <ddx/tape/tensor_no_grad.hpp>
#include <ddx/tape/tensor_print.hpp>
#include <thread>

namespace {

using Catch::Contains;
using ddx::tensor;
using numbers = std::vector<double>;

TEST_CASE("gradients add up until they are forgotten") {
  auto x = tensor(3.).requires_grad_();
  CHECK(!x.has_grad());
  pow(x, 2).backward();
  pow(x, 2).backward();
  CHECK(x.grad().item() == 12);
  auto const held = x.grad();
  pow(x, 2).backward();
  CHECK(held.item() == 18);
  x.zero_grad();
  CHECK(!x.has_grad());
  CHECK_THROWS_WITH(x.grad(), "grad: this tensor has no gradient yet; call backward() of what depends on it first");
  CHECK_THROWS_WITH(tensor(1.).grad(),
                    "grad: this tensor does not require gradients; call requires_grad_() before it is used");
  CHECK_THROWS_WITH((x * 2).grad(),
                    "grad: this tensor is the result of MulBackward0, and backward passes keep the gradients of "
                    "leaves; call retain_grad() before backward()");
  x.set_grad(tensor(7.));
  CHECK(x.grad().item() == 7);
  CHECK_THROWS_AS(x.set_grad(tensor({7.})), ddx::error);
}

TEST_CASE("two leaves do not share the elements of one gradient") {
  auto a = tensor({1., 2.}).requires_grad_(), b = tensor({3., 4.}).requires_grad_();
  (a + b).sum().backward();
  ddx::no_grad off;
  a.grad() *= 5.;
  CHECK(b.grad().to_vector() == numbers{1, 1});
  CHECK(a.grad().to_vector() == numbers{5, 5});
}

TEST_CASE("a backward pass that is not from a scalar takes a seed of the tensor's shape") {
  auto v = tensor({3., 5.}).requires_grad_();
  CHECK_THROWS_WITH((v * 2).backward(),
                    "backward: the gradient can be created only for a scalar, this tensor has shape [2]");
  (v * v).backward(tensor({1., 10.}));
  CHECK(v.grad().to_vector() == numbers{6, 100});
  CHECK_THROWS_WITH((v * 2).backward(tensor({1.})),
                    "backward: the gradient to start with has shape [1], this tensor has shape [2]");
  CHECK_THROWS_WITH(tensor(1.).backward(), Contains("does not require gradients"));
}

TEST_CASE("gradients by several tensors, of results that are not scalars too") {
  auto const x = tensor({1., 2.}).requires_grad_(), y = tensor({3., 4.}).requires_grad_();
  auto const make = [&] { return x * x * y; };
  auto const both = ddx::grad(make().sum(), {x, y});
  CHECK(both[0].to_vector() == numbers{6, 16});
  CHECK(both[1].to_vector() == numbers{1, 4});
  CHECK(ddx::grad(make().sum(), std::vector{y}, {.create_graph = true})[0].requires_grad());
  CHECK(ddx::grad(make(), x, tensor({1., 10.})).to_vector() == numbers{6, 160});
  CHECK(ddx::grad(make(), {y, x}, tensor({1., 10.}))[0].to_vector() == numbers{1, 40});
  CHECK(ddx::grad(make(), std::vector{y}, tensor({0., 1.}), {.retain_graph = true})[0].to_vector() == numbers{0, 4});
  CHECK_FALSE(x.has_grad());
}

TEST_CASE("a graph is freed by the first pass unless it is retained") {
  auto x = tensor(3.).requires_grad_();
  auto const y = sin(x) * x;
  y.backward({.retain_graph = true});
  y.backward();
  CHECK_THROWS_WITH(y.backward(),
                    "backward: a second pass through MulBackward0, whose saved tensors the first one freed; write "
                    "backward({.retain_graph = true}) the first time");
  CHECK(x.grad().item() == Approx(2 * (std::cos(3.) * 3 + std::sin(3.))));
}

TEST_CASE("gradients of gradients") {
  auto x = tensor(2.).requires_grad_();
  auto const third = [&] {
    auto const y = pow(x, 4);
    auto const first = ddx::grad(y, x, {.create_graph = true});
    auto const second = ddx::grad(first, x, {.create_graph = true});
    CHECK(first.item() == 32);
    CHECK(second.item() == 48);
    return ddx::grad(second, x);
  }();
  CHECK(third.item() == 48);
  CHECK(!x.has_grad());
  auto const y = exp(x) * x;
  y.backward({.create_graph = true});
  auto const g = x.grad();
  CHECK(g.requires_grad());
  x.zero_grad();
  g.backward();
  CHECK(x.grad().item() == Approx(4 * std::exp(2.)));
}

TEST_CASE("operations are recorded where they should be and nowhere else") {
  auto x = tensor(3.).requires_grad_();
  CHECK(ddx::is_grad_enabled());
  {
    ddx::no_grad off;
    CHECK(!ddx::is_grad_enabled());
    CHECK(!(x * 2).requires_grad());
    ddx::enable_grad on;
    CHECK((x * 2).requires_grad());
  }
  CHECK((x * 2).requires_grad());
  CHECK((x * 2).grad_fn() == "MulBackward0");
  CHECK(x.is_leaf());
  CHECK(!(x * 2).is_leaf());
  CHECK(!x.detach().requires_grad());
  CHECK(!(x > 2).requires_grad());
  auto y = x * 2;
  CHECK_THROWS_WITH(
      y.requires_grad_(false),
      "requires_grad_: only a leaf can stop to require gradients; write detach() for the value without its history");
}

TEST_CASE("a change in place of a saved tensor is an error at backward, before anything is changed") {
  auto x = tensor({1., 2.}).requires_grad_();
  auto w = tensor({3., 4.}).requires_grad_();
  auto const y = (x * w).sum();
  {
    ddx::no_grad off;
    w += 1.;
  }
  CHECK(w.version() == 1);
  CHECK_THROWS_WITH(
      y.backward(),
      "backward: a tensor of shape [2] that MulBackward0 needs was changed in place after it was used: it is at "
      "version 1, version 0 is required");
  CHECK(!x.has_grad());
  CHECK(!w.has_grad());
  auto e = exp(x);
  auto const z = e.sum();
  e += 1.;
  CHECK_THROWS_WITH(z.backward(), Contains("ExpBackward0 needs was changed"));
  // What is not needed may change.
  auto s = x + w;
  auto const t = (s + 1).sum();
  s *= 2.;
  t.backward();
  CHECK(x.grad().to_vector() == numbers{1, 1});
}

TEST_CASE("a gradient that a pass adds to cannot be what the pass needs later") {
  ddx::tensor<double> x({1., 2.}), w({1., 1.});
  x.requires_grad_();
  w.requires_grad_();
  (x * x).sum().backward();
  CHECK_THROWS_WITH(((w * x.grad()).sum() + (3. * x).sum()).backward(), Contains("MulBackward0 needs was changed"));
}

TEST_CASE("leaves and views are not changed in place while that is recorded") {
  auto x = tensor({1., 2.}).requires_grad_();
  CHECK_THROWS_WITH(x += 1.,
                    "+=: a leaf that requires gradients cannot be changed in place while operations are recorded; do "
                    "it where a ddx::no_grad lives");
  CHECK(x.to_vector() == numbers{1, 2});
  CHECK_THROWS_WITH(x.zero_(), Contains("zero_: a leaf"));
  auto y = x * 2;
  CHECK_THROWS_WITH(y[0] += 1., Contains("a change in place of a view is not recorded"));
  auto const before = y[0];
  y += 1.;
  CHECK_THROWS_WITH(before * 2, Contains("was taken before its base was changed in place"));
  y.sum().backward();
  CHECK(x.grad().to_vector() == numbers{2, 2});
}

TEST_CASE("changes in place are seen through views and the other way round") {
  auto x = ddx::zeros({2, 3});
  auto const alias = x;
  x[1] += 2.;
  x[0][2] = 7.;
  x.t()[0] *= 3.;
  CHECK(alias.to_vector() == numbers{0, 0, 7, 6, 2, 2});
  x[0] = tensor({1., 2., 3.});
  CHECK(alias.to_vector() == numbers{1, 2, 3, 6, 2, 2});
  x.slice(1, 0, 3, 2).zero_();
  CHECK(alias.to_vector() == numbers{0, 2, 0, 0, 2, 0});
  x.t() += tensor({{1.}, {2.}, {3.}});
  CHECK(alias.to_vector() == numbers{1, 4, 3, 1, 4, 3});
  x += x.slice(0, 0, 1);  // a part of itself
  CHECK(alias.to_vector() == numbers{2, 8, 6, 2, 8, 6});
  auto y = ddx::arange(5.);
  y.narrow(0, 1, 4).copy_(y.narrow(0, 0, 4));
  CHECK(y.to_vector() == numbers{0, 0, 1, 2, 3});
  CHECK_THROWS_WITH(tensor({1.}).expand({3}) += 1.,
                    "+=: elements of this expanded tensor are the same one; write clone() first");
  CHECK_THROWS_WITH(tensor({1., 2.}).expand({3, 2}) += tensor({{1.}, {2.}, {3.}}),
                    "+=: elements of this expanded tensor are the same one; write clone() first");
  CHECK_THROWS_WITH(ddx::zeros({2}).copy_(ddx::zeros({3})),
                    "copy_: a tensor of shape [3] does not broadcast to shape [2]");
  CHECK_THROWS_WITH(tensor({1., 2.}) += ddx::zeros({2, 2}),
                    "+=: the result has shape [2, 2], the tensor to change in place has shape [2]");
}

TEST_CASE("changes in place read the old elements") {
  auto y = ddx::arange(5.);
  y.narrow(0, 1, 4) += y.narrow(0, 0, 4);  // overlapping
  CHECK(y.to_vector() == numbers{0, 1, 3, 5, 7});
  y -= y;
  CHECK(y.to_vector() == numbers(5, 0));
  auto z = tensor({{1., 2.}, {3., 4.}});
  z += z.t();
  CHECK(z.to_vector() == numbers{2, 5, 5, 8});
  z *= z[0];
  CHECK(z.to_vector() == numbers{4, 25, 10, 40});
  z /= tensor(2.);
  CHECK(z.to_vector() == numbers{2, 12.5, 5, 20});
  CHECK(z.version() == 3);
  auto large = ddx::arange(20000.);
  auto const waits = large * 2;
  large.narrow(0, 0, 3) += 1.;
  CHECK(waits.sum().item() == 20000. * 19999);
  auto f = tensor({1.f, 2.f});
  f += tensor({0.5, 0.25});
  CHECK(f.to_vector() == std::vector<float>{1.5f, 2.25f});
  CHECK_THROWS_WITH(f += tensor({{1.f, 2.f}, {3.f, 4.f}}), Contains("+=: the result has shape [2, 2]"));
}

TEST_CASE("what was freed serves again as new") {
  auto const product = [] {
    auto x = tensor({3., 4.}).requires_grad_();
    return std::pair(x, (x * x).sum());
  }();
  product.second.backward();
  CHECK(product.first.grad().to_vector() == numbers{6, 8});
  auto orphan = [] { return exp(tensor(0.).requires_grad_()); }();  // the graph keeps the leaf
  orphan.backward();
  auto const element = [] { return tensor({1., 2., 3.})[1]; }();
  for (int i = 0; i < 3; ++i) {
    auto x = tensor({5., 6., 7.});
    CHECK(x.version() == 0);
    CHECK(!x.requires_grad());
    CHECK(x.is_contiguous());
    x += 1.;
    auto y = ddx::zeros({3}).requires_grad_();
    CHECK(y.is_leaf());
    auto const z = (y * x).sum();
    z.backward();
    CHECK(y.grad().to_vector() == numbers{6, 7, 8});
    auto const wide = (y + ddx::ones({2, 3})).sum(0);
    CHECK(ddx::grad(wide.sum(), y).to_vector() == numbers{2, 2, 2});
    CHECK(x.t().is_contiguous());
  }
  CHECK(element.item() == 2);
}

TEST_CASE("tensors may end in another thread than they began in") {
  std::vector<tensor<double>> made;
  std::thread([&] {
    for (int i = 0; i < 50; ++i) {
      auto x = ddx::full({3}, 2.).requires_grad_();
      made.push_back(pow(x, i).sum());
    }
  }).join();
  for (int i = 0; i < 50; ++i) CHECK(made[static_cast<std::size_t>(i)].item() == 3 * std::pow(2, i));
  for (auto& each : made) each.backward();
  std::thread([&] { made.clear(); }).join();
  CHECK(ddx::ones({3}).sum().item() == 3);
}

TEST_CASE("hooks see gradients, change them and can be removed") {
  auto x = tensor({1., 2.}).requires_grad_();
  numbers seen;
  auto const leaf_hook = x.register_hook([&](auto const& g) { seen = g.to_vector(); });
  auto y = x * 3;
  y.register_hook([](auto const& g) { return g * 10; });
  y.sum().backward();
  CHECK(seen == numbers{30, 30});
  CHECK(x.grad().to_vector() == numbers{30, 30});
  x.remove_hook(leaf_hook);
  seen.clear();
  x.sum().backward();
  CHECK(seen.empty());
  auto z = x * 1;
  z.register_hook([](auto const&) { return tensor(1.); });
  CHECK_THROWS_WITH(z.sum().backward(),
                    Contains("a hook must return a gradient of shape [2], this one returned shape []"));
  auto nested = x * 1;
  nested.register_hook([&](auto const&) {
    ddx::enable_grad on;
    x.sum().backward();
  });
  CHECK_THROWS_WITH(nested.sum().backward(), "backward: called within a backward pass, from a hook");
  x.zero_grad();
  x.sum().backward();  // the failure left nothing behind
  CHECK(x.grad().to_vector() == numbers{1, 1});
}

TEST_CASE("a result keeps its gradient where that is asked for") {
  auto x = tensor(2.).requires_grad_();
  auto y = x * 3;
  y.retain_grad();
  (y * y).backward();
  CHECK(y.grad().item() == 12);
  CHECK(x.grad().item() == 36);
}

TEST_CASE("elements that tie for the largest share the gradient evenly") {
  auto x = tensor({2., 2., 1.}).requires_grad_();
  x.max().backward();
  CHECK(x.grad().to_vector() == numbers{0.5, 0.5, 0});
}

TEST_CASE("the operation that first made a NaN or an infinity is told with its operands and its line") {
  auto x = tensor({0., 4.}).requires_grad_();
  ddx::detect_anomaly searching;
  std::string const begin = "ddx::detect_anomaly: ";
  auto const at = [&](int line) { return ", at " + std::string(__FILE__) + ":" + std::to_string(line); };
  CHECK_THROWS_WITH(log(x), begin + "log(tensor([0., 4.])) is tensor([  -inf, 1.3863])" + at(__LINE__));
  int line = __LINE__ + 1;
  auto const root = sqrt(x);
  CHECK_THROWS_WITH(root.sum().backward(),
                    begin +
                        "the derivative of sqrt(tensor([0., 4.])) by operand 1 times the adjoint tensor([1., 1.]) is "
                        "tensor([   inf, 0.2500])" +
                        at(line));
  CHECK_THROWS_WITH(x / x, begin + "divide(tensor([0., 4.]), tensor([0., 4.])) is tensor([nan, 1.])" + at(__LINE__));
  CHECK_THROWS_WITH(1 / x, Contains("divide(1, tensor([0., 4.])) is tensor([   inf, 0.2500])" + at(__LINE__)));
  CHECK_THROWS_WITH(tensor({1e308, 1.}) * 10, Contains("]), 10) is tensor([inf, 10.])" + at(__LINE__)));
  auto const large = tensor({1e308, 1e308});
  CHECK_THROWS_WITH(large.sum(), Contains("sum(" + ddx::to_string(large) + ") is tensor(inf)" + at(__LINE__)));
  CHECK_THROWS_WITH(matmul(tensor({1e300}), tensor({1e300})), Contains("is tensor(inf)" + at(__LINE__)));
  auto y = tensor({1., 1.});
  std::string const quotient = "divide(tensor([1., 1.]), tensor([0., 4.])) is tensor([   inf, 0.2500])";
  CHECK_THROWS_WITH(y /= x, begin + quotient + at(__LINE__));
  CHECK_THROWS_WITH(y.div_(x), begin + quotient + at(__LINE__));
  CHECK(y.to_vector() == numbers{1, 1});
  CHECK_THROWS_WITH(where(x > 1, x, tensor({1 / std::sqrt(0.), 1.})), Contains("is tensor([inf, 4.])" + at(__LINE__)));
  CHECK((x * 2).to_vector() == numbers{0, 8});
}

TEST_CASE("a branch not taken passes nothing back in derivatives of any order") {
  numbers const at{0, 1, 2, -3, -1e-3};
  auto const check = [&](auto const& f, auto const& second, auto const& third) {
    auto x = tensor(at).requires_grad_();
    auto const y = where(x > 0, f(x), 0.);
    auto const first = ddx::grad(y.sum(), x, {.create_graph = true});
    auto const again = ddx::grad(first.sum(), x, {.create_graph = true});
    auto const last = ddx::grad(again.sum(), x).to_vector();
    for (std::size_t i = 0; i < at.size(); ++i) {
      CHECK(again.to_vector()[i] == Approx(at[i] > 0 ? second(at[i]) : 0));
      CHECK(last[i] == Approx(at[i] > 0 ? third(at[i]) : 0));
    }
  };
  check([](auto const& x) { return x * log(x); }, [](double x) { return 1 / x; },
        [](double x) { return -1 / (x * x); });
  check([](auto const& x) { return x * sqrt(x); }, [](double x) { return 0.75 / std::sqrt(x); },
        [](double x) { return -0.375 / (x * std::sqrt(x)); });
  check([](auto const& x) { return exp(-1 / x); },
        [](double x) { return std::exp(-1 / x) * (1 - 2 * x) / std::pow(x, 4); },
        [](double x) { return std::exp(-1 / x) * (6 * x * x - 6 * x + 1) / std::pow(x, 6); });
  check([](auto const& x) { return log(x) * log(x); }, [](double x) { return 2 * (1 - std::log(x)) / (x * x); },
        [](double x) { return (4 * std::log(x) - 6) / (x * x * x); });
  auto const reduced = [](auto const& f) {
    auto x = tensor({{0., 0.}, {3., 4.}}).requires_grad_();
    auto const y = where(tensor({false, true}), f(x), 0.).sum();
    auto const first = ddx::grad(y, x, {.create_graph = true});
    numbers const second = ddx::grad((first * first).sum(), x).to_vector(), once = ddx::grad(f(x).sum(), x).to_vector();
    CHECK(first.to_vector() == numbers{0, 0, once[2], once[3]});
    CHECK(numbers(second.begin(), second.begin() + 2) == numbers{0, 0});
    CHECK(std::isfinite(second[2] + second[3]));
  };
  reduced([](auto const& x) { return log(x).prod(1); });
  reduced([](auto const& x) { return log(x).softmax(1).max(1); });
  reduced([](auto const& x) { return log(x).log_softmax(1).min(1); });
  reduced([](auto const& x) { return log(x).logsumexp(1); });
  reduced([](auto const& x) { return sqrt(x).norm(1); });
  // A row that is not taken, behind a product of matrices: nothing of it reaches the weights that all rows share.
  auto w = tensor({{1., 2.}, {0.5, -1.}}).requires_grad_();
  auto const rows = tensor({{2., 0.5}, {0., 0.}});
  auto const loss = [&](auto const& given) { return (log(matmul(given, w) + 2 * given) * given).sum(1); };
  auto const gradient = [&](auto const& result) {
    return ddx::grad(pow(ddx::grad(result, w, {.create_graph = true}), 2).sum(), w).to_vector();
  };
  CHECK(gradient(where(tensor({true, false}), loss(rows), 0.).sum()) == gradient(loss(rows.narrow(0, 0, 1)).sum()));
  // An adjoint that happens to be 0 where factors are finite counts.
  auto x = tensor({0., 0.5}).requires_grad_();
  auto const curvature = ddx::grad(ddx::grad(pow(sin(x), 2).sum(), x, {.create_graph = true}).sum(), x).to_vector();
  CHECK(curvature[0] == 2);
  CHECK(curvature[1] == Approx(2 * std::cos(1.)));
}

TEST_CASE("a tensor is differentiated through control flow") {
  auto v = tensor({1., 2.}).requires_grad_();
  auto s = tensor(0.);
  for (int i = 0; i < 3; ++i) s = s.item() > 4 ? s * 2 : s + (v * v).sum();
  s.backward();
  CHECK(s.item() == 20);
  CHECK(v.grad().to_vector() == numbers{8, 16});
}

}  // namespace
