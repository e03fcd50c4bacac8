// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Programs are recorded; that the tape's sweeps, replays, checkpoints and graphs are right, and its memory bounded, is
// checked.
#include <catch2/catch.hpp>
#include <cmath>
#include <ddx/error.hpp>
#include <ddx/print/print.hpp>
#include <ddx/tape/tape.hpp>
#include <malloc.h>
#include <memory>
#include <random>
#include <thread>
#include <vector>

namespace {

using ddx::real;
using vector = std::vector<double>;
using reals = std::vector<real>;

template <class Number>
Number rosenbrock(std::vector<Number> const& x) {
  Number total = 0;
  for (std::size_t i = 0; i + 1 < x.size(); ++i) {
    Number const valley = x[i + 1] - x[i] * x[i], hill = 1 - x[i];
    total += 100 * valley * valley + hill * hill;
  }
  return total;
}

TEST_CASE("gradient and hessian of Rosenbrock's function of two") {
  ddx::tape tape;
  reals const x = tape.inputs(vector{-1.2, 1.0});
  real const f = rosenbrock(x);
  CHECK(f.value() == Approx(24.2));
  auto const g = tape.gradient(f, x);
  CHECK(g[0] == Approx(-215.6));
  CHECK(g[1] == Approx(-88.0));
  auto const h = tape.hessian(f, x);
  CHECK(h[0][0] == Approx(1330.0));
  CHECK(h[0][1] == Approx(480.0));
  CHECK(h[1][0] == Approx(480.0));
  CHECK(h[1][1] == Approx(200.0));
  auto const hv = tape.hvp(f, x, vector{2, -1});
  CHECK(hv[0] == Approx(2180.0));
  CHECK(hv[1] == Approx(760.0));
}

TEST_CASE("several outputs and sweeps: jacobian, jvp and vjp agree") {
  ddx::tape tape;
  reals const x = tape.inputs(vector{0.5, 2.0, -1.0});
  reals const y{real(x[0] * x[1]), real(sin(x[2]) + x[0]), real(7.0), real(exp(x[0] * x[2]))};
  auto const j = tape.jacobian(y, x);
  std::vector<vector> const expected{
      {2, 0.5, 0}, {1, 0, std::cos(-1.0)}, {0, 0, 0}, {-std::exp(-0.5), 0, 0.5 * std::exp(-0.5)}};
  for (std::size_t row = 0; row < 4; ++row)
    for (std::size_t column = 0; column < 3; ++column) CHECK(j[row][column] == Approx(expected[row][column]));
  auto const wide = tape.jacobian(std::vector{y[0], y[1]}, x);
  CHECK(wide[1][2] == Approx(std::cos(-1.0)));
  auto const jvp = tape.jvp(y, x, vector{1, 2, 3});
  for (std::size_t row = 0; row < 4; ++row)
    CHECK(jvp[row] == Approx(expected[row][0] + 2 * expected[row][1] + 3 * expected[row][2]));
  auto const vjp = tape.vjp(y, vector{1, 2, 3, 4}, x);
  for (std::size_t column = 0; column < 3; ++column)
    CHECK(vjp[column] == Approx(expected[0][column] + 2 * expected[1][column] + 4 * expected[3][column]));
  CHECK(tape.gradient(y[0], x)[0] == 2);
  CHECK(tape.gradient(y[0], x)[0] == 2);
}

TEST_CASE("derivatives by numbers in the middle of a program, in any order and twice") {
  ddx::tape tape;
  real const x = tape.input(2);
  real const u = x * x, v = u * x, y = v * u;
  auto const g = tape.gradient(y, reals{u, x, v, x, y});
  CHECK(g == vector{4 * 2 + 8, 5 * 16, 4, 5 * 16, 1});
  CHECK(tape.gradient(u, v) == 0);
  CHECK(tape.gradient(y, x) == 80);
  CHECK(tape.jvp(reals{y}, reals{u}, vector{1})[0] == 16);
}

TEST_CASE("sums over loops, whose parts are used again") {
  ddx::tape tape;
  reals const x = tape.inputs(vector{0.5, -1.0, 2.0});
  real sum = x[2], half = 0;  // a statement that follows an input, and one in which nothing is recorded before
  for (int i = 0; i < 4; ++i) {
    sum += 2.0 * x[0];
    sum = sum * x[1];
    if (i == 1) half = sum;
    sum = 3.0 - sum + sum * x[0] * half;
    half += x[0];
  }
  real const y = sum * half + half;
  auto const program = [](auto const& at) {
    std::remove_cvref_t<decltype(at[0])> total = at[2], part = 0;
    for (int i = 0; i < 4; ++i) {
      total = (total + 2.0 * at[0]) * at[1];
      if (i == 1) part = total;
      total = 3.0 - total + total * at[0] * part;
      part = part + at[0];
    }
    return total * part + part;
  };
  vector at{0.5, -1.0, 2.0};
  auto const check = [&](real const& result) {
    CHECK(tape.value(result) == Approx(program(at)));
    auto const g = tape.gradient(result, x), seeded = tape.vjp(reals{result}, vector{-2}, x);
    auto const h = tape.hessian(result, x);
    for (std::size_t i = 0; i < at.size(); ++i) {
      auto up = at, down = at;
      up[i] += 1e-5, down[i] -= 1e-5;
      CHECK(g[i] == Approx((program(up) - program(down)) / 2e-5).epsilon(1e-7));
      CHECK(seeded[i] == -2 * g[i]);
      vector direction(3, 0.0);
      direction[i] = 1;
      CHECK(tape.jvp(reals{result}, x, direction)[0] == Approx(g[i]));
      for (std::size_t k = 0; k < at.size(); ++k) {
        up = down = at;
        up[k] += 1e-5, down[k] -= 1e-5;
        ddx::tape other;
        auto const slope = [&](vector const& point) {
          other.reset();
          reals const u = other.inputs(point);
          return other.gradient(real(program(u)), u[i]);
        };
        CHECK(h[i][k] == Approx((slope(up) - slope(down)) / 2e-5).epsilon(1e-6).margin(1e-8));
      }
    }
  };
  check(y);
  at = {-0.25, 1.5, 1.0};
  tape.replay(at);
  check(y);
  auto const mark = tape.here();
  real const z = y + 2.0 * x[0];
  CHECK(tape.gradient(z, x[2]) == tape.gradient(y, x[2]));
  tape.rewind(mark);
  real const again = y + 3.0 * x[0];  // follows what stands before the mark
  CHECK(tape.gradient(again, x[0]) == Approx(tape.gradient(y, x[0]) + 3));
  CHECK(tape.gradient(again, y) == 1);
}

TEST_CASE("what does not depend on the tape has derivatives 0, and cannot be differentiated by") {
  ddx::tape tape;
  real const x = tape.input(2);
  CHECK(tape.gradient(real(3), x) == 0);
  CHECK(tape.hessian(real(3), reals{x})[0][0] == 0);
  CHECK_THROWS_WITH(
      tape.gradient(x, real(3)),
      "ddx::tape::gradient: a number does not depend on the tape; make it with tape.input to differentiate by it");
  CHECK_THROWS_WITH(tape.jvp(reals{x}, reals{x}, vector{1, 2}), "ddx::tape::jvp: 2 slopes are given for 1 numbers");
}

TEST_CASE("passive numbers among the operands are constants") {
  ddx::tape tape;
  real const x = tape.input(2);
  real const c = 5, d = 7;
  real const y = c * x * d + c;
  CHECK(y.value() == 75);
  CHECK(tape.gradient(y, x) == 35);
  tape.replay(vector{3});
  CHECK(tape.value(y) == 110);
}

TEST_CASE("a replay computes the program for other inputs") {
  ddx::tape tape;
  reals const x = tape.inputs(vector{-1.2, 1.0, 0.7});
  real const f = rosenbrock(x);
  for (vector const& at : {vector{1, 1, 1}, vector{0.3, -0.4, 2}, vector{-1.2, 1.0, 0.7}}) {
    tape.replay(at);
    CHECK(tape.value(f) == Approx(rosenbrock(at)));
    ddx::tape fresh;
    reals const again = fresh.inputs(at);
    CHECK(tape.gradient(f, x) == fresh.gradient(rosenbrock(again), again));
  }
  CHECK(f.value() == Approx(rosenbrock(vector{-1.2, 1.0, 0.7})));
  CHECK_THROWS_WITH(tape.replay(vector{1}), "ddx::tape::replay: the tape has 3 inputs, but 1 values are given");
}

TEST_CASE("loops are replayed again and again, whatever their statements read of this time and of the time before") {
  std::mt19937 random(17);
  for (int trial = 0; trial < 60; ++trial) {
    auto const seed = random();
    auto const program = [&](auto const& x) {
      using number = std::remove_cvref_t<decltype(x[0])>;
      std::vector<number> known{x[0], x[1], 0.25}, all;
      std::mt19937 choose(seed);
      std::size_t const statements = 2 + choose() % 5;
      struct part {
        unsigned kind;
        std::size_t left, right, to;
        int count;
      };
      std::vector<part> body;
      for (std::size_t i = 0; i < statements; ++i) {
        known.push_back(0.5);
        body.push_back({static_cast<unsigned>(choose() % 5), choose() % (statements + 3), choose() % (statements + 3),
                        3 + choose() % statements,
                        trial % 4 == 0      ? 24
                        : choose() % 4 == 0 ? 2
                                            : 1});
      }
      for (int time = 0; time < 300; ++time) {
        for (part const& p : body)
          for (int k = 0; k < p.count; ++k) {
            number const a = known[p.left], b = known[p.right];
            if (p.kind == 0) known[p.to] = a * 0.5 + b * 0.25;
            if (p.kind == 1) known[p.to] = 0.125 * time - a * b * 0.0625;
            if (p.kind == 2) known[p.to] += 0.5 * a - known[p.to] * 0.75;
            if (p.kind == 3) known[p.to] = sin(a) + b * x[2];
            if (p.kind == 4) known[p.to] = a / (2 + b * b);
          }
        if (time == 200 && seed % 8 == 0 && known[3] < -1e9) return all;
      }
      all = known;
      return all;
    };
    ddx::tape tape;
    reals const x = tape.inputs(vector{0.3, -0.6, 0.4}), y = program(x);
    for (vector const& at :
         {vector{0.1, 0.7, -0.3}, vector{-0.2, 0.5, 0.25}, vector{0.9, -0.8, 0.1}, vector{0.3, -0.6, 0.4}}) {
      tape.replay(at);
      ddx::tape fresh;
      reals const u = fresh.inputs(at), v = program(u);
      for (std::size_t i = 0; i < y.size(); ++i) {
        if (!y[i].recorded()) continue;
        CHECK(tape.value(y[i]) == v[i].value());
        CHECK(tape.gradient(y[i], x) == fresh.gradient(v[i], u));
      }
    }
  }
}

TEST_CASE("inputs may be made at any time, asked for in any order, and rewound") {
  ddx::tape tape;
  real const a = tape.input(2), b = tape.input(3);
  auto const start = tape.here();
  real const c = tape.input(5), u = a * b, d = tape.input(7);
  real const y = u * c + d * d * a;
  CHECK(tape.gradient(y, reals{d, a, c, a, u, b}) == vector{28, 15 + 49, 6, 15 + 49, 5, 10});
  CHECK(tape.gradient(y, reals{b, a, b}) == vector{10, 15 + 49, 10});
  CHECK(tape.gradient(b, reals{b, a, c}) == vector{1, 0, 0});
  CHECK(tape.gradient(a, reals{b, a}) == vector{0, 1});
  tape.replay(vector{1, 2, 3, 4});
  CHECK(tape.value(y) == 6 + 16);
  CHECK(tape.gradient(y, reals{a, b, c, d}) == vector{6 + 16, 3, 2, 8});
  CHECK(tape.statistics().inputs == 4);
  tape.rewind(start);
  CHECK(tape.statistics().inputs == 2);
  real const e = tape.input(4), z = e * a;
  CHECK_THROWS_AS(tape.replay(vector{1, 2, 3, 4}), ddx::error);
  tape.replay(vector{6, 7, 8});
  CHECK(tape.value(z) == 48);
  CHECK(tape.gradient(z, reals{e, b, a}) == vector{6, 0, 8});
  tape.reset();
  CHECK_THROWS_AS(tape.gradient(z, reals{a}), ddx::error);
  real const f = tape.input(3);
  CHECK(tape.gradient(real(f * f), f) == 6);
}

TEST_CASE("a replay that would take another branch is refused and changes nothing") {
  ddx::tape tape;
  reals const x = tape.inputs(vector{1, 2});
  real y = x[0] * x[1];
  if (y < 3) y = y * y;
  real const z = y + 1;
  CHECK_THROWS_WITH(tape.replay(vector{2, 2}),
                    "ddx::tape::replay: the program would go another way: less(4, 3) was true when it was recorded; "
                    "record it again for these "
                    "inputs");
  CHECK(tape.value(z) == 5);
  CHECK(tape.values(x) == vector{1, 2});
  CHECK(tape.gradient(z, x) == vector{8, 4});
  tape.replay(vector{0.5, 4});
  CHECK(tape.gradient(z, x) == vector{16, 2});
}

TEST_CASE("a conversion to a whole number steers the program too") {
  ddx::tape tape;
  real const x = tape.input(2.5);
  int const count = static_cast<int>(x);
  real y = 1;
  for (int i = 0; i < count; ++i) y *= x;
  CHECK(tape.gradient(y, x) == 5);
  tape.replay(vector{2.75});
  CHECK(tape.gradient(y, x) == 5.5);
  CHECK_THROWS_AS(tape.replay(vector{3.5}), ddx::error);
}

TEST_CASE("rewinding bounds memory and keeps what was recorded before") {
  ddx::tape tape;
  reals const x = tape.inputs(vector{1, 2});
  real const base = x[0] * x[1];
  auto const mark = tape.here();
  double total = 0;
  real left;
  for (int i = 1; i <= 50; ++i) {
    real y = base;
    for (int k = 0; k < i; ++k) y = y + base * x[0];
    total += tape.gradient(y, x)[1];
    left = y;
    tape.rewind(mark);
    CHECK_THROWS_AS(real(y * 2), ddx::error);
  }
  CHECK(total == 50 + 50 * 51 / 2);
  CHECK(tape.statistics().statements == 3);
  CHECK_THROWS_AS(tape.gradient(left, x), ddx::error);
  CHECK(tape.gradient(base, x) == vector{2, 1});
  tape.reset();
  CHECK_THROWS_WITH(
      tape.rewind(mark),
      "ddx::tape::rewind: the mark was made on another tape, or on a part that was rewound or reset since");
}

TEST_CASE("marks within marks") {
  ddx::tape tape;
  real const x = tape.input(2);
  auto const outer = tape.here();
  real const u = x * x;
  auto const inner = tape.here();
  real const v = u * x;
  tape.rewind(inner);
  CHECK_THROWS_AS(real(v * 2), ddx::error);
  real const w = u * u;
  CHECK(tape.gradient(w, x) == 32);
  tape.rewind(outer);
  CHECK_THROWS_AS(real(u * 2), ddx::error);
  CHECK_THROWS_AS(tape.rewind(inner), ddx::error);
  CHECK(tape.gradient(real(x * 3), x) == 3);
}

TEST_CASE("a tape is used again in the same memory") {
  ddx::tape tape;
  std::size_t bytes = 0;
  for (int round = 0; round < 100; ++round) {
    tape.reset();
    reals const x = tape.inputs(vector(50, 0.5));
    CHECK(tape.gradient(rosenbrock(x), x).size() == 50);
    if (round == 1) bytes = tape.statistics().reserved_bytes;
    if (round > 1) CHECK(tape.statistics().reserved_bytes == bytes);
  }
}

TEST_CASE("tapes within tapes: the last one made records, and the one before it after its end") {
  ddx::tape outer;
  real const x = outer.input(3);
  real y = x * x;
  {
    ddx::tape inner;
    real const u = inner.input(y.value());
    CHECK(inner.gradient(real(u * u), u) == 18);
    CHECK_THROWS_AS(real(x * u), ddx::error);
    CHECK(outer.gradient(y, x) == 6);
  }
  y = y * x;
  CHECK(outer.gradient(y, x) == 27);
}

TEST_CASE("tapes end in any order and may be moved") {
  auto first = std::make_unique<ddx::tape>();
  real const x = first->input(3);
  auto second = std::make_unique<ddx::tape>();
  real const u = second->input(5);
  ddx::tape moved = std::move(*first);
  first.reset();
  CHECK(second->gradient(real(u * u), u) == 10);
  second.reset();
  real const y = x * x;
  CHECK(moved.gradient(y, x) == 6);
  ddx::tape again;
  again = std::move(moved);
  CHECK(again.gradient(real(y * x), x) == 27);
  CHECK_THROWS_WITH(moved.input(1), "ddx::tape::input: the tape was moved from");
}

TEST_CASE("each thread has its tape") {
  ddx::tape tape;
  real const x = tape.input(2);
  std::vector<double> results(8);
  std::vector<std::thread> threads;
  bool refused = false;
  for (std::size_t i = 0; i < results.size(); ++i)
    threads.emplace_back([&, i] {
      ddx::tape own;
      real const a = own.input(static_cast<double>(i));
      real sum = 0;
      for (int k = 0; k < 2000; ++k) sum += a * a + 1.0 * k;
      results[i] = own.gradient(sum, a);
      try {
        static_cast<void>(real(x * a));
      } catch (ddx::error const&) {
        if (i == 0) refused = true;
      }
    });
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < results.size(); ++i) CHECK(results[i] == 4000.0 * static_cast<double>(i));
  CHECK(refused);
  CHECK(tape.gradient(real(x * x), x) == 4);
}

TEST_CASE("a tape that another thread ends leaves this one to go on") {
  auto tape = std::make_unique<ddx::tape>();
  real const x = tape->input(2);
  std::thread([ended = std::move(tape)]() mutable { ended.reset(); }).join();
  ddx::tape next;
  real const y = next.input(3);
  CHECK(next.gradient(real(y * y), y) == 6);
  CHECK_THROWS_AS(real(x * y), ddx::error);
}

TEST_CASE("a chain of ten million statements takes no stack") {
  ddx::tape tape;
  real const x = tape.input(1);
  real y = x;
  for (int i = 0; i < 10000000; ++i) y = y * 1.0000001;
  CHECK(tape.gradient(y, x) == Approx(std::exp(1.0)).epsilon(1e-6));
  CHECK(tape.value(y) == y.value());
  tape.replay(vector{2});
  CHECK(tape.value(y) == Approx(2 * y.value()));
}

TEST_CASE("a million tapes leave no memory behind") {
  double sum = 0;
  auto const use = [&](int count) {
    for (int i = 0; i < count; ++i) {
      ddx::tape tape;
      real const x = tape.input(1), y = exp(x * x) * x;
      sum += tape.gradient(y, x);
      tape.rewind(tape.here());
      if (i % 1000 != 0) continue;
      tape.reset();
      real const again = tape.input(2);
      sum += tape.hessian(real(again * again), std::vector{again})[0][0];
    }
  };
  use(1000);  // codes and buffers of the thread
  auto const before = mallinfo2().uordblks;
  use(1000000);
  CHECK(mallinfo2().uordblks <= before + 4096);
  CHECK(sum == Approx(1001000 * 3 * std::exp(1.0) + 2 * 1001));
}

TEST_CASE("a recording is printed as a formula") {
  ddx::tape tape;
  reals const x = tape.inputs(vector{2, 3});
  real const u = x[0] * x[0];
  real const y = u + sin(x[1]) * u;
  ddx::graph const g = tape.graph(y, x, std::vector<std::string>{"a", "b"});
  CHECK(ddx::print(g.view()) == "a^2 + a^2*sin(b)");
  CHECK(ddx::print(tape.graph(y, x).view()) == "x0^2 + x0^2*sin(x1)");
  ddx::graph const both = tape.graph(reals{y, u}, x);
  CHECK(ddx::print(both.view(), 1) == "x0^2");
  ddx::graph const by_u = tape.graph(y, reals{u, x[1]});
  CHECK(ddx::print(by_u.view()) == "x0 + x0*sin(x1)");
  CHECK_THROWS_WITH(tape.graph(y, x, std::vector<std::string>{"a"}),
                    "ddx::tape::graph: 1 names are given for 2 inputs");
  CHECK_THROWS_WITH(tape.graph(y, x, std::vector<std::string>{"a", "a"}), "ddx::tape::graph: two inputs are called a");
}

TEST_CASE("random programs: tape, replay and differences agree") {
  std::mt19937 random(5);
  for (int trial = 0; trial < 50; ++trial) {
    auto const seed = random();
    auto const program = [&](auto const& x) {
      using number = std::remove_cvref_t<decltype(x[0])>;
      std::mt19937 choose(seed);
      std::vector<number> known(x.begin(), x.end());
      for (int i = 0; i < 30; ++i) {
        number const a = known[choose() % known.size()], b = known[choose() % known.size()];
        using std::sin, std::tanh, std::exp, std::sqrt;
        switch (choose() % 6) {
          case 0: known.push_back(a * b + 0.5); break;
          case 1: known.push_back(sin(a - b)); break;
          case 2: known.push_back(tanh(a) / (2 + b * b)); break;
          case 3: known.push_back(exp(-a * a) - b); break;
          case 4: known.push_back(sqrt(1 + a * a) * 0.3 + b * 0.2); break;
          default: known.push_back(a < b ? number(a * 2) : number(b - a)); break;
        }
      }
      return known.back();
    };
    vector at{0.3, -0.6, 1.1};
    ddx::tape tape;
    reals const x = tape.inputs(at);
    real const y = program(x);
    CHECK(y.value() == Approx(program(at)).epsilon(1e-12));
    auto const g = tape.gradient(y, x);
    auto const h = tape.hessian(y, x);
    for (std::size_t i = 0; i < at.size(); ++i) {
      auto up = at, down = at;
      double const step = 1e-6;
      up[i] += step;
      down[i] -= step;
      CHECK(g[i] == Approx((program(up) - program(down)) / (2 * step)).epsilon(1e-5).margin(1e-7));
      for (std::size_t k = 0; k < at.size(); ++k) CHECK(h[i][k] == Approx(h[k][i]).margin(1e-12));
    }
    at = {0.3001, -0.6001, 1.1001};
    try {
      tape.replay(at);
      CHECK(tape.value(y) == Approx(program(at)).epsilon(1e-12));
    } catch (ddx::error const&) { CHECK(tape.value(y) == Approx(y.value())); }
  }
}

}  // namespace
