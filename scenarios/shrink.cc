#include "scenarios/shrink.h"

#include <algorithm>
#include <bit>
#include <map>
#include <utility>

#include "engine/base/check.h"
#include "scenarios/shrink_cuts.h"
#include "scenarios/signature.h"

namespace calsync::sim {
namespace {

// A choice with so few alternatives is tried with each of them, from the lowest.
constexpr uint64_t kAllTried = 8;

class Shrinker {
 public:
  Shrinker(const RecordedRun& failing, const std::function<bool(const ShrinkState&)>& goes_on, const Judge& judge)
      : goes_on_(goes_on), judge_(judge), best_(failing), size_(SizeOf(failing)), wrong_(judge(failing)) {
    CALSYNC_CHECK(!wrong_.empty());
  }

  // The order is that of the design's page on simulation: what comes after the failure is not recorded in the first place.
  Shrunk Run() {
    bool finished = false;
    while (!stopped_ && !finished) {
      const RunSize before = size_;
      DropActions();
      ZeroGroups("streams", ByStream);
      ZeroGroups("labels", ByLabel);
      DropCalendars();
      FewerDays();
      ZeroInChunks("spans", BySpan);
      ZeroInChunks("choices", OneByOne);
      DropActions();
      WithoutSeries();
      Hasten();
      Lower();
      LowerEqual();
      FewerDays();
      finished = size_ == before;
    }
    return {.run = std::move(best_), .runs = runs_, .finished = finished && !stopped_};
  }

 private:
  // Takes the candidate if the same is wrong with it, and it is smaller. What it recorded is the new best: values that
  // were too large, and choices that nobody asks for any more, are gone from it.
  bool Try(const Candidate& candidate) {
    if (stopped_) return false;
    if (!goes_on_({.pass = pass_, .runs = runs_, .size = size_})) {
      stopped_ = true;
      return false;
    }
    ++runs_;
    RecordedRun run = Record(candidate.options, Choices::FromRecording(candidate.choices));
    const RunSize size = SizeOf(run);
    if (!(size < size_) || judge_(run) != wrong_) return false;
    best_ = std::move(run);
    size_ = size;
    return true;
  }

  // Large pieces first, from the end: what comes late has fewer consequences.
  void DropActions() {
    pass_ = "fewer actions";
    for (int piece = std::max(1, best_.options.shape.actions / 2); piece >= 1; piece /= 2) {
      for (int first = best_.options.shape.actions - piece; first >= 0; first -= piece) {
        const int count = std::min(piece, best_.options.shape.actions - first);
        if (Try(WithoutActions(best_, first, count, Cut::kTurns))) continue;
        if (Try(WithoutActions(best_, first, count, Cut::kTurnsWithConsequences))) continue;
        if (first > 0 && first < piece) first = piece;  // The rest at the beginning is a piece, too.
      }
    }
  }

  using Groups = std::vector<std::vector<size_t>> (*)(const RecordedRun& run);

  // Each group by itself. Success changes the recording, and with it the groups: those that were passed over stay so, counted
  // from the end.
  void ZeroGroups(absl::string_view pass, Groups groups) {
    pass_ = pass;
    for (size_t left = groups(best_).size(); left > 0 && !stopped_; --left) {
      const auto all = groups(best_);
      left = std::min(left, all.size());
      if (left == 0) return;
      Try(Zeroed(best_, all[left - 1]));
    }
  }

  // Many groups at once, then halves of that many.
  void ZeroInChunks(absl::string_view pass, Groups groups) {
    pass_ = pass;
    for (size_t piece = std::max<size_t>(1, groups(best_).size() / 2); piece >= 1; piece /= 2) {
      for (size_t end = groups(best_).size(); end > 0 && !stopped_;) {
        const auto all = groups(best_);
        end = std::min(end, all.size());
        const size_t begin = end > piece ? end - piece : 0;
        std::vector<size_t> choices;
        for (size_t i = begin; i < end; ++i) choices.insert(choices.end(), all[i].begin(), all[i].end());
        std::sort(choices.begin(), choices.end());
        if (!Try(Zeroed(best_, choices)) && piece == 1) Try(Without(best_, choices));
        end = begin;
      }
    }
  }

  void DropCalendars() {
    pass_ = "fewer calendars";
    for (int calendars = 1; calendars < best_.options.shape.calendars; ++calendars) {
      if (Try(WithCalendars(best_, calendars))) return;
    }
  }

  void FewerDays() {
    pass_ = "fewer days";
    for (int days = 1; days < best_.options.shape.days; days *= 2) {
      if (Try(WithDays(best_, days))) return;
    }
  }

  void WithoutSeries() {
    pass_ = "without series";
    if (!best_.options.shape.series) return;
    Candidate candidate{.options = best_.options, .choices = best_.choices};
    candidate.options.shape.series = false;
    Try(candidate);
  }

  bool TryValue(const std::vector<size_t>& choices, uint64_t value) {
    Candidate candidate{.options = best_.options, .choices = best_.choices};
    for (const size_t i : choices) candidate.choices[i].value = value;
    return Try(candidate);
  }

  // The lowest value with which it still fails, as far as bisection finds it.
  void LowerTogether(const std::vector<size_t>& choices) {
    const auto current = [&] { return choices.front() < best_.choices.size() ? best_.choices[choices.front()].value : 0; };
    const uint64_t value = current();
    if (value <= kAllTried) {
      for (uint64_t lower = 1; lower < value; ++lower) {
        if (TryValue(choices, lower)) return;
      }
      return;
    }
    uint64_t low = 0;  // Known not to do, or not tried.
    uint64_t high = value;
    while (high - low > 1 && !stopped_) {
      const uint64_t middle = low + (high - low) / 2;
      const size_t recorded = best_.choices.size();
      if (!TryValue(choices, middle)) {
        low = middle;
        continue;
      }
      high = middle;
      if (best_.choices.size() != recorded) return;  // The numbers of choices may mean others now.
    }
  }

  // What strikes late for no other reason than where it was found strikes sooner.
  void Hasten() {
    pass_ = "sooner";
    for (size_t left = OneByOne(best_).size(); left > 0 && !stopped_; --left) {
      for (size_t times = 1024; times > 0 && !stopped_; times /= 4) {
        const auto all = OneByOne(best_);
        if (left > all.size()) break;
        const size_t choice = all[left - 1].front();
        const Candidate candidate = Sooner(best_, choice, times);
        if (candidate.choices.size() < best_.choices.size() && Try(candidate)) break;
      }
    }
  }

  void Lower() {
    pass_ = "lower values";
    for (size_t i = 0; i < best_.choices.size() && !stopped_; ++i) {
      if (best_.choices[i].value > 1) LowerTogether({i});
    }
  }

  void LowerEqual() {
    pass_ = "equal values together";
    for (size_t left = Equal(best_).size(); left > 0 && !stopped_; --left) {
      const auto all = Equal(best_);
      left = std::min(left, all.size());
      if (left > 0) LowerTogether(all[left - 1]);
    }
  }

  const std::function<bool(const ShrinkState&)>& goes_on_;
  const Judge& judge_;
  RecordedRun best_;
  RunSize size_;
  std::string wrong_;
  uint64_t runs_ = 0;
  absl::string_view pass_ = "the run itself";
  bool stopped_ = false;
};

}  // namespace

RunSize SizeOf(const RecordedRun& run) {
  RunSize size{.actions = run.options.shape.actions,
               .calendars = run.options.shape.calendars,
               .deviations = run.Deviations(),
               .days = run.options.shape.days,
               .steps = run.result.counts.steps};
  std::map<std::pair<Stream, absl::string_view>, uint64_t> asked;
  for (const Choice& choice : run.choices) {
    const uint64_t nth = ++asked[{choice.stream, choice.label}];
    size.bits += static_cast<uint64_t>(std::bit_width(choice.value));
    if (choice.value > 0) size.places += nth;
  }
  return size;
}

std::string WhatItBreaks(const RecordedRun& run) {
  return run.result.violation.has_value() ? SignatureOf(*run.result.violation, run.places) : std::string();
}

Shrunk Shrink(const RecordedRun& failing, const std::function<bool(const ShrinkState&)>& goes_on, const Judge& judge) {
  return Shrinker(failing, goes_on, judge).Run();
}

}  // namespace calsync::sim
