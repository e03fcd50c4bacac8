// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The compiled library's part of tensors: handles of any element type enter and leave.
#pragma once

#include <functional>
#include <source_location>
#include <span>
#include <string>
#include <vector>

#include "tensor_handle.hpp"

namespace ddx::detail {

// ---- making
handle tensor_from(element_kind kind, shape const& sizes, void const* elements);
handle tensor_filled(element_kind kind, shape const& sizes, term const& number);
handle tensor_range(element_kind kind, term const& start, term const& end, term const& step);
handle tensor_linspace(element_kind kind, double start, double end, std::ptrdiff_t count);
handle tensor_identity(element_kind kind, std::ptrdiff_t rows, std::ptrdiff_t columns);
handle tensor_uniform(element_kind kind, shape const& sizes, std::uint64_t seed);
handle tensor_normal(element_kind kind, shape const& sizes, std::uint64_t seed);

// ---- looking
[[noreturn]] void refuse_moved_tensor();
shape const& tensor_shape(handle const& h);
std::ptrdiff_t tensor_extent(handle const& h, int axis, char const* name);
bool tensor_is_contiguous(handle const& h);
double tensor_item(handle const& h);
std::int64_t tensor_whole_item(handle const& h);
void const* tensor_elements(handle& h);  ///< contiguous: another handle where they were not
void* tensor_own_elements(handle const& h);
std::string tensor_text(handle const& h);
std::string tensor_grad_name(handle const& h);

// ---- views
handle tensor_reshape(handle const& h, shape sizes, char const* name = "reshape");
handle tensor_narrow(handle const& h, int axis, std::ptrdiff_t start, std::ptrdiff_t length, std::ptrdiff_t step = 1);
handle tensor_select(handle const& h, int axis, std::ptrdiff_t at);
handle tensor_permute(handle const& h, std::span<int const> axes);
handle tensor_transpose(handle const& h, int first, int second);
handle tensor_t(handle const& h);
handle tensor_unsqueeze(handle const& h, int axis);
handle tensor_squeeze(handle const& h, int axis);
handle tensor_squeeze_all(handle const& h);
handle tensor_expand(handle const& h, shape const& sizes, char const* name = "expand");
handle tensor_convert(handle const& h, element_kind kind);

// ---- reductions; no axes mean all; the place in the program is told where anomalies are detected
enum class reduction : int { sum, mean, max, min, prod, logsumexp, norm };
handle tensor_reduce(reduction kind, handle const& h, std::span<int const> axes, bool keep,
                     std::source_location const& where = {});
handle tensor_softmax(handle const& h, int axis, bool logarithm, std::source_location const& where = {});
handle tensor_where_largest(handle const& h, int axis, bool keep, bool smallest);

// ---- products and joins
handle tensor_matmul(handle const& a, handle const& b, std::source_location const& where = {});
handle tensor_mm(handle const& a, handle const& b, std::source_location const& where = {});
handle tensor_mv(handle const& a, handle const& b, std::source_location const& where = {});
handle tensor_dot(handle const& a, handle const& b, std::source_location const& where = {});
handle tensor_concatenate(std::span<handle const> parts, int axis);
handle tensor_stack(std::span<handle const> parts, int axis);
handle tensor_gather(handle const& h, int axis, handle const& at);
handle tensor_index_select(handle const& h, int axis, handle const& at);

// ---- changes in place; the name is the operation's in messages
void tensor_assign(handle const& h, handle value, char const* name);
void tensor_copy(handle const& h, handle const& value);
void tensor_fill(handle const& h, term const& number, char const* name);

// ---- gradients
void tensor_require_gradient(handle const& h, bool on);
bool tensor_requires_gradient(handle const& h);
bool tensor_is_leaf(handle const& h);
std::uint32_t tensor_version(handle const& h);
void tensor_backward(handle const& h, handle const& seed, bool retain_graph, bool create_graph);
std::vector<handle> tensor_gradients(handle const& h, std::span<handle const> by, handle const& seed, bool retain_graph,
                                     bool create_graph);
handle tensor_gradient(handle const& h);
bool tensor_has_gradient(handle const& h);
void tensor_set_gradient(handle const& h, handle const& gradient);
void tensor_forget_gradient(handle const& h);
void tensor_retain_gradient(handle const& h);
handle tensor_detach(handle const& h);
handle tensor_clone(handle const& h);
std::size_t tensor_add_hook(handle const& h, std::function<handle(handle const&)> hook);
void tensor_remove_hook(handle const& h, std::size_t number);

}  // namespace ddx::detail
