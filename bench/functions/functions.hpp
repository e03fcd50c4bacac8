// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The standard functions: each with its data, a point, its value as a template on the type of numbers, which tools for
// derivatives take, and its value and gradient in plain loops, derived by hand.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <string_view>
#include <vector>

namespace bench {

using numbers = std::vector<double>;

/// Numbers between low and high that look random, the same everywhere.
inline numbers spread(std::size_t count, double low, double high, unsigned seed) {
  numbers result(count);
  std::uint64_t state = seed * 0x9E3779B97F4A7C15u + 1;
  for (double& v : result) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    v = low + (high - low) * static_cast<double>(state >> 11) * 0x1p-53;
  }
  return result;
}

/// The sum over neighbours of 100 (y - x^2)^2 + (1 - x)^2.
template <int size>
struct rosenbrock {
  static constexpr std::string_view kind = size == 2 ? "rosenbrock 2" : "rosenbrock 1000";
  numbers at = spread(size, -1.5, 1.5, 1);

  template <class T>
  T value(T const* x) const {
    T sum(0);
    for (int i = 0; i + 1 < size; ++i) {
      T const valley = x[i + 1] - x[i] * x[i], hill = 1.0 - x[i];
      sum += 100.0 * valley * valley + hill * hill;
    }
    return sum;
  }

  double gradient(double const* x, double* g) const {
    double sum = 0;
    g[0] = 0;
    for (int i = 0; i + 1 < size; ++i) {
      double const valley = x[i + 1] - x[i] * x[i], hill = 1 - x[i];
      sum += 100 * valley * valley + hill * hill;
      g[i] -= 400 * valley * x[i] + 2 * hill;
      g[i + 1] = 200 * valley;
    }
    return sum;
  }
};

/// The product of all elements.
struct speelpenning {
  static constexpr std::string_view kind = "speelpenning 1000";
  numbers at = spread(1000, 0.9, 1.1, 2);

  template <class T>
  T value(T const* x) const {
    T product(1);
    for (std::size_t i = 0; i < at.size(); ++i) product = product * x[i];
    return product;
  }

  /// The products before and behind each element, so that a zero does no harm.
  double gradient(double const* x, double* g) const {
    double before = 1, behind = 1;
    for (std::size_t i = 0; i < at.size(); ++i) {
      g[i] = before;
      before *= x[i];
    }
    for (std::size_t i = at.size(); i-- > 0;) {
      g[i] *= behind;
      behind *= x[i];
    }
    return before;
  }
};

/// The mean of log(1 + exp(-y x.w)) over 1000 rows x of 100 features, y = -1 or 1, by w.
struct logistic_regression {
  static constexpr std::string_view kind = "logistic regression 1000x100";
  static constexpr std::size_t n = 1000, d = 100;
  numbers x = spread(n * d, -1, 1, 3), y = [] {
    numbers result = spread(n, -1, 1, 4);
    for (double& v : result) v = v > 0 ? 1 : -1;
    return result;
  }();
  numbers at = spread(d, -0.5, 0.5, 5);

  template <class T>
  T value(T const* w) const {
    using std::exp, std::log1p;
    T sum(0);
    for (std::size_t i = 0; i < n; ++i) {
      T z(0);
      for (std::size_t k = 0; k < d; ++k) z += x[i * d + k] * w[k];
      sum += log1p(exp(-y[i] * z));
    }
    return sum / static_cast<double>(n);
  }

  double gradient(double const* w, double* g) const {
    double sum = 0;
    std::fill_n(g, d, 0.0);
    for (std::size_t i = 0; i < n; ++i) {
      double z = 0;
      for (std::size_t k = 0; k < d; ++k) z += x[i * d + k] * w[k];
      double const e = std::exp(-y[i] * z), slope = -y[i] * e / (1 + e) / static_cast<double>(n);
      sum += std::log1p(e);
      for (std::size_t k = 0; k < d; ++k) g[k] += slope * x[i * d + k];
    }
    return sum / static_cast<double>(n);
  }
};

/// The log-density of 1000 numbers under a normal distribution, by its mean and its deviation.
struct normal_log_density {
  static constexpr std::string_view kind = "normal log-pdf 1000";
  numbers x = spread(1000, -2, 3, 6);
  numbers at{0.25, 1.5};

  template <class T>
  T value(T const* p) const {
    using std::log;
    T sum(0);
    for (double v : x) {
      T const z = (v - p[0]) / p[1];
      sum += -0.5 * z * z;
    }
    return sum - static_cast<double>(x.size()) * (log(p[1]) + 0.5 * std::log(2 * std::numbers::pi));
  }

  double gradient(double const* p, double* g) const {
    double const scale = 1 / p[1], count = static_cast<double>(x.size());
    double sum = 0, squares = 0;
    for (double v : x) {
      double const z = (v - p[0]) * scale;
      sum += z;
      squares += z * z;
    }
    g[0] = sum * scale;
    g[1] = (squares - count) * scale;
    return -0.5 * squares - count * (std::log(p[1]) + 0.5 * std::log(2 * std::numbers::pi));
  }
};

/// log(sum(exp(x))) of 1000 numbers, without overflow.
struct log_sum_exp {
  static constexpr std::string_view kind = "logsumexp 1000";
  numbers at = spread(1000, -5, 5, 7);

  template <class T>
  T value(T const* x) const {
    using std::exp, std::log;
    std::size_t largest = 0;
    for (std::size_t i = 1; i < at.size(); ++i)
      if (x[largest] < x[i]) largest = i;
    T sum(0);
    for (std::size_t i = 0; i < at.size(); ++i) sum += exp(x[i] - x[largest]);
    return x[largest] + log(sum);
  }

  double gradient(double const* x, double* g) const {
    double const largest = *std::max_element(x, x + at.size());
    double sum = 0;
    for (std::size_t i = 0; i < at.size(); ++i) sum += g[i] = std::exp(x[i] - largest);
    double const scale = 1 / sum;
    for (std::size_t i = 0; i < at.size(); ++i) g[i] *= scale;
    return largest + std::log(sum);
  }
};

/// The price of a European call, by spot, strike, rate, volatility and years.
struct black_scholes {
  static constexpr std::string_view kind = "Black-Scholes";
  numbers at{100, 105, 0.03, 0.25, 0.75};

  template <class T>
  T value(T const* p) const {
    return price(p[0], p[1], p[2], p[3], p[4]);
  }

  template <class T>
  static T price(T const& s, T const& k, T const& r, T const& v, T const& t) {
    using std::erf, std::exp, std::log, std::sqrt;
    T const deviation = v * sqrt(t);
    T const d1 = (log(s / k) + (r + 0.5 * v * v) * t) / deviation;
    T const d2 = d1 - deviation;
    T const n1 = 0.5 * (1.0 + erf(d1 * (1 / std::numbers::sqrt2))),
            n2 = 0.5 * (1.0 + erf(d2 * (1 / std::numbers::sqrt2)));
    return s * n1 - k * exp(-r * t) * n2;
  }

  double gradient(double const* p, double* g) const { return greeks(p[0], p[1], p[2], p[3], p[4], g, 1); }

  /// With s phi(d1) = k exp(-r t) phi(d2), what is left of the chain rule is short.
  static double greeks(double s, double k, double r, double v, double t, double* g, std::size_t stride) {
    double const root = std::sqrt(t), deviation = v * root;
    double const d1 = (std::log(s / k) + (r + 0.5 * v * v) * t) / deviation, d2 = d1 - deviation;
    double const n1 = 0.5 * (1 + std::erf(d1 * (1 / std::numbers::sqrt2))),
                 n2 = 0.5 * (1 + std::erf(d2 * (1 / std::numbers::sqrt2)));
    double const discount = std::exp(-r * t), paid = k * discount * n2;
    double const density = s * std::exp(-0.5 * d1 * d1) * (std::numbers::inv_sqrtpi / std::numbers::sqrt2);
    g[0] = n1;
    g[stride] = -discount * n2;
    g[2 * stride] = t * paid;
    g[3 * stride] = density * root;
    g[4 * stride] = density * v / (2 * root) + r * paid;
    return s * n1 - paid;
  }
};

/// 1024 calls, priced together with all greeks: the sum of prices, and a row for each of the five arguments.
struct black_scholes_batch {
  static constexpr std::string_view kind = "Black-Scholes 1024";
  static constexpr std::size_t n = 1024;
  numbers at = [] {
    numbers result;
    for (auto const& [low, high] : {std::pair{80.0, 120.0}, {80.0, 120.0}, {0.0, 0.05}, {0.1, 0.5}, {0.1, 2.0}}) {
      numbers const part = spread(n, low, high, static_cast<unsigned>(11 + result.size()));
      result.insert(result.end(), part.begin(), part.end());
    }
    return result;
  }();

  template <class T>
  T value(T const* p) const {
    T sum(0);
    for (std::size_t i = 0; i < n; ++i)
      sum += black_scholes::price(p[i], p[n + i], p[2 * n + i], p[3 * n + i], p[4 * n + i]);
    return sum;
  }

  double gradient(double const* p, double* g) const {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i)
      sum += black_scholes::greeks(p[i], p[n + i], p[2 * n + i], p[3 * n + i], p[4 * n + i], g + i, n);
    return sum;
  }
};

/// The energy of a mixture of 50 fluids: sum(x log(x / (1 - b.x))) - x.A x / (sqrt(8) b.x) log((1 + (1 + sqrt 2) b.x) /
/// (1 + (1 - sqrt 2) b.x)).
struct helmholtz {
  static constexpr std::string_view kind = "Helmholtz 50";
  static constexpr std::size_t n = 50;
  static constexpr double plus = 1 + std::numbers::sqrt2, minus = 1 - std::numbers::sqrt2;
  numbers b = spread(n, 0.1, 0.5, 8);
  numbers a = [] {
    numbers result = spread(n * n, 0, 1, 9);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t k = 0; k < i; ++k) result[i * n + k] = result[k * n + i];
    return result;
  }();
  numbers at = spread(n, 0.01, 0.03, 10);

  template <class T>
  T value(T const* x) const {
    using std::log;
    T bx(0), quadratic(0), entropy(0);
    for (std::size_t i = 0; i < n; ++i) bx += b[i] * x[i];
    for (std::size_t i = 0; i < n; ++i) {
      T row(0);
      for (std::size_t k = 0; k < n; ++k) row += a[i * n + k] * x[k];
      quadratic += x[i] * row;
      entropy += x[i] * log(x[i] / (1.0 - bx));
    }
    T const quotient = (1.0 + plus * bx) / (1.0 + minus * bx);
    return entropy - quadratic / (std::sqrt(8.0) * bx) * log(quotient);
  }

  double gradient(double const* x, double* g) const {
    double bx = 0, mass = 0, quadratic = 0, entropy = 0;
    for (std::size_t i = 0; i < n; ++i) {
      bx += b[i] * x[i];
      mass += x[i];
    }
    double const root = std::sqrt(8.0), share = 1 / (root * bx),
                 quotient = std::log((1 + plus * bx) / (1 + minus * bx));
    double const rest = std::log(1 - bx);
    for (std::size_t i = 0; i < n; ++i) {
      double row = 0;
      for (std::size_t k = 0; k < n; ++k) row += a[i * n + k] * x[k];
      quadratic += x[i] * row;
      double const part = std::log(x[i]) - rest;
      entropy += x[i] * part;
      g[i] = part + 1 - 2 * row * share * quotient;
    }
    double const by_bx = mass / (1 - bx) + quadratic * share / bx * quotient -
                         quadratic * share * (plus / (1 + plus * bx) - minus / (1 + minus * bx));
    for (std::size_t i = 0; i < n; ++i) g[i] += by_bx * b[i];
    return entropy - quadratic * share * quotient;
  }
};

/// The log-likelihood of a mixture of 25 Gaussians for 1000 points of 10 coordinates, with a Wishart prior, as ADBench
/// has it. The arguments are the weights of the components, their means, the logarithms of the diagonals of their
/// factors and what is below.
struct mixture {
  static constexpr std::string_view kind = "GMM d10 k25 n1000";
  static constexpr std::size_t n = 1000, d = 10, k = 25, below = d * (d - 1) / 2;
  static constexpr std::size_t means = k, diagonals = means + k * d, lowers = diagonals + k * d,
                               count = lowers + k * below;
  static constexpr double gamma = 1;  // of the prior, with m = 0
  numbers x = spread(n * d, -1, 1, 20);
  numbers at = spread(count, -0.5, 0.5, 21);

  /// What does not depend on the arguments.
  static double constant() {
    double const freedom = d + 1.0;
    double gammas = 0.25 * static_cast<double>(d * (d - 1)) * std::log(std::numbers::pi);
    for (std::size_t j = 1; j <= d; ++j) gammas += std::lgamma(0.5 * (freedom + 1 - static_cast<double>(j)));
    double const prior = freedom * d * (std::log(gamma) - 0.5 * std::numbers::ln2) - gammas;
    return -static_cast<double>(n * d) * 0.5 * std::log(2 * std::numbers::pi) - static_cast<double>(k) * prior;
  }

  template <class T>
  static T log_sum(T const* terms) {
    using std::exp, std::log;
    std::size_t largest = 0;
    for (std::size_t c = 1; c < k; ++c)
      if (terms[largest] < terms[c]) largest = c;
    T sum(0);
    for (std::size_t c = 0; c < k; ++c) sum += exp(terms[c] - terms[largest]);
    return terms[largest] + log(sum);
  }

  template <class T>
  T value(T const* p) const {
    using std::exp;
    std::vector<T> scale(k * d), logs(k), terms(k);
    T prior(0);
    for (std::size_t c = 0; c < k; ++c) {
      T sum(0);
      for (std::size_t i = 0; i < d; ++i) {
        sum += p[diagonals + c * d + i];
        scale[c * d + i] = exp(p[diagonals + c * d + i]);
        prior += scale[c * d + i] * scale[c * d + i];
      }
      for (std::size_t i = 0; i < below; ++i) prior += p[lowers + c * below + i] * p[lowers + c * below + i];
      logs[c] = p[c] + sum;
    }
    T total(0);
    for (std::size_t row = 0; row < n; ++row) {
      for (std::size_t c = 0; c < k; ++c) {
        T away[d], turned[d];
        for (std::size_t i = 0; i < d; ++i) away[i] = x[row * d + i] - p[means + c * d + i];
        for (std::size_t i = 0; i < d; ++i) turned[i] = scale[c * d + i] * away[i];
        T const* lower = p + lowers + c * below;
        for (std::size_t i = 0; i < d; ++i)
          for (std::size_t j = i + 1; j < d; ++j) turned[j] += *lower++ * away[i];
        T squares(0);
        for (std::size_t i = 0; i < d; ++i) squares += turned[i] * turned[i];
        terms[c] = logs[c] - 0.5 * squares;
      }
      total += log_sum(terms.data());
    }
    return total - static_cast<double>(n) * log_sum(p) + 0.5 * gamma * gamma * prior + constant();
  }

  double gradient(double const* p, double* g) const {
    std::fill_n(g, count, 0.0);
    double scale[k * d], logs[k], terms[k], turned[k * d], total = 0, prior = 0;
    for (std::size_t c = 0; c < k; ++c) {
      logs[c] = p[c];
      for (std::size_t i = 0; i < d; ++i) {
        logs[c] += p[diagonals + c * d + i];
        double const e = scale[c * d + i] = std::exp(p[diagonals + c * d + i]);
        prior += e * e;
        g[diagonals + c * d + i] = gamma * gamma * e * e;
      }
      for (std::size_t i = 0; i < below; ++i) {
        double const l = p[lowers + c * below + i];
        prior += l * l;
        g[lowers + c * below + i] = gamma * gamma * l;
      }
    }
    for (std::size_t row = 0; row < n; ++row) {
      double const* const point = x.data() + row * d;
      for (std::size_t c = 0; c < k; ++c) {
        double* const t = turned + c * d;
        double const *const mean = p + means + c * d, *lower = p + lowers + c * below;
        for (std::size_t i = 0; i < d; ++i) t[i] = scale[c * d + i] * (point[i] - mean[i]);
        for (std::size_t i = 0; i < d; ++i)
          for (std::size_t j = i + 1; j < d; ++j) t[j] += *lower++ * (point[i] - mean[i]);
        double squares = 0;
        for (std::size_t i = 0; i < d; ++i) squares += t[i] * t[i];
        terms[c] = logs[c] - 0.5 * squares;
      }
      double const all = log_sum(terms);
      total += all;
      for (std::size_t c = 0; c < k; ++c) {
        double const share = std::exp(terms[c] - all);
        double const *const t = turned + c * d, *const mean = p + means + c * d, *lower = p + lowers + c * below;
        double* by_lower = g + lowers + c * below;
        g[c] += share;
        for (std::size_t i = 0; i < d; ++i) {
          double const away = point[i] - mean[i], s = scale[c * d + i];
          double by_away = t[i] * s;
          g[diagonals + c * d + i] += share * (1 - t[i] * away * s);
          for (std::size_t j = i + 1; j < d; ++j) {
            by_away += t[j] * *lower++;
            *by_lower++ -= share * t[j] * away;
          }
          g[means + c * d + i] += share * by_away;
        }
      }
    }
    double const all = log_sum(p);
    for (std::size_t c = 0; c < k; ++c) g[c] -= static_cast<double>(n) * std::exp(p[c] - all);
    return total - static_cast<double>(n) * all + 0.5 * gamma * gamma * prior + constant();
  }
};

/// Calls `f` with the function that a race is about, where it is one of these.
template <class Race, class Function>
bool with_function(Race const& r, Function f) {
  auto const as = [&]<class Problem>(Problem const*) {
    auto const* const p = r.template get<Problem>();
    if (p) f(*p);
    return p != nullptr;
  };
  return as(static_cast<rosenbrock<2>*>(nullptr)) || as(static_cast<rosenbrock<1000>*>(nullptr)) ||
         as(static_cast<speelpenning*>(nullptr)) || as(static_cast<logistic_regression*>(nullptr)) ||
         as(static_cast<normal_log_density*>(nullptr)) || as(static_cast<log_sum_exp*>(nullptr)) ||
         as(static_cast<black_scholes*>(nullptr)) || as(static_cast<black_scholes_batch*>(nullptr)) ||
         as(static_cast<helmholtz*>(nullptr)) || as(static_cast<mixture*>(nullptr));
}

/// The second derivatives of Rosenbrock's function of two and of Black and Scholes' price.
template <class Function>
struct hessian_of {
  static constexpr std::string_view kind =
      std::string_view(Function::kind) == "Black-Scholes" ? "Hessian of Black-Scholes" : "Hessian of Rosenbrock 2";
  Function f{};
};

}  // namespace bench
