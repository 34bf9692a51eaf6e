#include "scenarios/shrink_cuts.h"

#include <algorithm>
#include <map>
#include <utility>

namespace calsync::sim {
namespace {

constexpr uint64_t kSecondsPerDay = 86400;

// By a key of each choice that is not the benign one, in the order of keys.
template <class KeyOf>
std::vector<std::vector<size_t>> Grouped(const RecordedRun& run, KeyOf key_of) {
  using Key = decltype(key_of(run.choices.front()));
  std::map<Key, std::vector<size_t>> groups;
  for (size_t i = 0; i < run.choices.size(); ++i) {
    if (run.choices[i].value > 0) groups[key_of(run.choices[i])].push_back(i);
  }
  std::vector<std::vector<size_t>> all;
  for (auto& [key, group] : groups) all.push_back(std::move(group));
  return all;
}

// When a turn of people comes, as it was chosen: at a time of its own, or moments after the one before.
struct Scheduled {
  bool in_burst = false;
  uint64_t second = 0;        // Of the chaos, cut to the full second.
  uint64_t milliseconds = 0;  // Since the beginning of the chaos.
};

bool IsSchedule(const Choice& choice) {
  return choice.label == "burst" || choice.label == "moments later" || choice.label == "when somebody acts";
}

std::map<int, Scheduled> ScheduleOf(const RecordedRun& run) {
  std::map<int, Scheduled> schedule;
  uint64_t now = 0;
  for (const Choice& choice : run.choices) {
    const ChoiceSpan& span = run.spans[choice.span];
    if (span.what != "people") continue;
    if (choice.label == "when somebody acts") {
      now = choice.value * 1000;
      schedule[span.number] = {.in_burst = false, .milliseconds = now};
    } else if (choice.label == "moments later") {
      now += 10 + choice.value;
      schedule[span.number] = {.in_burst = true, .milliseconds = now};
    }
  }
  return schedule;
}

// By span: the turn that it follows, or is; -1 before the first turn that was taken.
std::vector<int> TurnsOf(const std::vector<ChoiceSpan>& spans) {
  std::vector<int> turns(spans.size(), -1);
  bool begun = false;  // Turns are put on the agenda before the first step.
  for (size_t i = 0; i < spans.size(); ++i) {
    const bool step = spans[i].what == "step";
    if (!step && begun) turns[i] = static_cast<int>(i);
    if (step && i > 0) turns[i] = turns[i - 1];
    begun = begun || step;
  }
  return turns;
}

}  // namespace

Candidate WithoutActions(const RecordedRun& run, int first, int count, Cut cut) {
  Candidate candidate{.options = run.options};
  const std::vector<int> turns = TurnsOf(run.spans);
  candidate.options.shape.actions -= count;
  const std::map<int, Scheduled> schedule = ScheduleOf(run);
  const auto is_gone = [&](int number) { return number >= first && number < first + count; };
  const bool has_bursts = std::any_of(run.choices.begin(), run.choices.end(), [](const Choice& c) { return c.label == "burst"; });
  std::vector<int> told;
  for (const Choice& choice : run.choices) {
    const ChoiceSpan& span = run.spans[choice.span];
    if (span.what != "people") {
      const int turn = cut == Cut::kTurnsWithConsequences ? turns[choice.span] : -1;
      const ChoiceSpan* cause = turn < 0 ? nullptr : &run.spans[static_cast<size_t>(turn)];
      if (cause == nullptr || cause->what != "people" || !is_gone(cause->number)) candidate.choices.push_back(choice);
      continue;
    }
    if (is_gone(span.number)) continue;
    if (!IsSchedule(choice)) {
      candidate.choices.push_back(choice);
      continue;
    }
    // The whole schedule of the turn at once: the first that is left has no burst to be in, and who came moments after somebody
    // that is gone comes at a time of its own.
    if (std::find(told.begin(), told.end(), span.number) != told.end()) continue;
    told.push_back(span.number);
    const auto found = schedule.find(span.number);
    if (found == schedule.end()) continue;
    const bool is_first = told.size() == 1;
    const bool stays = found->second.in_burst && !is_first && !is_gone(span.number - 1);
    if (has_bursts && !is_first) {
      candidate.choices.push_back({Stream::kPeople, 1000, stays ? uint64_t{999} : uint64_t{0}, "burst", choice.span});
    }
    if (stays) {
      const uint64_t since = found->second.milliseconds - schedule.at(span.number - 1).milliseconds;
      candidate.choices.push_back({Stream::kPeople, 5000, since - 10, "moments later", choice.span});
    } else {
      const uint64_t bound = kSecondsPerDay * static_cast<uint64_t>(run.options.shape.days);
      candidate.choices.push_back({Stream::kPeople, bound, found->second.milliseconds / 1000, "when somebody acts", choice.span});
    }
  }
  return candidate;
}

Candidate WithDays(const RecordedRun& run, int days) {
  Candidate candidate{.options = run.options, .choices = run.choices};
  candidate.options.shape.days = days;
  const uint64_t bound = kSecondsPerDay * static_cast<uint64_t>(run.options.shape.days);
  for (Choice& choice : candidate.choices) {
    if (choice.bound == bound) {
      choice.value = choice.value * static_cast<uint64_t>(days) / static_cast<uint64_t>(run.options.shape.days);
    }
  }
  return candidate;
}

Candidate WithCalendars(const RecordedRun& run, int calendars) {
  Candidate candidate{.options = run.options, .choices = run.choices};
  candidate.options.shape.calendars = calendars;
  return candidate;
}

Candidate Zeroed(const RecordedRun& run, const std::vector<size_t>& choices) {
  Candidate candidate{.options = run.options, .choices = run.choices};
  for (const size_t i : choices) candidate.choices[i].value = 0;
  return candidate;
}

Candidate Without(const RecordedRun& run, const std::vector<size_t>& choices) {
  Candidate candidate{.options = run.options};
  size_t next = 0;
  for (size_t i = 0; i < run.choices.size(); ++i) {
    if (next < choices.size() && choices[next] == i) {
      ++next;
    } else {
      candidate.choices.push_back(run.choices[i]);
    }
  }
  return candidate;
}

Candidate Sooner(const RecordedRun& run, size_t choice, size_t times) {
  const Choice& moved = run.choices[choice];
  std::vector<size_t> benign;
  for (size_t i = choice; i > 0 && benign.size() < times; --i) {
    const Choice& before = run.choices[i - 1];
    if (before.stream != moved.stream || before.label != moved.label) continue;
    if (before.value > 0) break;
    benign.push_back(i - 1);
  }
  std::reverse(benign.begin(), benign.end());
  return Without(run, benign);
}

std::vector<std::vector<size_t>> ByStream(const RecordedRun& run) {
  return Grouped(run, [](const Choice& choice) { return choice.stream; });
}

std::vector<std::vector<size_t>> ByLabel(const RecordedRun& run) {
  return Grouped(run, [](const Choice& choice) { return std::make_pair(choice.stream, choice.label); });
}

std::vector<std::vector<size_t>> BySpan(const RecordedRun& run) {
  return Grouped(run, [](const Choice& choice) { return choice.span; });
}

std::vector<std::vector<size_t>> OneByOne(const RecordedRun& run) {
  std::vector<std::vector<size_t>> all;
  for (size_t i = 0; i < run.choices.size(); ++i) {
    if (run.choices[i].value > 0) all.push_back({i});
  }
  return all;
}

std::vector<std::vector<size_t>> Equal(const RecordedRun& run) {
  std::vector<std::vector<size_t>> all =
      Grouped(run, [](const Choice& choice) { return std::make_tuple(choice.stream, choice.label, choice.value); });
  all.erase(std::remove_if(all.begin(), all.end(), [](const auto& group) { return group.size() < 2; }), all.end());
  return all;
}

}  // namespace calsync::sim
