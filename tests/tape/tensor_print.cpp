// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Tensors enter; that their text is what PyTorch prints is checked.
#include <catch2/catch.hpp>
#include <ddx/tape/tensor_math.hpp>
#include <ddx/tape/tensor_print.hpp>
#include <limits>

namespace {

using ddx::tensor;

constexpr double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();

template <class Element>
std::string text(tensor<Element> const& values) {
  return to_string(values);
}

TEST_CASE("numbers have four decimals, whole ones a point, and a common width") {
  CHECK(text(tensor(9.)) == "tensor(9.)");
  CHECK(text(tensor(0.5)) == "tensor(0.5000)");
  CHECK(text(tensor(-3)) == "tensor(-3)");
  CHECK(text(tensor(true)) == "tensor(True)");
  CHECK(text(tensor({6., 10., 24.})) == "tensor([ 6., 10., 24.])");
  CHECK(text(tensor({2.4, 4., 9.6})) == "tensor([2.4000, 4.0000, 9.6000])");
  CHECK(text(tensor({-1.5, 22.25})) == "tensor([-1.5000, 22.2500])");
  CHECK(text(tensor({1., 1000.})) == "tensor([   1., 1000.])");
}

TEST_CASE("scientific where the largest exceeds the smallest 1000 times, and where values are extreme") {
  CHECK(text(tensor({1., 1001.})) == "tensor([1.0000e+00, 1.0010e+03])");
  CHECK(text(tensor({0.5, 500.5})) == "tensor([5.0000e-01, 5.0050e+02])");
  CHECK(text(tensor({0.00005})) == "tensor([5.0000e-05])");
  CHECK(text(tensor({0.0001})) == "tensor([0.0001])");
  CHECK(text(tensor({1e8})) == "tensor([100000000.])");
  CHECK(text(tensor({2e8})) == "tensor([2.0000e+08])");
}

TEST_CASE("zeros, NaN and infinities") {
  CHECK(text(tensor({0., -0.})) == "tensor([0., -0.])");
  CHECK(text(tensor({nan, inf, -inf})) == "tensor([nan, inf, -inf])");
  CHECK(text(tensor({nan, 1., -inf})) == "tensor([nan, 1., -inf])");
  CHECK(text(tensor({nan, 1.5, -inf, -0.})) == "tensor([   nan, 1.5000,   -inf, -0.0000])");
  CHECK(text(tensor({nan, 1.5, 1e6})) == "tensor([       nan, 1.5000e+00, 1.0000e+06])");
}

TEST_CASE("integers, truth values, matrices") {
  CHECK(text(tensor({1, -20, 300})) == "tensor([  1, -20, 300])");
  CHECK(text(tensor({true, false})) == "tensor([ True, False])");
  CHECK(text(tensor({{1., 2.}, {-3., 4.}})) == R"(tensor([[ 1.,  2.],
        [-3.,  4.]]))");
  CHECK(text(tensor({{{1, 2}}, {{3, 4}}})) == R"(tensor([[[1, 2]],

        [[3, 4]]]))");
}

TEST_CASE("what is not the default is named") {
  CHECK(text(tensor({1.5f, 2.f})) == "tensor([1.5000, 2.0000], dtype=float32)");
  CHECK(text(tensor({1.5}).requires_grad_()) == "tensor([1.5000], requires_grad=True)");
  CHECK(text(tensor({1.5f}).requires_grad_()) == "tensor([1.5000], dtype=float32, requires_grad=True)");
  CHECK(text(tensor({1.5f}).requires_grad_() * 2) == "tensor([3.], dtype=float32, grad_fn=<MulBackward0>)");
}

TEST_CASE("lines are at most 80 columns wide") {
  CHECK(text(ddx::arange(30)) == R"(tensor([ 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15, 16, 17,
        18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29]))");
  CHECK(text(ddx::arange(12.).requires_grad_()) ==
        R"(tensor([ 0.,  1.,  2.,  3.,  4.,  5.,  6.,  7.,  8.,  9., 10., 11.],
       requires_grad=True))");
  CHECK(text(ddx::arange(14.).requires_grad_()) ==
        R"(tensor([ 0.,  1.,  2.,  3.,  4.,  5.,  6.,  7.,  8.,  9., 10., 11., 12., 13.],
       requires_grad=True))");
  CHECK(text(ddx::arange(13.).requires_grad_() * 0.5) ==
        R"(tensor([0.0000, 0.5000, 1.0000, 1.5000, 2.0000, 2.5000, 3.0000, 3.5000, 4.0000,
        4.5000, 5.0000, 5.5000, 6.0000], grad_fn=<MulBackward0>))");
  CHECK(text(ddx::arange(1000)[-1]) == "tensor(999)");
}

TEST_CASE("tensors of more than 1000 elements are summarised") {
  CHECK(text(ddx::arange(1001)) == "tensor([   0,    1,    2,  ...,  998,  999, 1000])");
  CHECK(text(ddx::arange(1200).reshape({2, 600})) == R"(tensor([[   0,    1,    2,  ...,  597,  598,  599],
        [ 600,  601,  602,  ..., 1197, 1198, 1199]]))");
  CHECK(text(ddx::arange(1200.).reshape({100, 12})) ==
        R"(tensor([[0.0000e+00, 1.0000e+00, 2.0000e+00,  ..., 9.0000e+00, 1.0000e+01,
         1.1000e+01],
        [1.2000e+01, 1.3000e+01, 1.4000e+01,  ..., 2.1000e+01, 2.2000e+01,
         2.3000e+01],
        [2.4000e+01, 2.5000e+01, 2.6000e+01,  ..., 3.3000e+01, 3.4000e+01,
         3.5000e+01],
        ...,
        [1.1640e+03, 1.1650e+03, 1.1660e+03,  ..., 1.1730e+03, 1.1740e+03,
         1.1750e+03],
        [1.1760e+03, 1.1770e+03, 1.1780e+03,  ..., 1.1850e+03, 1.1860e+03,
         1.1870e+03],
        [1.1880e+03, 1.1890e+03, 1.1900e+03,  ..., 1.1970e+03, 1.1980e+03,
         1.1990e+03]]))");
  CHECK(text(ddx::arange(2000).reshape({10, 10, 20}).transpose(0, 2)) ==
        R"(tensor([[[   0,  200,  400,  ..., 1400, 1600, 1800],
         [  20,  220,  420,  ..., 1420, 1620, 1820],
         [  40,  240,  440,  ..., 1440, 1640, 1840],
         ...,
         [ 140,  340,  540,  ..., 1540, 1740, 1940],
         [ 160,  360,  560,  ..., 1560, 1760, 1960],
         [ 180,  380,  580,  ..., 1580, 1780, 1980]],

        [[   1,  201,  401,  ..., 1401, 1601, 1801],
         [  21,  221,  421,  ..., 1421, 1621, 1821],
         [  41,  241,  441,  ..., 1441, 1641, 1841],
         ...,
         [ 141,  341,  541,  ..., 1541, 1741, 1941],
         [ 161,  361,  561,  ..., 1561, 1761, 1961],
         [ 181,  381,  581,  ..., 1581, 1781, 1981]],

        [[   2,  202,  402,  ..., 1402, 1602, 1802],
         [  22,  222,  422,  ..., 1422, 1622, 1822],
         [  42,  242,  442,  ..., 1442, 1642, 1842],
         ...,
         [ 142,  342,  542,  ..., 1542, 1742, 1942],
         [ 162,  362,  562,  ..., 1562, 1762, 1962],
         [ 182,  382,  582,  ..., 1582, 1782, 1982]],

        ...,

        [[  17,  217,  417,  ..., 1417, 1617, 1817],
         [  37,  237,  437,  ..., 1437, 1637, 1837],
         [  57,  257,  457,  ..., 1457, 1657, 1857],
         ...,
         [ 157,  357,  557,  ..., 1557, 1757, 1957],
         [ 177,  377,  577,  ..., 1577, 1777, 1977],
         [ 197,  397,  597,  ..., 1597, 1797, 1997]],

        [[  18,  218,  418,  ..., 1418, 1618, 1818],
         [  38,  238,  438,  ..., 1438, 1638, 1838],
         [  58,  258,  458,  ..., 1458, 1658, 1858],
         ...,
         [ 158,  358,  558,  ..., 1558, 1758, 1958],
         [ 178,  378,  578,  ..., 1578, 1778, 1978],
         [ 198,  398,  598,  ..., 1598, 1798, 1998]],

        [[  19,  219,  419,  ..., 1419, 1619, 1819],
         [  39,  239,  439,  ..., 1439, 1639, 1839],
         [  59,  259,  459,  ..., 1459, 1659, 1859],
         ...,
         [ 159,  359,  559,  ..., 1559, 1759, 1959],
         [ 179,  379,  579,  ..., 1579, 1779, 1979],
         [ 199,  399,  599,  ..., 1599, 1799, 1999]]]))");
}

TEST_CASE("empty tensors show what their elements cannot") {
  CHECK(text(ddx::zeros({0})) == "tensor([])");
  CHECK(text(ddx::zeros({2, 0})) == "tensor([], size=(2, 0))");
  CHECK(text(ddx::zeros<std::int64_t>({0})) == "tensor([], dtype=int64)");
}

TEST_CASE("operations are called as PyTorch calls them") {
  auto x = tensor({{1., 2.}, {3., 4.}}).requires_grad_();
  auto const v = x[0];
  std::pair<tensor<double>, char const*> const named[]{{x + 1, "AddBackward0"},
                                                       {x - 1, "SubBackward0"},
                                                       {1 - x, "RsubBackward1"},
                                                       {tensor(1.) - x, "SubBackward0"},
                                                       {x * 2, "MulBackward0"},
                                                       {x / 2, "DivBackward0"},
                                                       {1 / x, "MulBackward0"},
                                                       {tensor(1.) / x, "DivBackward0"},
                                                       {-x, "NegBackward0"},
                                                       {pow(x, 2), "PowBackward0"},
                                                       {pow(x, x), "PowBackward1"},
                                                       {pow(2., x), "PowBackward2"},
                                                       {square(x), "PowBackward0"},
                                                       {fmod(x, 2), "FmodBackward0"},
                                                       {fmod(x, x), "FmodBackward1"},
                                                       {clamp(x, 0, 1), "ClampBackward1"},
                                                       {clamp(x, x, x), "ClampBackward0"},
                                                       {exp(x), "ExpBackward0"},
                                                       {log1p(x), "Log1PBackward0"},
                                                       {atan2(x, x), "Atan2Backward0"},
                                                       {max(x, 1), "MaximumBackward0"},
                                                       {where(x > 0, x, 0), "WhereBackward0"},
                                                       {x.sum(), "SumBackward0"},
                                                       {x.sum(0), "SumBackward1"},
                                                       {x.mean(), "MeanBackward0"},
                                                       {x.max(), "MaxBackward1"},
                                                       {x.max(0), "AmaxBackward0"},
                                                       {x.prod(), "ProdBackward0"},
                                                       {x.logsumexp(0), "LogsumexpBackward0"},
                                                       {x.norm(), "LinalgVectorNormBackward0"},
                                                       {x.softmax(0), "SoftmaxBackward0"},
                                                       {x.log_softmax(0), "LogSoftmaxBackward0"},
                                                       {x.mm(x), "MmBackward0"},
                                                       {x.mv(v), "MvBackward0"},
                                                       {v.dot(v), "DotBackward0"},
                                                       {x.t(), "TBackward0"},
                                                       {x.transpose(0, 1), "TransposeBackward0"},
                                                       {x.permute({1, 0}), "PermuteBackward0"},
                                                       {x.reshape({4}), "ViewBackward0"},
                                                       {x.t().reshape({4}), "UnsafeViewBackward0"},
                                                       {x.unsqueeze(0), "UnsqueezeBackward0"},
                                                       {v.unsqueeze(0).squeeze(0), "SqueezeBackward1"},
                                                       {x.squeeze(), "SqueezeBackward0"},
                                                       {v.expand({3, 2}), "ExpandBackward0"},
                                                       {v, "SelectBackward0"},
                                                       {x.narrow(0, 0, 1), "SliceBackward0"},
                                                       {ddx::concatenate({x, x}), "CatBackward0"},
                                                       {ddx::stack({x, x}), "StackBackward0"},
                                                       {x.gather(1, tensor({{0}})), "GatherBackward0"},
                                                       {x.index_select(0, tensor({0})), "IndexSelectBackward0"},
                                                       {x.clone(), "CloneBackward0"},
                                                       {x.to<float>().to<double>(), "ToCopyBackward0"}};
  for (auto const& [result, name] : named) CHECK(result.grad_fn() == name);
}

}  // namespace
