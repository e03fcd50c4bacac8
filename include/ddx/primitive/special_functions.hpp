// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Special functions of numbers, in the compiled library: they never throw and set no global. What they return at poles
// and outside of their domains is told at their records, in special.hpp. C++ that ddx prints calls those that std
// lacks.
#pragma once

namespace ddx::special {

double erfinv(double x);
double erfcinv(double x);
double gamma(double x);
double lgamma(double x);
double digamma(double x);
double trigamma(double x);
double polygamma(double n, double x);
double beta(double x, double y);
double sph_bessel(double n, double x);
double j0(double x);
double j1(double x);
double jn(double n, double x);
double y0(double x);
double y1(double x);
double yn(double n, double x);
double i0(double x);
double i1(double x);
double in(double n, double x);

}  // namespace ddx::special
