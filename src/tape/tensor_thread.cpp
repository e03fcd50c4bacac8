// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A thread enters; what its operations on tensors share leaves. A file of its own: where compilers see what is looked up they look it up
// again in each function that it is passed to.
#include "tensor_cell.hpp"

namespace ddx::detail {

thread_state& on_thread() {
  static constinit thread_local thread_state state{};
  return state;
}

}  // namespace ddx::detail
