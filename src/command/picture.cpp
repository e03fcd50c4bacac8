// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// Numbers enter; gnuplot scripts go to gnuplot's standard input; pictures leave.
#include "picture.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <memory>
#include <system_error>

#include <fmt/format.h>

#include "write_file.hpp"

namespace ddx::command {
namespace {

// A text in single quotes, which gnuplot reads literally but for doubled quotes.
std::string quoted(std::string const& text) {
  std::string result = "'";
  for (char const c : text) result += c == '\'' ? "''" : std::string(1, c);
  return result + "'";
}

struct close_file {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// Runs gnuplot on a script. The script comes from an unnamed file: no shell, no pipe that could break. What it prints goes to `printed`
// where that is given.
std::optional<std::string> run_gnuplot(std::string const& script, std::FILE* printed = nullptr) {
  std::unique_ptr<std::FILE, close_file> const input(std::tmpfile());
  if (!input || std::fwrite(script.data(), 1, script.size(), input.get()) != script.size() ||
      std::fflush(input.get()) != 0 || std::fseek(input.get(), 0, SEEK_SET) != 0)
    return fmt::format("a temporary file cannot be written: {}", std::strerror(errno));

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, fileno(input.get()), STDIN_FILENO);
  if (printed) posix_spawn_file_actions_adddup2(&actions, fileno(printed), STDOUT_FILENO);
  else posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  char program[] = "gnuplot";
  char* arguments[] = {program, nullptr};
  pid_t child = 0;
  int const failure = posix_spawnp(&child, program, &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failure == ENOENT) return "gnuplot is not installed (Debian: gnuplot-nox)";
  if (failure != 0) return fmt::format("gnuplot cannot be started: {}", std::strerror(failure));
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return fmt::format("gnuplot was lost: {}", std::strerror(errno));
  if (status != 0) return "gnuplot failed";
  return std::nullopt;
}

std::optional<std::string> draw(std::filesystem::path const& path, std::string const& size,
                                std::string const& commands) {
  auto const part = std::filesystem::absolute(beside(path));
  auto failure =
      run_gnuplot(fmt::format("set terminal {} noenhanced size {} font 'sans,11'\nset output {}\n{}\nset output\n",
                              path.extension() == ".svg" ? "svg" : "pngcairo", size, quoted(part.string()), commands));
  if (failure) {
    std::error_code ignored;
    std::filesystem::remove(part, ignored);
    return failure;
  }
  replace_file(part, path);
  return std::nullopt;
}

std::string data_block(char const* name, std::span<double const> values) {
  std::string block = fmt::format("${} << end\n", name);
  for (std::size_t i = 0; i < values.size(); ++i) block += fmt::format("{} {:.9g}\n", i + 1, values[i]);
  return block + "end\n";
}

// A range that shows the middle of the values well: beside a pole the outermost ones would flatten all others.
std::string vertical_range(curves const& seen) {
  std::vector<double> sorted;
  for (curve const& c : seen.drawn)
    std::copy_if(c.y.begin(), c.y.end(), std::back_inserter(sorted), [](double y) { return std::isfinite(y); });
  if (sorted.empty()) return "set yrange [-1:1]\n";
  std::sort(sorted.begin(), sorted.end());
  std::size_t const edge = sorted.size() / 20;
  double const low = sorted[edge], high = sorted[sorted.size() - 1 - edge], span = high - low;
  // In halves, since the difference of the largest doubles is infinite.
  bool const shoots = sorted.back() / 2 - sorted.front() / 2 > 4 * (high / 2 - low / 2);
  if (span > 0 && std::isfinite(span) && shoots)
    return fmt::format("set yrange [{}:{}]\n", low - span / 2, high + span / 2);
  // gnuplot widens a range of nothing only with a warning.
  if (sorted.front() == sorted.back())
    return fmt::format("set yrange [{}:{}]\n", sorted[0] - std::max(1.0, std::abs(sorted[0]) / 2),
                       sorted[0] + std::max(1.0, std::abs(sorted[0]) / 2));
  return "";
}

std::string curve_commands(curves const& seen, std::span<char const* const> styles) {
  std::string script, plots;
  for (std::size_t k = 0; k < seen.drawn.size(); ++k) {
    script += fmt::format("$curve{} << end\n", k);
    // A line without words interrupts the curve.
    for (std::size_t i = 0; i < seen.x.size(); ++i) {
      double const y = seen.drawn[k].y[i];
      script += std::isfinite(y) ? fmt::format("{:.9g} {:.9g}\n", seen.x[i], y) : "\n";
    }
    script += "end\n";
    plots += fmt::format("{} $curve{} with lines {} title {}", k == 0 ? "plot" : ",", k, styles[k % styles.size()],
                         quoted(" " + seen.drawn[k].title));
  }
  return script + fmt::format("set xrange [{:.9g}:{:.9g}]\n", seen.x.front(), seen.x.back()) + vertical_range(seen) +
         fmt::format("set xlabel {}\n", quoted(seen.name)) + plots;
}

}  // namespace

std::optional<std::string> draw_history(std::filesystem::path const& path, history const& seen) {
  std::string script = data_block("loss", seen.train_loss) + data_block("accuracy", seen.test_accuracy);
  std::string validation;
  if (!seen.validation_accuracy.empty()) {
    script += data_block("validation", seen.validation_accuracy);
    validation = ", $validation with linespoints lw 2 pt 7 ps 0.7 lc rgb '#117733' title 'validation accuracy'";
  }
  auto const epochs = std::max<std::size_t>(seen.train_loss.size(), 1);
  // Both panels share the epochs and the margins, so that a look down reads off one epoch.
  script += fmt::format(
      "set multiplot layout 2,1 title {}\n"
      "set xrange [0.5:{}.5]\nset xtics 1,{}\nset lmargin 11\nset rmargin 3\n"
      "set border 3\nset tics nomirror out\nset grid lt 1 lw 1 lc rgb '#dddddd'\nset key outside top right horizontal\n"
      "set ylabel 'train loss'\n"
      "plot $loss with linespoints lw 2 pt 7 ps 0.7 lc rgb '#4477aa' notitle\n"
      "set xlabel 'epoch'\nset ylabel 'accuracy'\nset yrange [*:*]\nset offsets 0,0,0.003,0.003\n"
      "plot $accuracy with linespoints lw 2 pt 7 ps 0.7 lc rgb '#cc6677' title 'test accuracy'{}, "
      "{:.9g} with lines dt 2 lw 1.5 lc rgb '#777777' title 'nearest mean image (test)'\n"
      "unset multiplot",
      quoted(seen.title), epochs, std::max<std::size_t>(1, (epochs + 9) / 10), validation, seen.baseline_accuracy);
  return draw(path, "720,640", script);
}

std::optional<std::string> draw_weights(std::filesystem::path const& path, std::span<float const> weights,
                                        std::size_t columns, std::string const& negative, std::string const& positive) {
  float largest = 0;
  for (float const w : weights) largest = std::max(largest, std::abs(w));
  if (!(largest > 0)) largest = 1;
  std::string script = "$weights << end\n";
  for (std::size_t i = 0; i < weights.size(); ++i)
    script += fmt::format("{:.9g}{}", weights[i], (i + 1) % columns == 0 ? '\n' : ' ');
  // The range is symmetric, so that white is 0.
  script += fmt::format(
      "end\n"
      "set title {}\n"
      "set size ratio -1\nset yrange [{}.5:-0.5]\nset xrange [-0.5:{}.5]\nset tics out nomirror\n"
      "set cbrange [{:.9g}:{:.9g}]\nset cblabel 'weight'\n"
      "set palette defined (-1 '#2166ac', -0.5 '#92c5de', 0 '#f7f7f7', 0.5 '#f4a582', 1 '#b2182b')\n"
      "plot $weights matrix with image notitle",
      quoted(fmt::format("blue speaks for {}, red for {}", negative, positive)), weights.size() / columns - 1,
      columns - 1, -largest, largest);
  return draw(path, "640,560", script);
}

bool is_picture(std::filesystem::path const& path) { return path.extension() == ".png" || path.extension() == ".svg"; }

std::optional<std::string> draw_curves(std::filesystem::path const& path, curves const& seen) {
  constexpr char const* styles[]{"lw 2 lc rgb '#4477aa'", "lw 2 lc rgb '#cc6677'"};
  return draw(path, "720,480",
              "set border 3\nset tics nomirror out\nset grid lt 1 lw 1 lc rgb '#dddddd'\n"
              "set key tmargin center vertical Left reverse\n" +
                  curve_commands(seen, styles));
}

std::optional<std::string> draw_curves(std::string& text, terminal const& shape, curves const& seen) {
  constexpr char const* styles[]{"lt 1", "lt 2"};
  std::unique_ptr<std::FILE, close_file> const printed(std::tmpfile());
  if (!printed) return fmt::format("a temporary file cannot be written: {}", std::strerror(errno));
  auto const problem = run_gnuplot(
      fmt::format("set terminal dumb noenhanced {} size {},{}\nset key tmargin center vertical Left reverse\n{}\n",
                  shape.colour ? "ansi" : "mono", shape.columns, shape.rows, curve_commands(seen, styles)),
      printed.get());
  if (problem) return problem;
  std::rewind(printed.get());
  text.clear();
  // Without gnuplot's form feed, and the spaces that fill its lines.
  for (int c; (c = std::fgetc(printed.get())) != EOF;) {
    if (c == '\n') text.erase(text.find_last_not_of(' ') + 1);
    if (c != '\f') text += static_cast<char>(c);
  }
  return std::nullopt;
}

}  // namespace ddx::command
