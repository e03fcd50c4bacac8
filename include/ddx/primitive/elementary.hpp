// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Records of all functions of numbers, from powers to special functions.
#pragma once

#include "special.hpp"
