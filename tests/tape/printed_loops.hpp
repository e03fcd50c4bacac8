// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// What print_cpp_loops writes for the loss of tensor_graph.cpp and its gradient.
// clang-format off: as it is printed
inline void printed_gradient(std::size_t n, std::size_t d, double const* X, double const* w, double b, double const* y, double* result1, double* result2, double* result3, double* result4, double* result5) {
  std::vector<double> t1(n);
  for (std::size_t i_n = 0; i_n < n; ++i_n) {
    double total = 0;
    for (std::size_t i_d = 0; i_d < d; ++i_d)
      total += w[i_d]*X[i_n*d + i_d];
    t1[i_n] = total;
  }
  std::vector<double> t2(n);
  for (std::size_t i_n = 0; i_n < n; ++i_n)
    t2[i_n] = 0.25*t1[i_n] + b;
  std::vector<double> t3(n);
  for (std::size_t i_n = 0; i_n < n; ++i_n)
    t3[i_n] = std::exp(-std::abs(t2[i_n]));
  double t4 = 1/double(n);
  double t5 = 0;
  for (std::size_t i_n = 0; i_n < n; ++i_n)
    t5 += std::max(t2[i_n], 0.0) + std::log1p(t3[i_n]) - y[i_n]*t2[i_n];
  double t6 = 0;
  for (std::size_t i_d = 0; i_d < d; ++i_d)
    t6 += std::pow(w[i_d], 2);
  double t7 = -1/double(n);
  std::vector<double> t8(n);
  for (std::size_t i_n = 0; i_n < n; ++i_n)
    t8[i_n] = (t2[i_n] >= 0.0 ? 1.0 : t3[i_n])/(1 + t3[i_n])*t4 + y[i_n]*t7;
  double t9 = 0;
  for (std::size_t i_n = 0; i_n < n; ++i_n)
    t9 += t8[i_n];
  std::vector<double> t10(d);
  for (std::size_t i_d = 0; i_d < d; ++i_d) {
    double total = 0;
    for (std::size_t i_n = 0; i_n < n; ++i_n)
      total += t8[i_n]*X[i_n*d + i_d];
    t10[i_d] = total;
  }
  result1[0] = t5*t4 + 0.25*t6;
  for (std::size_t i_n = 0; i_n < n; ++i_n)
    for (std::size_t i_d = 0; i_d < d; ++i_d)
      result2[i_n*d + i_d] = w[i_d]*t8[i_n]*0.25;
  for (std::size_t i_d = 0; i_d < d; ++i_d)
    result3[i_d] = 0.25*t10[i_d] + 0.5*w[i_d];
  result4[0] = t9;
  for (std::size_t i_n = 0; i_n < n; ++i_n)
    result5[i_n] = t2[i_n]*t7;
}
