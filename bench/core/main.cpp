// SPDX-FileCopyrightText: The ddx authors
// SPDX-License-Identifier: BSL-1.0
// The suites and the modules beside the program enter; a table on the terminal and raw results as JSON leave.
//
// Google Benchmark keeps the compiler honest (DoNotOptimize, ClobberMemory) and knows the CPU; the rounds are run here,
// since its own repetitions are not paired and it knows no ratio.
#include <CLI/CLI.hpp>
#include <dlfcn.h>
#include <fmt/core.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <regex>

#include "../roof/roof.hpp"
#include "machine.hpp"
#include "plan.hpp"
#include "run.hpp"

namespace {

using nlohmann::json;
namespace fs = std::filesystem;

struct module {
  std::string name;
  bench::enter_function* enter;
};

/// The modules of a folder, by name. Each sees its own libraries only.
std::vector<module> load_modules(fs::path const& folder) {
  std::vector<fs::path> files;
  for (auto const& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".so") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<module> result;
  for (fs::path const& file : files) {
    if (file.stem().string().ends_with("_native") && !__builtin_cpu_supports("avx512f")) continue;
    void* const handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    void* const symbol = handle ? dlsym(handle, "enter") : nullptr;
    if (symbol) result.push_back({file.stem().string(), reinterpret_cast<bench::enter_function*>(symbol)});
    else fmt::print(stderr, "bench: {}\n", dlerror());
  }
  return result;
}

json measure_roofs() {
  using namespace bench;
  json result;
  for (bool single : {true, false}) result["fma_avx2"][single ? "float" : "double"] = roof::fma_peak_avx2(single);
  if (__builtin_cpu_supports("avx512f"))
    for (bool single : {true, false}) result["fma_avx512"][single ? "float" : "double"] = roof::fma_peak_avx512(single);
  std::vector<std::pair<std::string, std::size_t>> places;
  std::size_t last = 32 << 20;
  for (int level : {1, 2, 3})
    if (std::size_t const bytes = cache_bytes(level)) places.emplace_back(fmt::format("L{}", level), last = bytes / 2);
  places.emplace_back("memory", 8 * 2 * last);
  for (auto const& [name, bytes] : places)
    result["memory"].push_back({{"place", name},
                                {"bytes", bytes},
                                {"read", roof::read_bandwidth(bytes)},
                                {"in_place", roof::in_place_bandwidth(bytes)},
                                {"triad", roof::triad_bandwidth(bytes)}});
  return result;
}

void print_roofs(json const& roofs) {
  for (char const* name : {"fma_avx2", "fma_avx512"})
    if (roofs.contains(name))
      fmt::print("roof · {}: {:.1f} GF/s float, {:.1f} double\n", name, roofs[name]["float"].get<double>() / 1e9,
                 roofs[name]["double"].get<double>() / 1e9);
  for (json const& m : roofs["memory"])
    fmt::print("roof · {:6} {:>10} bytes: read {:.1f}, in place {:.1f}, triad {:.1f} GB/s\n",
               m["place"].get<std::string>(), m["bytes"].get<std::size_t>(), m["read"].get<double>() / 1e9,
               m["in_place"].get<double>() / 1e9, m["triad"].get<double>() / 1e9);
}

}  // namespace

int main(int count, char** words) try {
  CLI::App app{"Races ddx against what one would use instead."};
  bool quick = false, list = false;
  std::vector<std::string> suites;
  std::string only = "", output, modules_folder = fs::canonical("/proc/self/exe").parent_path();
  bench::settings s;
  app.add_flag("--quick", quick, "fewer rounds");
  app.add_flag("--list", list, "names the races and runs none");
  app.add_option("--suite", suites, "suites to run: step, functions, tape, symbolic, scaling");
  app.add_option("--race", only, "a regular expression that the names of races must match");
  app.add_option("--rounds", s.rounds, "rounds of a race")->check(CLI::Range(3, 100000));
  app.add_option("--slot", s.slot, "seconds that a contender runs in a round")->check(CLI::PositiveNumber);
  app.add_option("--json", output, "where the raw results go");
  app.add_option("--modules", modules_folder, "the folder of the contenders");
  CLI11_PARSE(app, count, words);
  if (quick && !app.count("--rounds")) s.rounds = 9;
  if (quick && !app.count("--slot")) s.slot = 0.0015;
  if (quick) s.limit = 0.5;

  // libtorch returns a large temporary to the system after every operation otherwise, and takes five times as long for
  // the page faults; this is what its users are advised to set. It is set for all.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 2047 << 20);
  mallopt(M_TOP_PAD, 64 << 20);

  // Debian's BLIS and OpenBLAS do not know CPUs that are newer than they are and fall back to slow code: what the CPU
  // can is told to them, whatever the environment says.
  bool const avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
  setenv("BLIS_ARCH_TYPE", avx512 ? "0" : "3", 1);  // skx, haswell
  setenv("OPENBLAS_CORETYPE", avx512 ? "SkylakeX" : "Haswell", 1);
  unsetenv("OPENBLAS_L2_SIZE");
  setenv("OMP_NUM_THREADS", "1", 1);

  bench::plan plan;
  bench::plan_step(plan);
  bench::plan_functions(plan);
  bench::plan_tape(plan);
  bench::plan_symbolic(plan);
  bench::plan_scaling(plan);
  std::regex const wanted(only);
  std::erase_if(plan, [&](bench::planned_race const& r) {
    return (quick && !r.quick) ||
           (!suites.empty() && std::find(suites.begin(), suites.end(), r.suite) == suites.end()) ||
           !std::regex_search(r.name, wanted);
  });
  if (list) {
    for (auto const& r : plan) fmt::print("{} · {}\n", r.suite, r.name);
    return 0;
  }
  json results{{"machine", bench::describe_machine()}, {"quick", quick}, {"rounds", s.rounds}, {"slot", s.slot}};
  results["compiler"] = __VERSION__;
  bench::bystanders const others;
  auto const begin = std::chrono::steady_clock::now();
  auto const modules = load_modules(modules_folder);
  for (auto const& m : modules) results["modules"].push_back(m.name);
  results["roofs"] = measure_roofs();
  print_roofs(results["roofs"]);
  bool wrong = false;
  for (auto const& planned : plan) {
    bench::prepared_race prepared = planned.make();
    for (auto const& m : modules) m.enter(prepared.r);
    json result = bench::run(prepared.r, s);
    wrong = wrong || result.contains("wrong");
    fmt::print("{}\n", bench::table(result));
    std::fflush(stdout);
    results["races"].push_back(std::move(result));
  }
  results["others"] = others.processors();
  results["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  fmt::print("{:.0f} s; other processes used {:.2f} processors\n", results["seconds"].get<double>(),
             results["others"].get<double>());
  if (!output.empty()) {
    std::ofstream file(output + ".part");
    file << results.dump(1) << '\n';
    file.close();
    if (!file) throw std::runtime_error("cannot write " + output);
    fs::rename(output + ".part", output);
  }
  if (wrong) fmt::print(stderr, "bench: a contender computed something else than the reference, see WRONG above\n");
  return wrong ? 1 : 0;
} catch (std::exception const& e) {
  fmt::print(stderr, "bench: {}\n", e.what());
  return 1;
}
