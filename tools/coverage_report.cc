#include "tools/coverage_report.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tools/terminal.h"

namespace calsync::tools {
namespace {

using Json = nlohmann::ordered_json;

std::string ShareText(const sim::Coverage::Share& share) {
  return absl::StrFormat("%d of %d, %.1f %%", share.met, share.all,
                         share.all == 0 ? 100.0 : 100.0 * static_cast<double>(share.met) / static_cast<double>(share.all));
}

void AppendMissed(absl::string_view title, const std::vector<std::string>& missed, std::string& text) {
  for (const std::string& what : missed) absl::StrAppendFormat(&text, "  %-11s %s\n", title, what);
}

}  // namespace

std::string CoverageText(const sim::Coverage& coverage) {
  std::string text = "Marks, and how often each was reached\n";
  const std::vector<sim::MarkWords>& all = sim::AllMarks();
  for (size_t i = 0; i < all.size(); ++i) {
    absl::StrAppendFormat(&text, "  %-8s %12s  %s\n", all[i].table, Thousands(coverage.marks()[i]), all[i].sentence);
  }
  absl::StrAppend(&text, "Adversities, and in which phases each struck (-: not met; what cannot be is left out)\n");
  for (size_t adversity = 0; adversity < sim::kAdversities; ++adversity) {
    std::string cells;
    for (size_t i = 0; i < sim::kPhases; ++i) {
      const auto phase = static_cast<sim::Phase>(i);
      if (!sim::CanBefall(adversity, phase)) continue;
      const uint64_t count = coverage.cell(adversity, phase);
      absl::StrAppend(&cells, cells.empty() ? "" : ", ", sim::Name(phase), " ", count == 0 ? "-" : Thousands(count));
    }
    if (!cells.empty()) absl::StrAppend(&text, "  ", sim::AdversityWords(adversity), ": ", cells, "\n");
  }
  AppendMissed("no mark", coverage.MissedMarks(), text);
  AppendMissed("no cell", coverage.MissedCells(), text);
  AppendMissed("no pair", coverage.MissedPairs(), text);
  absl::StrAppendFormat(&text, "  %-11s %s; phases of adversities %s; pairs of families %s\n", "marks",
                        ShareText(coverage.Marks()), ShareText(coverage.Cells()), ShareText(coverage.Pairs()));
  return text;
}

nlohmann::ordered_json CoverageJson(const sim::Coverage& coverage) {
  const auto share = [](const sim::Coverage::Share& of) { return Json{{"met", of.met}, {"all", of.all}}; };
  Json json;
  json["marks"] = share(coverage.Marks());
  json["cells"] = share(coverage.Cells());
  json["pairs"] = share(coverage.Pairs());
  json["missed_marks"] = coverage.MissedMarks();
  json["missed_cells"] = coverage.MissedCells();
  json["missed_pairs"] = coverage.MissedPairs();
  json["rare"] = Json::object();
  json["counts"] = Json::object();
  const std::vector<sim::MarkWords>& all = sim::AllMarks();
  for (size_t i = 0; i < all.size(); ++i) {
    const std::string sentence(all[i].sentence);
    json["counts"][sentence] = coverage.marks()[i];
    if (!sim::WhyRare(sentence).empty()) json["rare"][sentence] = std::string(sim::WhyRare(sentence));
  }
  json["matrix"] = Json::object();
  for (size_t adversity = 0; adversity < sim::kAdversities; ++adversity) {
    Json row = Json::object();
    for (size_t i = 0; i < sim::kPhases; ++i) {
      const auto phase = static_cast<sim::Phase>(i);
      if (sim::CanBefall(adversity, phase)) row[std::string(sim::Name(phase))] = coverage.cell(adversity, phase);
    }
    if (!row.empty()) json["matrix"][sim::AdversityWords(adversity)] = std::move(row);
  }
  return json;
}

}  // namespace calsync::tools
