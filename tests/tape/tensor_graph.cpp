// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Programs on tensors enter; their graphs leave, which print, draw, differentiate and train as formulas do.
#include <cstdlib>
#include <ddx/print/print.hpp>
#include <ddx/step/fit.hpp>
#include <ddx/step/optimiser.hpp>
#include <ddx/symbolic/symbolic.hpp>
#include <fstream>
#include <iterator>

#include "printed_loops.hpp"
#include "regression.hpp"

namespace {

/// The error's sentence.
template <class Function>
std::string complaint(Function const& f) {
  try {
    f();
  } catch (ddx::error const& e) { return e.what(); }
  return "";
}

TEST_CASE("a graph of arrays is written in C++ that computes the same") {
  regression data;
  ddx::cpp_form form{.name = "printed_gradient", .returns = ddx::cpp_result::value_and_gradient, .includes = false};
  std::string const text = ddx::print_cpp_loops(graph_of(data).view(), form);
  std::ifstream file(std::string(std::getenv("DDX_SOURCE")) + "/tests/tape/printed_loops.hpp");
  std::string const kept(std::istreambuf_iterator<char>(file), {});
  // Compilers evaluate operands of rules in orders of their own, so the lines are those, in another order.
  CHECK(text.size() == Approx(kept.size() - kept.find("inline")).epsilon(0.1));
  auto const heading = [](std::string const& whole) {
    return whole.substr(whole.find("inline"), whole.find(") {") - whole.find("inline"));
  };
  CHECK(heading(text) == heading(kept));
  form.includes = true;
  CHECK(ddx::print_cpp_loops(graph_of(data).view(), form) ==
        "#include <cmath>\n#include <cstddef>\n#include <vector>\n\n" + text);

  data.rows.requires_grad_(), data.weights.requires_grad_(), data.bias.requires_grad_(), data.labels.requires_grad_();
  auto const value = loss_of(data.rows, data.weights, data.labels, data.bias);
  value.backward();
  double loss_value = 0, by_b = 0;
  std::vector<double> by_X(60), by_w(3), by_y(20);
  printed_gradient(20, 3, data.rows.data(), data.weights.data(), 0.25, data.labels.data(), &loss_value, by_X.data(),
                   by_w.data(), &by_b, by_y.data());
  check_near(tensor(loss_value), value.detach());
  check_near(tensor(by_X, {20, 3}), data.rows.grad());
  check_near(tensor(by_w), data.weights.grad());
  check_near(tensor(by_b), data.bias.grad());
  check_near(tensor(by_y), data.labels.grad());
}

TEST_CASE("a small program is drawn with values and gradients") {
  auto a = tensor(2.), c = tensor(-3.);
  ddx::tensor_tape tape;
  tape.input(a, "a");
  tape.input(c, "c");
  auto const g = tape.graph(tanh(a * c + 10.));
  CHECK(ddx::print_dot_at(g.view(), {{"a", 2.}, {"c", -3.}}) == R"(digraph ddx {
  ordering=in;
  n0 [label="a\nvalue 2\ngradient -0.00402285", shape=box];
  n1 [label="c\nvalue -3\ngradient 0.0026819", shape=box];
  n2 [label="*\nvalue -6\ngradient 0.00134095"];
  n0 -> n2;
  n1 -> n2;
  n3 [label="10", shape=plaintext];
  n4 [label="+\nvalue 4\ngradient 0.00134095"];
  n2 -> n4;
  n3 -> n4;
  n5 [label="tanh\nvalue 0.999329\ngradient 1"];
  n4 -> n5;
  y0 [label="output", shape=plaintext];
  n5 -> y0;
}
)");
  CHECK(ddx::print_cpp_function(g.view(), {.name = "f"}).find("std::tanh(a*c + 10)") != std::string::npos);
  auto const f = ddx::symbolic::from(g.view());
  CHECK(fmt::format("{}", diff(f, "a")) == "c*(1 - tanh(a*c + 10)^2)");
  CHECK(ddx::eval(f, {{"a", 2.}, {"c", -3.}}) == Approx(std::tanh(4.)));
}

TEST_CASE("drawings show the first elements of arrays") {
  auto x = ddx::arange(12.).reshape({3, 4});
  ddx::tensor_tape tape;
  tape.input(x, "x");
  auto const drawing = ddx::print_dot_at(tape.graph((x * x).sum()).view(), {{"x", x}});
  CHECK(drawing.find("x[i, j]\\nvalue [0, 1, 2, … of 3 x 4]\\ngradient [0, 2, 4, … of 3 x 4]") != drawing.npos);
  CHECK(drawing.find("sum[j]\\nvalue [14, 126, 366]") != drawing.npos);
}

TEST_CASE("shapes, reductions and products have formulas") {
  auto x = ddx::randn({4, 3}, 1), v = ddx::randn({3, 2}, 2), r = ddx::randn({4, 1, 3}, 4), k = ddx::randn({5, 4, 3}, 5);
  auto const check = [&](auto const& program) {
    ddx::tensor_tape tape;
    tape.input(x, "x", {"n", "d"});
    tape.input(v, "v", {"d", "k"});
    tape.input(r, "r");
    tape.input(k, "B", {"batch", "n", "d"});
    auto const result = program();
    auto const g = tape.graph(result);
    std::vector<ddx::named_tensor> inputs{{"x", x}, {"v", v}, {"r", r}, {"B", k}};
    for (auto const& constant : tape.constants()) inputs.push_back(constant);
    INFO(ddx::print(g.view()));
    auto const found = ddx::eval(g.view(), inputs)[0];
    check_near(found.sum(), result.sum());
    check_near((found * found).sum(), (result * result).sum());
    // By its own derivative, beside the backward pass.
    x.zero_grad();
    x.requires_grad_();
    auto const scalar = program().sum();
    auto const again = tape.graph(scalar);
    if (scalar.requires_grad()) {
      scalar.backward();
      auto const by_graph = ddx::eval(gradients_of(again, {"x"}).view(), inputs)[0];
      check_near(by_graph, x.grad(), 1e-12);
    }
    x.requires_grad_(false);
  };
  check([&] { return x.matmul(v); });
  check([&] { return x.t().sum(0); });
  check([&] { return x.mean(1, true) * x; });
  check([&] { return x.softmax(1).max(0) + x.log_softmax(0).min(0); });
  check([&] { return x.logsumexp(1) + x.norm(1); });
  check([&] { return x.norm() * x.mean() + x.max(); });
  check([&] { return (r.squeeze(1) * x).sum(-1); });
  check([&] { return (x.unsqueeze(1) - r).norm(1).reshape({4, 1, 3}); });
  check([&] { return where(x > 0, x, ddx::full({4, 3}, 2.)) * ddx::arange(3.); });
  check([&] { return k.matmul(v) + x.mv(ddx::arange(3.)).mean(); });
  check([&] { return matmul(k, v).sum({0, 1}) * x.mean() - (x > 0).to<double>().sum(); });
  check([&] { return x.expand({5, 4, 3}) * k; });
}

TEST_CASE("constants of several elements are inputs of their own") {
  auto x = tensor({1., 2., 3.});
  ddx::tensor_tape tape;
  tape.input(x, "x", {"n"});
  auto const weights = tensor({0.5, 1.5, 2.5});
  auto const g = tape.graph((x * weights).sum() + tensor(4.) * weights.sum());
  CHECK(ddx::print(g.view()) == "sum[n](x*c0) + 18");
  REQUIRE(tape.constants().size() == 1);
  CHECK(tape.constants()[0].name == "c0");
}

TEST_CASE("what has no formula is told, and constants may be made by anything") {
  auto x = ddx::arange(6.).reshape({2, 3}), z = tensor({1., 2.});
  ddx::tensor_tape tape;
  tape.input(x, "x", {"n", "d"});
  tape.input(z, "z", {"m"});
  std::string const begin = "ddx::tensor_tape::graph: ";
  CHECK(complaint([&] { tape.graph(x[0]); }) == begin + "formulas have no elements taken by number");
  CHECK(complaint([&] { tape.graph(x.slice(1, 0, 2) * 2.); }) == begin + "formulas have no slices");
  CHECK(complaint([&] { tape.graph(x.reshape({6})); }) == begin + "formulas have no reshape");
  CHECK(complaint([&] { tape.graph(x.detach()); }) == begin + "formulas have no detach");
  CHECK(ddx::print(tape.graph(x.prod()).view()) == "prod[n](prod[d](x))");
  CHECK(complaint([&] { tape.graph(x.mm(x.t())); }) ==
        begin + "a product of matrices has axis 'n' twice; formulas need two inputs for that");
  CHECK(complaint([&] { tape.graph(x.t() * z); }) ==
        begin + "the axes 'n' and 'm' meet in one operation; give them one name");
  CHECK(complaint([&] { ddx::tensor_tape second; }) ==
        "ddx::tensor_tape: another one lives on this thread; it must end before this one begins");
  CHECK(complaint([&] { tape.input(tensor({1., 2., 3.}), "v", {"n"}); }) ==
        "ddx::tensor_tape::input: axis n has 2 elements before and 3 in v");
  CHECK(complaint([&] { tape.input(tensor(1.), "x"); }) == "ddx::tensor_tape::input: there is an input x already");
  auto const known = ddx::arange(6.)[2] + ddx::arange(6.).slice(0, 0, 3).prod();
  CHECK(ddx::print(tape.graph(x.sum() * known).view()) == "2*sum[n](sum[d](x))");
  // Gradients have formulas of their own: those of derivatives.
  auto leaf = tensor(2.).requires_grad_();
  tape.input(leaf, "leaf");
  exp(leaf * 2.).backward();
  CHECK(complaint([&] { tape.graph(leaf.grad()); }).find("formulas do not have the operation") != std::string::npos);
}

TEST_CASE("changes in place are followed") {
  auto x = tensor({1., 2.});
  ddx::tensor_tape tape;
  tape.input(x, "x", {"n"});
  auto total = x * 2.;
  total += x * x;
  total *= 3.;
  CHECK(ddx::print(tape.graph(total.sum()).view()) == "sum[n](3*(2*x + x^2))");
  auto part = total[0];
  part += 1.;
  CHECK(complaint([&] { tape.graph(total.sum()); }) ==
        "ddx::tensor_tape::graph: a tensor of shape [2] was changed through a view of its elements");
}

TEST_CASE("a graph of reals is drawn and trained likewise") {
  ddx::tape tape;
  std::vector<ddx::real> const at = tape.inputs(std::vector{0.5, -1.0});
  ddx::real const value = pow(at[0] - 1, 2) + pow(at[1] + at[0], 2);
  auto const g = tape.graph(value, at, std::vector<std::string>{"p", "q"});
  auto p = tensor(0.5), q = tensor(-1.);
  ddx::graph_stepper step(g.view(), {"p", "q"}, ddx::sgd{.lr = 0.2});
  auto const report = ddx::fit([&] { return step({{"p", p}, {"q", q}}); }, {.stop = ddx::stop::epochs(200)});
  CHECK(report.epochs.front().loss == Approx(0.5));
  CHECK(p.item() == Approx(1));
  CHECK(q.item() == Approx(-1));
  CHECK(ddx::print_dot_at(g.view(), {{"p", 0.5}, {"q", -1.0}}).find("gradient -2") != std::string::npos);
  CHECK(complaint([&] { step({{"p", p}}); }) == "ddx::graph_stepper: there is no value for q");
  CHECK(complaint([&] { ddx::graph_stepper(g.view(), {"r"}, ddx::sgd{}); }) ==
        "ddx::graph_stepper: the graph has no input r");
}

}  // namespace
