// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// A path and text enter; the file holds all of the text, or what it held before.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace ddx::command {

/// A name beside `path` for writing what is renamed to it when complete. It ends as `path` does.
std::filesystem::path beside(std::filesystem::path const& path);

/// Renames `from` to `to`, replacing it. Error: `to: cannot be written: why`; `from` is removed then.
void replace_file(std::filesystem::path const& from, std::filesystem::path const& to);

/// Writes `text` to a file beside `path`, then renames it. Error: `path: cannot be written: why`.
void write_file(std::filesystem::path const& path, std::string_view text);

/// Error, where the folder that `path` is to be in cannot take files: `folder: cannot be written into: why`.
void require_folder(std::filesystem::path const& path);

/// Makes a folder that files can be written into. Error: `folder: cannot be made: why` or `folder: cannot be written
/// into: why`.
void make_folder(std::filesystem::path const& folder);

}  // namespace ddx::command
