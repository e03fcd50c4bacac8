// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// tape: a program on reals enters while it runs; gradients, jacobians, hessians and values at new inputs leave.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "functions.hpp"

namespace ddx {

/// What a tape holds.
struct tape_statistics {
  std::size_t inputs = 0;
  std::size_t statements = 0;  ///< the entries of the tape: inputs, constants, assignments, comparisons
  std::size_t operations = 0;  ///< the operations and functions in them
  std::size_t comparisons = 0;
  std::size_t bytes = 0;           ///< of the recording itself
  std::size_t reserved_bytes = 0;  ///< with the room to grow and for sweeps
};

/// Records what is computed with its inputs, from its construction to its end, on the thread that made it; where
/// several live there the last one made records. A tape may be moved, not copied. No operation allocates once the
/// memory has its size; sweeps are loops, so a chain of 10^8 statements takes no stack.
class tape {
 public:
  tape();

  /// A number to differentiate by.
  real input(double value) { return (state_ ? *state_ : state("ddx::tape::input")).input(value); }
  std::vector<real> inputs(std::span<double const> values);

  /// The derivatives of `output` by each of `by`, which may be inputs or any numbers computed from them, in one reverse
  /// sweep. The derivatives of a number that does not depend on the tape are 0. Throws error where a number is not of
  /// this tape.
  std::vector<double> gradient(real const& output, std::span<real const> by) const;
  double gradient(real const& output, real const& by) const;

  /// The same into the caller's memory, without allocation.
  void gradient_into(std::span<double> result, real const& output, std::span<real const> by) const;

  /// Row by row: the gradients of each output, by reverse sweeps or forward ones, whichever are fewer.
  std::vector<std::vector<double>> jacobian(std::span<real const> outputs, std::span<real const> by) const;

  /// The product of the jacobian and a direction: how the outputs move where `by` moves so. One forward sweep.
  std::vector<double> jvp(std::span<real const> outputs, std::span<real const> by,
                          std::span<double const> direction) const;

  /// The product of weights of the outputs and the jacobian: the gradient of their weighted sum. One reverse sweep.
  std::vector<double> vjp(std::span<real const> outputs, std::span<double const> weights,
                          std::span<real const> by) const;

  /// The product of the hessian of `output` and a direction, forward over reverse: two sweeps.
  std::vector<double> hvp(real const& output, std::span<real const> by, std::span<double const> direction) const;

  /// Row by row: the second derivatives of `output`, a product with each direction.
  std::vector<std::vector<double>> hessian(real const& output, std::span<real const> by) const;

  /// Computes the recording anew for other values of all inputs, in the order in which they were made. Derivatives are
  /// those at the new inputs from then on, and `value` tells the numbers. Throws error and changes nothing where a
  /// comparison or a conversion to a whole number would come out otherwise, since the program itself would have
  /// computed something else.
  void replay(std::span<double const> inputs);

  /// The value of a recorded number after the last replay; real::value() is that of the time when it was computed.
  double value(real const& number) const;
  std::vector<double> values(std::span<real const> numbers) const;

  /// A place to come back to.
  using mark = detail::mark;
  mark here() const;

  /// Takes everything back that was recorded after `to`; numbers of that part may not be used again.
  void rewind(mark const& to);

  /// Begins anew in the same memory: numbers of before, inputs too, may not be used again.
  void reset();

  /// The outputs as a graph of their own, with the inputs of `by` as variables called `names`, or x0, x1, … where there
  /// are none: ddx::print, print_cpp_function, print_dot and symbolic::from take it. Comparisons that steered the
  /// program are not part of it, other numbers are constants. Names stay valid until the program ends.
  ddx::graph graph(std::span<real const> outputs, std::span<real const> by,
                   std::span<std::string const> names = {}) const;
  ddx::graph graph(real const& output, std::span<real const> by, std::span<std::string const> names = {}) const;

  tape_statistics statistics() const;

 private:
  struct closing {
    void operator()(detail::recording* closed) const noexcept { detail::close_recording(closed); }
  };
  detail::recording& state(char const* caller) const;

  std::unique_ptr<detail::recording, closing> state_;
};

}  // namespace ddx
