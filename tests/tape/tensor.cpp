// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Numbers and shapes enter; the values of tensors, their types, views, reductions and products are checked.
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <ddx/tape/tensor_math.hpp>
#include <ddx/tape/tensor_print.hpp>
#include <limits>
#include <random>
#include <sstream>

namespace {

using ddx::shape;
using ddx::tensor;
using numbers = std::vector<double>;
using integers = std::vector<std::int64_t>;

TEST_CASE("literals decide the type of elements and the shape") {
  static_assert(std::is_same_v<decltype(tensor(3.)), tensor<double>>);
  static_assert(std::is_same_v<decltype(tensor(3)), tensor<std::int64_t>>);
  static_assert(std::is_same_v<decltype(tensor(3.f)), tensor<float>>);
  static_assert(std::is_same_v<decltype(tensor({true, false})), tensor<bool>>);
  static_assert(std::is_same_v<decltype(tensor({{1, 2}, {3, 4}})), tensor<std::int64_t>>);
  CHECK(tensor(3.).shape() == shape{});
  CHECK(tensor({3.}).shape() == shape{1});
  CHECK(tensor({{1., 2., 3.}, {4., 5., 6.}}).shape() == shape{2, 3});
  CHECK(tensor({{{1.}, {2.}}}).shape() == shape{1, 2, 1});
  CHECK(tensor<float>({1, 2}).to_vector() == std::vector<float>{1, 2});
  CHECK(tensor<double>({1, 2.5}).to_vector() == numbers{1, 2.5});
  CHECK(tensor<double>({{1, 2.5}, {3, 4}}).shape() == shape{2, 2});
  CHECK(tensor<double>({{1.}, {2.}}).shape() == shape{2, 1});
  std::vector<double> const values{1, 2, 3, 4};
  CHECK(tensor(values).shape() == shape{4});
  CHECK(tensor(values, {2, 2})[1].to_vector() == numbers{3, 4});
  CHECK(tensor(std::array{1.f, 2.f}).to_vector() == std::vector<float>{1, 2});
  CHECK_THROWS_WITH(tensor(values, {3}), "tensor: 4 elements have no shape [3]");
  CHECK_THROWS_WITH(tensor({{1., 2.}, {3.}}), "tensor: rows of one length are required in a nested list");
  CHECK(tensor(std::int64_t{1} << 60).item() == std::int64_t{1} << 60);
}

TEST_CASE("a tensor that nothing was said of is a vector of no elements") {
  struct layer {
    tensor<double> w, b;
  } one;
  CHECK(one.w.shape() == shape{0});
  CHECK(one.w.to_vector().empty());
  CHECK((one.w + 1.).sum().item() == 0);
  CHECK(fmt::format("{}", one.b) == fmt::format("{}", ddx::zeros({0})));
  one.w = tensor({{1., 2.}});
  CHECK(one.w.numel() == 2);
  std::vector<tensor<float>> several(3);
  several[1] = tensor(2.f).requires_grad_();
  CHECK(several[1].item() == 2);
  CHECK(several[0].numel() == 0);
  CHECK(several[2].requires_grad_().requires_grad());
  CHECK(!several[0].requires_grad());  // tensors of their own
}

TEST_CASE("extents are asked of axes that exist") {
  auto const x = ddx::zeros({2, 3});
  CHECK(x.size(0) == 2);
  CHECK(x.size(-1) == 3);
  CHECK(x.size(-2) == 2);
  CHECK_THROWS_WITH(x.size(2), "size: axis 2 does not exist in a tensor of rank 2, of shape [2, 3]");
  CHECK_THROWS_WITH(x[0].size(-2), "size: axis -2 does not exist in a tensor of rank 1, of shape [3]");
  CHECK_THROWS_AS(x.size(100000), ddx::error);
  CHECK_THROWS_AS(tensor(1.).size(0), ddx::error);
  CHECK_THROWS_WITH(x.slice(2, 0, 1), "slice: axis 2 does not exist in a tensor of rank 2, of shape [2, 3]");
}

TEST_CASE("numbers beside tensors of integers are exact") {
  constexpr std::int64_t b = (std::int64_t{1} << 53) + 1;
  auto const u = tensor({b - 1, b});
  using truths = std::vector<bool>;
  CHECK((u < b).to_vector() == truths{true, false});
  CHECK((b == u).to_vector() == truths{false, true});
  CHECK((u + b).to_vector() == integers{2 * b - 1, 2 * b});
  CHECK((u - (b - 1)).to_vector() == integers{0, 1});
  CHECK(clamp(u, b, b + 2).to_vector() == integers{b, b});
  CHECK(where(u < b, b, 0).to_vector() == integers{b, 0});
  CHECK(max(u, b).to_vector() == integers{b, b});
  CHECK(ddx::full({2}, b).to_vector() == integers{b, b});
  CHECK(tensor({1, 2}).fill_(-b).to_vector() == integers{-b, -b});
  CHECK(u.argmax(0).item() == 1);
  CHECK((-u).argmin(0).item() == 1);
  CHECK(ddx::arange(b, b + 3).to_vector() == integers{b, b + 1, b + 2});
  CHECK(ddx::arange(b + 3, b, std::int64_t{-2}).to_vector() == integers{b + 3, b + 1});
  CHECK(ddx::arange(b, b).numel() == 0);
  CHECK_THROWS_AS(ddx::arange(b, b - 1), ddx::error);
  CHECK_THROWS_AS(ddx::arange(b, b + 1, std::int64_t{0}), ddx::error);
  constexpr auto least = std::numeric_limits<std::int64_t>::min(), most = std::numeric_limits<std::int64_t>::max();
  CHECK((tensor({least, 0, most}) < most).to_vector() == truths{true, true, false});
  CHECK((tensor({least, 0, most}) > least).to_vector() == truths{false, true, true});
  CHECK(ddx::arange(least, most, most).to_vector() == integers{least, -1, most - 1});
  CHECK((tensor({1, 2}) * std::uint64_t{b}).to_vector() == integers{b, 2 * b});
  CHECK((ddx::arange(std::int64_t{100000}) + b).max().item() == b + 99999);  // computed when it is needed
  CHECK((u + 0.5).to_vector() == numbers{0x1p53, 0x1p53});                   // of doubles
}

TEST_CASE("numbers are generated") {
  CHECK(ddx::arange(4).to_vector() == integers{0, 1, 2, 3});
  CHECK(ddx::arange(1., 2., 0.25).to_vector() == numbers{1, 1.25, 1.5, 1.75});
  CHECK(ddx::arange(3, 0, -1).to_vector() == integers{3, 2, 1});
  CHECK(ddx::linspace(0, 1, 5).to_vector() == numbers{0, 0.25, 0.5, 0.75, 1});
  CHECK(ddx::eye(2, 3).to_vector() == numbers{1, 0, 0, 0, 1, 0});
  CHECK(ddx::full<float>({2}, 3).to_vector() == std::vector<float>{3, 3});
  CHECK(ddx::ones_like(ddx::zeros({2, 1})).to_vector() == numbers{1, 1});
  CHECK(ddx::rand({100}, 3).to_vector() == ddx::rand({100}, 3).to_vector());
  CHECK(ddx::rand({100}, 3).to_vector() != ddx::rand({100}, 4).to_vector());
  auto const normal = ddx::randn({100000}, 1);
  CHECK(std::abs(normal.mean().item()) < 0.02);
  CHECK((normal * normal).mean().item() == Approx(1).margin(0.02));
  CHECK_THROWS_AS(ddx::arange(0, 3, -1), ddx::error);
  CHECK_THROWS_WITH(ddx::zeros({2, -1}), "tensor: extents must not be negative, the shape is [2, -1]");
}

TEST_CASE("types are promoted as PyTorch does it, at compile time") {
  tensor<double> const d = tensor({1.5});
  tensor<float> const f = tensor({1.5f});
  tensor<std::int64_t> const i = tensor({3});
  tensor<bool> const b = tensor({true});
  static_assert(std::is_same_v<decltype(f * 2.), tensor<float>>);
  static_assert(std::is_same_v<decltype(f * d), tensor<double>>);
  static_assert(std::is_same_v<decltype(i * 2), tensor<std::int64_t>>);
  static_assert(std::is_same_v<decltype(i * 2.), tensor<double>>);
  static_assert(std::is_same_v<decltype(i / 2), tensor<double>>);
  static_assert(std::is_same_v<decltype(i * f), tensor<float>>);
  static_assert(std::is_same_v<decltype(sin(i)), tensor<double>>);
  static_assert(std::is_same_v<decltype(b * 2), tensor<std::int64_t>>);
  static_assert(std::is_same_v<decltype(i < 4), tensor<bool>>);
  static_assert(std::is_same_v<decltype(where(b, f, 0)), tensor<float>>);
  CHECK((f * d).item() == 2.25);
  CHECK((i * 2).item() == 6);
  CHECK((i / 2).item() == 1.5);
  CHECK((b * 2).item() == 2);
  CHECK((i < 4).item());
  CHECK((!(i < 4) || b).item());
  CHECK(where(b, f, 0).item() == 1.5f);
  CHECK(max(i, 7).item() == 7);
  CHECK((-i).item() == -3);
  CHECK(d.to<std::int64_t>().item() == 1);
  CHECK(ddx::tensor({true, true, false}).sum().item() == 2);
  static_assert(std::is_same_v<decltype(b.sum()), tensor<std::int64_t>>);
  static_assert(std::is_same_v<decltype(i.mean()), tensor<double>>);
}

TEST_CASE("shapes broadcast from the last axis on") {
  auto const a = tensor({{1.}, {2.}}), b = tensor({10., 20., 30.});
  CHECK((a + b).shape() == shape{2, 3});
  CHECK((a + b).to_vector() == numbers{11, 21, 31, 12, 22, 32});
  CHECK((b * 2).to_vector() == numbers{20, 40, 60});
  CHECK((tensor(1.) - b).to_vector() == numbers{-9, -19, -29});
  CHECK_THROWS_WITH(tensor({1., 2.}) + b,
                    "add: the shapes [2] and [3] do not broadcast: extents must be equal or 1, from the last axis on");
  CHECK((ddx::zeros({0, 3}) + b).shape() == shape{0, 3});
}

TEST_CASE("views show the elements under other shapes") {
  auto const x = ddx::arange(24).reshape({2, 3, 4});
  CHECK(x[1][2].to_vector() == integers{20, 21, 22, 23});
  CHECK(x.select(1, -1).to_vector() == integers{8, 9, 10, 11, 20, 21, 22, 23});
  CHECK(x.narrow(2, 1, 2).select(0, 0).to_vector() == integers{1, 2, 5, 6, 9, 10});
  CHECK(x.slice(2, -3, 99, 2)[0].to_vector() == integers{1, 3, 5, 7, 9, 11});
  CHECK(x.slice(0, 1, 1).shape() == shape{0, 3, 4});
  CHECK(x.transpose(0, 2).shape() == shape{4, 3, 2});
  CHECK(x.permute({1, 2, 0})[2][3].to_vector() == integers{11, 23});
  CHECK(x.reshape({4, -1}).shape() == shape{4, 6});
  CHECK(x.transpose(1, 2).reshape({2, 12})[0].to_vector() == integers{0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11});
  CHECK(x.unsqueeze(-1).shape() == shape{2, 3, 4, 1});
  CHECK(x.unsqueeze(0).squeeze(0).shape() == shape{2, 3, 4});
  CHECK(ddx::zeros({1, 2, 1}).squeeze().shape() == shape{2});
  CHECK(tensor({1., 2.}).unsqueeze(1).expand({2, 3}).to_vector() == numbers{1, 1, 1, 2, 2, 2});
  CHECK(tensor({1., 2.}).expand({3, -1}).shape() == shape{3, 2});
  CHECK(!x.transpose(0, 1).is_contiguous());
  CHECK(x.transpose(0, 1).contiguous().is_contiguous());
  CHECK_THROWS_WITH(x.reshape({5, -1}),
                    "reshape: a tensor of shape [2, 3, 4] has no shape [5, -1]: the number of elements must stay");
  CHECK_THROWS_WITH(x.transpose(0, 1).view({24}),
                    "view: the elements of this tensor of shape [3, 2, 4] are not contiguous; write reshape");
  CHECK_THROWS_WITH(x.view({5}),
                    "view: a tensor of shape [2, 3, 4] has no shape [5]: the number of elements must stay");
  CHECK_THROWS_WITH(x.reshape({-1, -1}), "reshape: the shape [-1, -1] has several extents to be found; one may be -1");
  CHECK_THROWS_WITH(tensor(1.)[0], "select: a scalar has no axis; write item() for its number");
  CHECK_THROWS_WITH(x[2], "select: element 2 of axis 0 does not exist in a tensor of shape [2, 3, 4]");
  CHECK_THROWS_WITH(x.sum(3), "sum: axis 3 does not exist in a tensor of shape [2, 3, 4]");
  CHECK_THROWS_WITH(x.permute({0, 0, 1}), "permute: each axis of a tensor of shape [2, 3, 4] must be named once");
  CHECK_THROWS_WITH(x.narrow(0, 1, 2), "narrow: elements 1 to 2 of axis 0 do not exist in a tensor of shape [2, 3, 4]");
  CHECK_THROWS_WITH(x.narrow(0, 1, -1), "narrow: the length must not be negative, it is -1");
  CHECK_THROWS_AS(x.narrow(0, 1, PTRDIFF_MAX), ddx::error);
  CHECK(x.slice(0, 0, PTRDIFF_MAX, PTRDIFF_MAX).shape() == shape{1, 3, 4});
  CHECK_THROWS_WITH(x.expand({4}), "expand: a tensor of shape [2, 3, 4] does not broadcast to shape [4]");
}

TEST_CASE("shapes of more elements than there are addresses are refused") {
  constexpr std::ptrdiff_t wide = std::ptrdiff_t(1) << 40;
  CHECK_THROWS_WITH(ddx::ones({wide, wide}),
                    "shape: [1099511627776, 1099511627776] has more elements than memory has addresses");
  CHECK_THROWS_AS(ddx::zeros({wide, wide / 1024 / 512}), ddx::error);
  CHECK_THROWS_AS(tensor(1.).expand({wide, wide}), ddx::error);
}

TEST_CASE("a tensor that was moved from says so until it is set again") {
  auto x = tensor({1., 2.}), y = std::move(x);
  constexpr auto sentence = "tensor: a tensor is used whose elements were moved to another one; set it first";
  CHECK_THROWS_WITH(ddx::to_string(x), sentence);
  CHECK_THROWS_WITH(x.shape(), sentence);
  CHECK_THROWS_WITH(y + x, sentence);
  CHECK_THROWS_WITH(exp(x), sentence);
  CHECK_THROWS_WITH(y += x, sentence);
  CHECK_THROWS_WITH(x += 1., sentence);
  CHECK_THROWS_WITH(x.sum(), sentence);
  CHECK_THROWS_WITH(dot(y, x), sentence);
  CHECK_THROWS_WITH(x.backward(), sentence);
  CHECK_THROWS_WITH(ddx::concatenate({y, x}), sentence);
  x = y;
  CHECK(x.to_vector() == numbers{1, 2});
}

TEST_CASE("reductions over all elements and along axes") {
  auto const x = tensor({{1., 5., 3.}, {4., 2., 6.}});
  CHECK(x.sum().item() == 21);
  CHECK(x.sum(0).to_vector() == numbers{5, 7, 9});
  CHECK(x.sum(1, true).shape() == shape{2, 1});
  CHECK(x.sum({0, 1}).shape() == shape{});
  CHECK(x.mean(-1).to_vector() == numbers{3, 4});
  CHECK(x.max().item() == 6);
  CHECK(x.max(0).to_vector() == numbers{4, 5, 6});
  CHECK(x.min(1).to_vector() == numbers{1, 2});
  CHECK(x.prod(1).to_vector() == numbers{15, 48});
  CHECK(x.argmax(1).to_vector() == integers{1, 2});
  CHECK(x.argmin(0, true).to_vector() == integers{0, 1, 0});
  CHECK(x.argmax().item() == 5);
  CHECK(x.argmin().item() == 0);
  CHECK(x.norm().item() == Approx(std::sqrt(91.)));
  CHECK(x.logsumexp(0).to_vector()[1] == Approx(std::log(std::exp(5.) + std::exp(2.))));
  CHECK((x * 1000).logsumexp().item() == 6000);
  CHECK(x.softmax(1).sum(1).to_vector()[0] == Approx(1));
  CHECK(x.log_softmax(0).to_vector()[0] == Approx(1 - std::log(std::exp(1.) + std::exp(4.))));
  CHECK(tensor({1e8f, 1e8f, 1e8f}).softmax(0).to_vector() == std::vector<float>(3, 1.f / 3));
  CHECK(tensor({1e8f, 1e8f, 1e8f}).log_softmax(0).to_vector()[1] == Approx(-std::log(3.f)));
  auto const shares = tensor({1e6f, 1e6f + 1, 1e6f + 2}).softmax(0).to_vector();
  for (int i = 0; i < 3; ++i)
    CHECK(shares[static_cast<std::size_t>(i)] == Approx(std::exp(i) / (1 + std::exp(1.) + std::exp(2.))).epsilon(1e-6));
  auto const apart = tensor({0., -1e300, -std::numeric_limits<double>::infinity()});
  CHECK(apart.softmax(0).to_vector() == numbers{1, 0, 0});
  CHECK(apart.log_softmax(0).to_vector() == apart.to_vector());
  CHECK(ddx::zeros({0, 2}).sum(0).to_vector() == numbers{0, 0});
  CHECK(ddx::zeros({0}).prod().item() == 1);
  CHECK(std::isnan(ddx::zeros({0}).mean().item()));
  CHECK(std::isnan(tensor({1., std::nan(""), 2.}).max().item()));
  CHECK(tensor({{1, 2}, {3, 4}}).sum(0).to_vector() == integers{4, 6});
  CHECK(x.t().sum(0).to_vector() == x.sum(1).to_vector());
  auto const y = ddx::arange(24.).reshape({2, 3, 4});
  CHECK(y.sum({0, 2}).to_vector() == numbers{60, 92, 124});
  CHECK(y.permute({2, 0, 1}).sum({0, 2}).to_vector() == y.sum({1, 2}).to_vector());
  CHECK_THROWS_WITH(y.sum({0, 0}), "sum: axis 0 is named twice");
}

/// Sizes around the blocks of the product's loops, and operands of any strides.
TEMPLATE_TEST_CASE("products of matrices are sums of products", "", float, double) {
  std::mt19937 random(1);
  auto const check = [&](std::ptrdiff_t m, std::ptrdiff_t k, std::ptrdiff_t n) {
    auto const a = ddx::randn<TestType>({m, k}, random()), b = ddx::randn<TestType>({k, n}, random());
    auto const expected = (a.template to<double>().unsqueeze(2) * b.template to<double>().unsqueeze(0)).sum(1);
    auto const near = [&](tensor<TestType> const& c) {
      REQUIRE(c.shape() == shape{m, n});
      double const bound = std::is_same_v<TestType, float> ? 1e-5 : 1e-13;
      if (c.numel() > 0)
        CHECK(abs(c.template to<double>() - expected).max().item() <= bound * std::sqrt(static_cast<double>(k)) * 10);
    };
    near(a.mm(b));
    near(a.t().contiguous().t().mm(b));
    near(a.mm(b.t().contiguous().t()));
    near(ddx::stack({a, a}, 2).select(2, 1).mm(ddx::stack({b, b}, 2).select(2, 0)));
    if (n == 1) {
      near(a.mv(b.squeeze(1)).unsqueeze(1));
      near(a.t().contiguous().t().mv(b.squeeze(1)).unsqueeze(1));
    }
  };
  for (auto [m, k, n] : {std::array{1, 1, 1},
                         {3, 5, 7},
                         {6, 16, 32},
                         {13, 300, 33},
                         {97, 3, 65},
                         {12, 256, 16},
                         {100, 257, 1},
                         {1, 64, 40},
                         {5, 0, 3},
                         {0, 3, 2},
                         {100, 300, 150}})
    check(m, k, n);
  CHECK(tensor({1., 2.}).dot(tensor({3., 4.})).item() == 11);
  CHECK(matmul(ddx::ones({2, 1, 3, 4}), ddx::ones({5, 4, 6})).shape() == shape{2, 5, 3, 6});
  CHECK(matmul(ddx::ones({2, 3, 4}), ddx::ones({4})).shape() == shape{2, 3});
  CHECK_THROWS_WITH(matmul(ddx::ones({2, 3}), ddx::ones({2, 3})), "mm: the shapes [2, 3] and [2, 3] have no product");
}

TEST_CASE("tensors are put together and taken apart") {
  auto const a = tensor({{1., 2.}}), b = tensor({{3., 4.}, {5., 6.}});
  CHECK(ddx::concatenate({a, b}).to_vector() == numbers{1, 2, 3, 4, 5, 6});
  CHECK(ddx::concatenate({b, b}, 1)[0].to_vector() == numbers{3, 4, 3, 4});
  CHECK(ddx::stack({a, a}, -1).shape() == shape{1, 2, 2});
  CHECK(b.gather(1, tensor({{1, 0}, {1, 1}})).to_vector() == numbers{4, 3, 6, 6});
  CHECK(b.index_select(0, tensor({1, 1, -2})).to_vector() == numbers{5, 6, 5, 6, 3, 4});
  CHECK_THROWS_WITH(ddx::concatenate({a, b}, 1),
                    "concatenate: the shapes [1, 2] and [2, 2] differ in another axis than axis 1");
  CHECK_THROWS_WITH(ddx::stack({a, b}),
                    "stack: tensors of one shape are required, these have the shapes [1, 2] and [2, 2]");
  CHECK_THROWS_WITH(b.gather(0, tensor({{0, -1}})), "gather: element -1 does not exist along an axis of 2");
  CHECK_THROWS_WITH(b.index_select(0, tensor({2})), "index_select: element 2 does not exist along an axis of 2");
}

TEST_CASE("handles share, clones do not") {
  auto x = tensor({1., 2.});
  auto const same = x, copy = x.clone();
  x += 1.;
  CHECK(same.to_vector() == numbers{2, 3});
  CHECK(copy.to_vector() == numbers{1, 2});
  CHECK(x.detach().data() == x.data());
  CHECK_THROWS_WITH(tensor({{1., 2.}, {3., 4.}}).t().data(),
                    "data: the elements of this view of shape [2, 2] are not consecutive; write contiguous().data()");
  CHECK_THROWS_WITH(x.item(), "item: a tensor of one element is required, this one has shape [2]");
  CHECK_THROWS_AS((shape{1, 1, 1, 1, 1, 1, 1, 1, 1}), ddx::error);
}

TEST_CASE("printing does not care where a tensor is printed to") {
  std::ostringstream to;
  to << tensor({1., 2.5});
  CHECK(to.str() == "tensor([1.0000, 2.5000])");
  CHECK(fmt::format("{}", tensor({1, 2})) == "tensor([1, 2])");
}

}  // namespace
