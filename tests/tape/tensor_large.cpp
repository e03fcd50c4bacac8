// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Long tensors and deep graphs enter; that what is computed block by block when it is needed is what is computed at once, and that no
// depth overflows the stack, is checked.
#include <catch2/catch.hpp>
#include <ddx/tape/tensor_math.hpp>
#include <ddx/tape/tensor_no_grad.hpp>

#include "../count_allocations.hpp"

namespace {

using real_tensor = ddx::tensor<double>;

constexpr std::ptrdiff_t length = 20000, part = 500;  // computed block by block, and at once

/// `f` of a long tensor against `f` of its parts.
template <class Function>
void check(Function const& f) {
  auto const x = ddx::rand({length}, 1) + 0.1;
  auto whole = x.clone().requires_grad_();
  auto const y = f(whole);
  auto const weights = ddx::rand({length}, 2);
  (y * weights).sum().backward();
  auto const values = y.to_vector(), gradients = whole.grad().to_vector();
  for (std::ptrdiff_t start = 0; start < length; start += part) {
    auto piece = x.narrow(0, start, part).clone().requires_grad_();
    auto const z = f(piece);
    z.backward(weights.narrow(0, start, part).clone());
    auto const at = values.begin() + start;
    REQUIRE(z.to_vector() == std::vector<double>(at, at + part));
    REQUIRE(piece.grad().to_vector() ==
            std::vector<double>(gradients.begin() + start, gradients.begin() + start + part));
  }
}

TEST_CASE("a long chain computed block by block is the chain computed at once") {
  check([](auto const& x) { return x * 2 + 1; });
  check([](auto const& x) { return sin(exp(x) * x) / (x * x + 1) - sqrt(x); });
  check([](auto const& x) { return where(x > 0.5, log(x), pow(x, 3)); });
  check([](auto const& x) {
    auto y = x;
    for (int i = 0; i < 10; ++i) y = y * x + 0.5;
    return y;
  });
  check([](auto const& x) {  // more operations than wait at once
    auto y = x;
    for (int i = 0; i < 150; ++i) y = sin(y) + x;
    return y;
  });
  check([](auto const& x) {  // shared results
    auto const a = exp(x), b = a * x;
    return a * b + b / a - a;
  });
}

TEST_CASE("long tensors broadcast and are seen through views while they wait") {
  auto const x = ddx::rand({300, 100}, 1), row = ddx::rand({100}, 2), column = ddx::rand({300, 1}, 3);
  auto const y = (x * row + column) * 2 - x.narrow(0, 0, 1);
  auto const z = (x.t() * column.t().squeeze(0)).t() + y.t().contiguous().t();
  for (auto [i, j] : {std::pair{0, 0}, {13, 99}, {299, 50}}) {
    double const expected = (x[i][j].item() * row[j].item() + column[i][0].item()) * 2 - x[0][j].item();
    CHECK(y[i][j].item() == Approx(expected));
    CHECK(z[i][j].item() == Approx(x[i][j].item() * column[i][0].item() + expected));
  }
  CHECK((x + 1).sum(0).to_vector()[7] == Approx(x.sum(0).to_vector()[7] + 300));
  CHECK((x + 1).sum(1).to_vector()[7] == Approx(x.sum(1).to_vector()[7] + 100));
  CHECK((x * 2).max(1).to_vector()[7] == 2 * x[7].max().item());
  CHECK((x > 0.5).sum().item() == where(x > 0.5, 1, 0).sum().item());
  CHECK((x.to<float>() + 1).sum().item() == Approx(x.sum().item() + 30000).epsilon(1e-6));
}

TEST_CASE("gradients of broadcast operands of long operations") {
  auto const x = ddx::rand({400, 50}, 1);
  auto w = ddx::rand({50}, 2).requires_grad_(), b = real_tensor(0.3).requires_grad_();
  auto const logits = x.mv(w) + b;
  CHECK(logits.shape() == ddx::shape{400});
  (x * w + b).sum().backward();
  auto const expected = x.sum(0).to_vector();
  auto const found = w.grad().to_vector();
  for (std::size_t j = 0; j < 50; ++j) CHECK(found[j] == Approx(expected[j]));
  CHECK(b.grad().item() == 20000);
}

TEST_CASE("what waits keeps the values that it was made of") {
  auto x = ddx::ones({length});
  auto const y = x * 2, z = y + 1, outside = sqrt(x + 3);
  x += 1.;
  CHECK(x[length - 1].item() == 2);
  CHECK(y[length - 1].item() == 2);
  CHECK(z[0].item() == 3);
  CHECK(outside[5].item() == 2);
  // A change that is computed of what waits, part of which is held elsewhere.
  auto const doubled = x * 2;
  auto const more = doubled + 1;
  x += more * 10;
  CHECK(x[3].item() == 52);
  CHECK(doubled[3].item() == 4);
  CHECK(more[3].item() == 5);
  auto const held = x * 2;
  x.copy_(held);
  CHECK(held[0].item() == 104);
  CHECK(x[0].item() == 104);
  x.narrow(0, 0, length - 1) += x.narrow(0, 1, length - 1);  // overlapping parts
  CHECK(x[0].item() == 208);
  CHECK(x[length - 2].item() == 208);
  CHECK(x[length - 1].item() == 104);
}

TEST_CASE("a step of gradient descent on a long tensor") {
  auto x = ddx::ones({length}).requires_grad_();
  for (int i = 0; i < 3; ++i) {
    x.zero_grad();
    pow(x, 2).sum().backward();
    auto const gradient = x.grad();
    ddx::no_grad off;
    double const before = x[9].item();
    x -= x.grad() * 0.1;
    CHECK(x[9].item() == Approx(before * 0.8));
    CHECK(gradient[9].item() == Approx(before * 2));
  }
  CHECK(x.is_leaf());
}

TEST_CASE("second derivatives of long tensors") {
  auto x = (ddx::rand({length}, 5) + 0.5).detach().requires_grad_();
  auto const first = ddx::grad(pow(x, 3).sum(), x, {.create_graph = true});
  auto const second = ddx::grad(first.sum(), x);
  CHECK(second[77].item() == Approx(6 * x[77].item()));
}

TEST_CASE("a graph of a million operations is evaluated, differentiated and destroyed without a deep stack") {
  auto x = real_tensor({1., 2., 3.}).requires_grad_();
  auto y = x * 1;
  for (int i = 0; i < 1000000; ++i) y = y + x;
  y.sum().backward();
  CHECK(x.grad().to_vector() == std::vector<double>{1000001, 1000001, 1000001});
  auto z = x * 1;
  for (int i = 0; i < 300000; ++i) z = sin(z);  // results that rules need
  z.sum().backward();
  CHECK(x.grad().to_vector()[0] >= 1000001);
}

TEST_CASE("a loop that repeats allocates nothing") {
  auto w = ddx::rand({3}, 1).requires_grad_();
  auto const X = ddx::rand({8, 3}, 2);
  auto const step = [&] {
    w.zero_grad();
    (softplus(X.mv(w)) * 2 + pow(w, 2).sum()).mean().backward();
    ddx::no_grad off;
    w -= w.grad() * 0.1;
  };
  for (int i = 0; i < 3; ++i) step();
  CHECK(allocations_of([&] {
          for (int i = 0; i < 100; ++i) step();
        }) == 0);
}

TEST_CASE("a long chain on a long tensor is destroyed without being computed") {
  auto y = ddx::ones({length});
  for (int i = 0; i < 1000; ++i) y = y + 1;
  CHECK(y[0].item() == 1001);
  auto const unused = y * 2;
}

}  // namespace
