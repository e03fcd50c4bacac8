// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Operations on tensors enter while a tensor_tape lives; it remembers what they compute of the tensors declared to it.
#pragma once

#include "tensor_cell.hpp"

namespace ddx::detail {

/// Whether a tensor_tape lives on this thread.
inline bool tracing() { return on_thread().trace_tag != 0; }

// Each tells the tape what a result is. A result that no operation speaks of has no formula.
void trace_operation(handle const& result, tensor_operation const& op, term const* operands);
void trace_conversion(handle const& result, handle const& operand);
void trace_reduction(handle const& result, reduction kind, handle const& operand, unsigned axes, bool keep);
/// The product of vectors, matrices or batches of matrices, as tensor_matmul takes them.
void trace_product(handle const& result, handle const& a, handle const& b);
/// Axis i of the result is axis from[i] of the operand, or one of one element where that is -1.
void trace_axes(handle const& result, handle const& operand, std::span<int const> from);
void trace_reshape(handle const& result, handle const& operand);
void trace_expansion(handle const& result, handle const& operand);
/// A result without a formula, unless all operands are constants.
void trace_unknown(handle const& result, char const* name, std::span<handle const> operands);
/// The elements of `to` become those of `value`, whose trace was taken before.
void trace_assignment(cell& to, std::uint64_t value);

}  // namespace ddx::detail
