// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A name enters; the same name leaves, for good: graphs have views of names only.
#pragma once

#include <string>
#include <string_view>

namespace ddx::detail {

std::string_view kept_name(std::string const& name);

}  // namespace ddx::detail
