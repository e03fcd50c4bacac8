// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A scope enters; in it the first NaN or infinity of reals or tensors is an error that tells where it came from.
#pragma once

namespace ddx {

/// While one lives, each statement of reals that this thread records and each operation on tensors, which then is computed at
/// once, is looked at, forward and in backward passes. The first one that gives a NaN or an infinity throws error with the
/// operation, the values of its operands, and the place in the program:
///
///     ddx::detect_anomaly: sqrt(-1) is nan, at main.cpp:12
///     ddx::detect_anomaly: log(tensor([0., 1.])) is tensor([-inf, 0.]), at main.cpp:12
///     ddx::detect_anomaly: the derivative of sqrt(0) by operand 1 times the adjoint is inf, at main.cpp:12
///
/// Backward passes tell the place of the operation that is walked back over. Compound assignments and functions of three
/// operands do not know theirs: reals tell the statement before, tensors nothing. Slow: for finding faults.
class detect_anomaly {
 public:
  detect_anomaly();
  ~detect_anomaly();
  detect_anomaly(detect_anomaly const&) = delete;
  detect_anomaly& operator=(detect_anomaly const&) = delete;
};

}  // namespace ddx
