// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Fashion-MNIST and generated data enter; the races of the models A to D leave, with what a reference in double
// precision, derived by hand, says of them.
#include "races.hpp"

#include <ddx/data/fashion_mnist.hpp>

#include <array>
#include <cmath>

#include "problem.hpp"

namespace bench {

namespace {

using numbers = std::vector<double>;

struct images {
  std::ptrdiff_t rows = 0, features = 0;
  std::vector<std::uint8_t> x, y;
};

images head(ddx::data::dataset const& all, std::ptrdiff_t rows) {
  auto const set = ddx::data::shuffled(all, 1);
  images result{.rows = rows, .features = static_cast<std::ptrdiff_t>(set.features()), .x{}, .y{}};
  result.x.assign(set.images.begin(), set.images.begin() + rows * result.features);
  result.y.assign(set.labels.begin(), set.labels.begin() + rows);
  return result;
}

images pullovers_and_dresses(std::ptrdiff_t rows) {
  auto const train = ddx::data::fashion_mnist::load_train();
  return head(ddx::data::select_classes(train, std::array<std::uint8_t, 2>{2, 3}), rows);
}

template <class Elements>
Elements elements(std::vector<std::uint8_t> const& bytes, double scale) {
  Elements result;
  result.reserve(bytes.size());
  for (std::uint8_t byte : bytes) result.push_back(static_cast<typename Elements::value_type>(byte * scale));
  return result;
}

/// Weights of about `size` without a pattern, the same everywhere.
template <class Number>
std::vector<Number> weights(std::ptrdiff_t count, double size) {
  std::vector<Number> result;
  for (std::ptrdiff_t i = 0; i < count; ++i)
    result.push_back(static_cast<Number>(size * std::sin(static_cast<double>(i * i % 1009 + i))));
  return result;
}

template <class Number>
double tolerance() {
  return is_single<Number> ? 1e-3 : 1e-9;
}

double softplus(double z) { return std::max(z, 0.0) + std::log1p(std::exp(-std::abs(z))); }

template <class Element, class Number>
numbers reference(linear_problem<Element, Number> const& p, int steps) {
  numbers w(p.weights.begin(), p.weights.end());
  double b = p.bias, loss = 0;
  double const scale = std::is_same_v<Element, Number> ? 1.0 : 1 / 255.0;
  for (int step = 0; step < steps; ++step) {
    numbers gradient(w.size());
    double slope_sum = 0;
    loss = 0;
    for (std::ptrdiff_t i = 0; i < p.rows; ++i) {
      Element const* const row = p.x.data() + i * p.features;
      double z = b;
      for (std::size_t k = 0; k < w.size(); ++k) z += row[k] * scale * w[k];
      double const y = p.y[static_cast<std::size_t>(i)], slope = 1 / (1 + std::exp(-z)) - y;
      loss += softplus(z) - y * z;
      slope_sum += slope;
      for (std::size_t k = 0; k < w.size(); ++k) gradient[k] += slope * row[k] * scale;
    }
    double const factor = static_cast<double>(p.rate) / static_cast<double>(p.rows);
    for (std::size_t k = 0; k < w.size(); ++k) w[k] -= factor * gradient[k];
    b -= factor * slope_sum;
    loss /= static_cast<double>(p.rows);
  }
  travelled<double> result(loss, p.rate);
  result(numbers(p.weights.begin(), p.weights.end()), w.data())(static_cast<double>(p.bias), b);
  return result;
}

/// One reference for both networks: `slopes` turns a row's outputs into its loss and, in place, its slopes.
template <class Problem, class Slopes>
numbers network_reference(Problem const& p, std::ptrdiff_t outputs, numbers const& second_bias, int steps,
                          Slopes slopes) {
  using number = typename Problem::number;
  auto const d = static_cast<std::size_t>(p.features), h = static_cast<std::size_t>(p.hidden),
             k = static_cast<std::size_t>(outputs);
  numbers const first_0(p.first.begin(), p.first.end()), bias_0(p.first_bias.begin(), p.first_bias.end()),
      second_0(p.second.begin(), p.second.end());
  numbers first = first_0, bias = bias_0, second = second_0, last = second_bias;
  double loss = 0;
  for (int step = 0; step < steps; ++step) {
    numbers g_first(first.size()), g_bias(h), g_second(second.size()), g_last(k), hidden(h), back(h), z(k);
    loss = 0;
    for (std::ptrdiff_t i = 0; i < p.rows; ++i) {
      number const* const row = p.x.data() + i * p.features;
      hidden = bias;
      for (std::size_t a = 0; a < d; ++a)
        if (row[a] != 0)
          for (std::size_t j = 0; j < h; ++j) hidden[j] += static_cast<double>(row[a]) * first[a * h + j];
      for (double& v : hidden) v = std::max(v, 0.0);
      z = last;
      for (std::size_t j = 0; j < h; ++j)
        for (std::size_t c = 0; c < k; ++c) z[c] += hidden[j] * second[j * k + c];
      loss += slopes(i, z);
      for (std::size_t j = 0; j < h; ++j) {
        back[j] = 0;
        for (std::size_t c = 0; c < k; ++c) {
          back[j] += z[c] * second[j * k + c];
          g_second[j * k + c] += hidden[j] * z[c];
        }
        if (!(hidden[j] > 0)) back[j] = 0;
        g_bias[j] += back[j];
      }
      for (std::size_t c = 0; c < k; ++c) g_last[c] += z[c];
      for (std::size_t a = 0; a < d; ++a)
        if (row[a] != 0)
          for (std::size_t j = 0; j < h; ++j) g_first[a * h + j] += static_cast<double>(row[a]) * back[j];
    }
    double const factor = static_cast<double>(p.rate) / static_cast<double>(p.rows);
    auto const down = [factor](numbers& parameter, numbers const& gradient) {
      for (std::size_t i = 0; i < parameter.size(); ++i) parameter[i] -= factor * gradient[i];
    };
    down(first, g_first);
    down(bias, g_bias);
    down(second, g_second);
    down(last, g_last);
    loss /= static_cast<double>(p.rows);
  }
  return travelled<double>(loss, p.rate)(first_0, first.data())(bias_0, bias.data())(second_0, second.data())(
      second_bias, last.data());
}

template <class Number>
void describe(prepared_race& race, bool network) {
  race.r.suite = "step";
  race.r.baseline = "by hand, AVX2";
  race.r.checked_calls = 3;
  race.r.tolerance = network && is_single<Number> ? 5e-3 : tolerance<Number>();
  race.r.unit = "step";
  race.r.least.single = is_single<Number>;
}

void add(plan& p, std::string name, bool quick, std::function<prepared_race()> make) {
  p.push_back({"step", name, quick, [name, make = std::move(make)] {
                 prepared_race race = make();
                 race.r.name = name;
                 return race;
               }});
}

}  // namespace

template <class Number>
prepared_race network_race(std::ptrdiff_t rows) {
  auto const data = pullovers_and_dresses(rows);
  network_problem<Number> p{
      .rows = rows, .features = data.features, .hidden = 30, .x{}, .y{}, .first{}, .first_bias{}, .second{}};
  p.x = elements<lines<Number>>(data.x, 1 / 255.0);
  p.y = elements<std::vector<Number>>(data.y, 1);
  p.first = weights<Number>(p.features * p.hidden, 0.03);
  p.first_bias = weights<Number>(p.hidden, 0.1);
  p.second = weights<Number>(p.hidden, 0.2);
  auto result = about(std::move(p));
  auto const& made = *result.r.template get<network_problem<Number>>();
  result.r.expected =
      network_reference(made, 1, {static_cast<double>(made.second_bias)}, 3, [&](std::ptrdiff_t i, numbers& z) {
        double const y = static_cast<double>(made.y[static_cast<std::size_t>(i)]), loss = softplus(z[0]) - y * z[0];
        z[0] = 1 / (1 + std::exp(-z[0])) - y;
        return loss;
      });
  describe<Number>(result, true);
  result.r.least.footprint = sizeof(Number) * static_cast<double>(made.x.size() + 2 * made.first.size());
  return result;
}

template <class Number>
prepared_race classifier_race(std::ptrdiff_t rows) {
  auto const data = head(ddx::data::fashion_mnist::load_train(), rows);
  classifier_problem<Number> p{.rows = rows,
                               .features = data.features,
                               .hidden = 128,
                               .classes = 10,
                               .x{},
                               .labels{},
                               .one_hot{},
                               .first{},
                               .first_bias{},
                               .second{},
                               .second_bias{}};
  p.x = elements<lines<Number>>(data.x, 1 / 255.0);
  p.labels = data.y;
  p.one_hot.resize(static_cast<std::size_t>(rows * p.classes));
  for (std::ptrdiff_t i = 0; i < rows; ++i)
    p.one_hot[static_cast<std::size_t>(i * p.classes + p.labels[static_cast<std::size_t>(i)])] = 1;
  p.first = weights<Number>(p.features * p.hidden, 0.03);
  p.first_bias = weights<Number>(p.hidden, 0.1);
  p.second = weights<Number>(p.hidden * p.classes, 0.1);
  p.second_bias = weights<Number>(p.classes, 0.1);
  auto result = about(std::move(p));
  auto const& made = *result.r.template get<classifier_problem<Number>>();
  result.r.expected = network_reference(made, made.classes, numbers(made.second_bias.begin(), made.second_bias.end()),
                                        3, [&](std::ptrdiff_t i, numbers& z) {
                                          std::size_t const label = made.labels[static_cast<std::size_t>(i)];
                                          double const largest = *std::max_element(z.begin(), z.end()),
                                                       chosen = z[label];
                                          double total = 0;
                                          for (double v : z) total += std::exp(v - largest);
                                          double const all = largest + std::log(total);
                                          for (double& v : z) v = std::exp(v - all);
                                          z[label] -= 1;
                                          return all - chosen;
                                        });
  describe<Number>(result, true);
  result.r.least.footprint = sizeof(Number) * static_cast<double>(made.x.size() + 2 * made.first.size());
  return result;
}

template <class Element, class Number>
prepared_race linear_race(std::ptrdiff_t rows) {
  auto const data = pullovers_and_dresses(rows);
  linear_problem<Element, Number> p{.rows = rows, .features = data.features, .x{}, .y{}, .weights{}};
  p.x = elements<lines<Element>>(data.x, std::is_same_v<Element, Number> ? 1 / 255.0 : 1.0);
  p.y = elements<std::vector<Element>>(data.y, 1);
  p.weights = weights<Number>(p.features, 0.03);
  auto result = about(std::move(p));
  auto const& made = *result.r.template get<linear_problem<Element, Number>>();
  result.r.expected = reference(made, 3);
  describe<Number>(result, false);
  result.r.least.footprint = static_cast<double>(made.x.size() * sizeof(Element));
  return result;
}

template <class Number>
prepared_race square_race(std::ptrdiff_t size) {
  square_problem<Number> p{.x = weights<Number>(size, 1)};
  auto result = about(std::move(p));
  auto const& made = *result.r.template get<square_problem<Number>>();
  double const shrink = 1 - 2 * static_cast<double>(made.rate);
  double loss = 0;
  for (Number v : made.x) loss += std::pow(static_cast<double>(v) * shrink * shrink, 2);
  result.r.expected = {loss};
  for (Number v : made.x)
    result.r.expected.push_back(static_cast<double>(v) * (1 - shrink * shrink * shrink) /
                                static_cast<double>(made.rate));
  describe<Number>(result, false);
  result.r.calls_at_most = 1 << 14;  // from then on x would vanish, and its square be subnormal
  result.r.least.footprint = static_cast<double>(made.x.size() * sizeof(Number));
  result.r.least.in_place = true;
  return result;
}

template prepared_race linear_race<float, float>(std::ptrdiff_t);
template prepared_race linear_race<double, double>(std::ptrdiff_t);
template prepared_race linear_race<std::uint8_t, float>(std::ptrdiff_t);
template prepared_race network_race<float>(std::ptrdiff_t);
template prepared_race network_race<double>(std::ptrdiff_t);
template prepared_race classifier_race<float>(std::ptrdiff_t);
template prepared_race classifier_race<double>(std::ptrdiff_t);
template prepared_race square_race<float>(std::ptrdiff_t);
template prepared_race square_race<double>(std::ptrdiff_t);

void plan_step(plan& p) {
  for (std::ptrdiff_t const rows : {std::ptrdiff_t{12000}, std::ptrdiff_t{256}}) {
    std::string const name = "A " + std::to_string(rows);
    add(p, name + " float", true, [rows] { return linear_race<float, float>(rows); });
    add(p, name + " uint8", true, [rows] { return linear_race<std::uint8_t, float>(rows); });
    add(p, name + " double", true, [rows] { return linear_race<double, double>(rows); });
  }
  add(p, "B 256 float", true, [] { return network_race<float>(256); });
  add(p, "B 256 double", true, [] { return network_race<double>(256); });
  add(p, "C 256 float", true, [] { return classifier_race<float>(256); });
  add(p, "C 256 double", true, [] { return classifier_race<double>(256); });
  for (auto const& [size, label] :
       {std::pair<std::ptrdiff_t, char const*>{3, "3"}, {1000, "1e3"}, {100000, "1e5"}, {10000000, "1e7"}}) {
    add(p, std::string("D ") + label + " float", true, [elements = size] { return square_race<float>(elements); });
    add(p, std::string("D ") + label + " double", true, [elements = size] { return square_race<double>(elements); });
  }
}

}  // namespace bench
