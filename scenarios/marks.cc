#include "scenarios/marks.h"

#include <algorithm>
#include <bit>

#include "absl/strings/str_cat.h"

namespace calsync::sim {
namespace {

// Where each table begins in the numbering of all marks.
enum Table : size_t { kOfSent, kOfAnswers, kOfRows, kOfAudits, kOfWrites, kOfMessages, kOfProcesses, kOfRest, kTables };

std::array<size_t, kTables + 1> Begins() {
  const size_t sizes[kTables] = {MarksOfSent().size(),      MarksOfAnswers().size(), MarksOfRows().size(),
                                 MarksOfAudits().size(),    MarksOfWrites().size(),  MarksOfMessages().size(),
                                 MarksOfProcesses().size(), MarksOfRest().size()};
  std::array<size_t, kTables + 1> begins = {};
  for (size_t i = 0; i < kTables; ++i) begins[i + 1] = begins[i] + sizes[i];
  return begins;
}

size_t Begin(Table table) {
  static const std::array<size_t, kTables + 1> begins = Begins();
  return begins[table];
}

template <class Sight>
void Append(absl::string_view table, absl::Span<const MarkRow<Sight>> rows, std::vector<MarkWords>& all) {
  for (const MarkRow<Sight>& row : rows) all.push_back({table, row.sentence});
}

// What need not be met within ten minutes, and why.
struct Rare {
  absl::string_view sentence;
  absl::string_view why;
};
constexpr absl::string_view kOfWorkers = "only with `--workers 2` or more, where scenarios/workers_test.cc wants it";
constexpr Rare kRare[] = {
    {"the trail: too much is absent at once, and waits for the operator",
     "more than ten events of one calendar must be missing from one walk: standard seeds have too few"},
    {"a change of a block that is there is refused for good", "Google refuses by event, and then from its first block on"},
    {"an event is made all-day, or timed again", "no actor does that yet (a part of U14)"},
    {"somebody changes an event that is being tagged",
     "a tag is in flight for a twentieth of a second, half a minute after all else"},
    {"somebody touches a block that is being deleted", "a delete is in flight for a twentieth of a second"},
    {"the trail: the circuit breaker opens", "it is to open for nothing but what a mirroring product starts (A5)"},
    {"the trail: the operator closes the circuit breaker", "it is to open for nothing but what a mirroring product starts (A5)"},
    {"workers: a lease goes to another while its owner stands still", kOfWorkers},
    {"workers: a commit is refused by the fence", kOfWorkers},
    {"workers: a call is held back, since its lease would not outlast it", kOfWorkers},
    {"workers: a group is left for balance, or by a worker that drains", kOfWorkers},
    {"workers: the answer of a beat is lost", kOfWorkers},
};

size_t LetterIndex(char letter) { return kFamilyLetters.find(letter); }

}  // namespace

const std::vector<MarkWords>& AllMarks() {
  static const std::vector<MarkWords> all = [] {
    std::vector<MarkWords> marks;
    Append("call", MarksOfSent(), marks);
    Append("answer", MarksOfAnswers(), marks);
    Append("row", MarksOfRows(), marks);
    Append("audit", MarksOfAudits(), marks);
    Append("change", MarksOfWrites(), marks);
    Append("message", MarksOfMessages(), marks);
    Append("process", MarksOfProcesses(), marks);
    Append("rest", MarksOfRest(), marks);
    return marks;
  }();
  return all;
}

absl::string_view WhyRare(absl::string_view sentence) {
  for (const Rare& rare : kRare) {
    if (rare.sentence == sentence) return rare.why;
  }
  return "";
}

Coverage::Coverage()
    : marks_(AllMarks().size()), cells_(kAdversities * kPhases), pairs_(kFamilyLetters.size() * kFamilyLetters.size()) {}

template <class Sight>
void Coverage::Count(const Sight& sight, absl::Span<const MarkRow<Sight>> rows, size_t first, int key) {
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].key != key && rows[i].key != kAnyKey) continue;
    if (rows[i].holds(sight)) ++marks_[first + i];
  }
}

void Coverage::See(const Sent& sight) { Count(sight, MarksOfSent(), Begin(kOfSent), static_cast<int>(sight.kind)); }
void Coverage::See(const Answered& sight) { Count(sight, MarksOfAnswers(), Begin(kOfAnswers), static_cast<int>(sight.kind)); }
void Coverage::See(const Committed& sight) { Count(sight, MarksOfRows(), Begin(kOfRows), static_cast<int>(sight.after.kind)); }
void Coverage::See(const Audited& sight) { Count(sight, MarksOfAudits(), Begin(kOfAudits), static_cast<int>(sight.entry.kind)); }
void Coverage::See(const ChangeSeen& sight) {
  Count(sight, MarksOfWrites(), Begin(kOfWrites), static_cast<int>(sight.write.kind));
}
void Coverage::See(const MessageSeen& sight) { Count(sight, MarksOfMessages(), Begin(kOfMessages), kAnyKey); }
void Coverage::See(const Processed& sight) {
  Count(sight, MarksOfProcesses(), Begin(kOfProcesses), static_cast<int>(sight.what));
}
void Coverage::See(const RestView& sight) { Count(sight, MarksOfRest(), Begin(kOfRest), kAnyKey); }

void Coverage::Strike(size_t adversity, uint32_t phases) {
  families_ |= uint32_t{1} << LetterIndex(FamilyLetter(adversity));
  for (uint32_t left = phases; left != 0; left &= left - 1) {
    const auto phase = static_cast<Phase>(std::countr_zero(left));
    if (CanBefall(adversity, phase)) ++cells_[adversity * kPhases + static_cast<size_t>(phase)];
  }
}

void Coverage::EndRun() {
  for (size_t a = 0; a < kFamilyLetters.size(); ++a) {
    for (size_t b = a + 1; b < kFamilyLetters.size(); ++b) {
      if ((families_ >> a & families_ >> b & 1) != 0) ++pairs_[a * kFamilyLetters.size() + b];
    }
  }
  families_ = 0;
}

Coverage& Coverage::operator+=(const Coverage& other) {
  for (size_t i = 0; i < marks_.size(); ++i) marks_[i] += other.marks_[i];
  for (size_t i = 0; i < cells_.size(); ++i) cells_[i] += other.cells_[i];
  for (size_t i = 0; i < pairs_.size(); ++i) pairs_[i] += other.pairs_[i];
  return *this;
}

Coverage::Share Coverage::Marks() const {
  const auto met = std::count_if(marks_.begin(), marks_.end(), [](uint64_t count) { return count > 0; });
  return {static_cast<size_t>(met), marks_.size()};
}

Coverage::Share Coverage::Cells() const {
  Share share;
  for (size_t adversity = 0; adversity < kAdversities; ++adversity) {
    for (size_t phase = 0; phase < kPhases; ++phase) {
      if (!CanBefall(adversity, static_cast<Phase>(phase))) continue;
      ++share.all;
      share.met += cells_[adversity * kPhases + phase] > 0 ? 1 : 0;
    }
  }
  return share;
}

Coverage::Share Coverage::Pairs() const {
  Share share;
  for (size_t a = 0; a < kFamilyLetters.size(); ++a) {
    for (size_t b = a + 1; b < kFamilyLetters.size(); ++b) {
      ++share.all;
      share.met += pair(a, b) > 0 ? 1 : 0;
    }
  }
  return share;
}

std::vector<std::string> Coverage::MissedMarks() const {
  std::vector<std::string> missed;
  for (size_t i = 0; i < marks_.size(); ++i) {
    const absl::string_view sentence = AllMarks()[i].sentence;
    if (marks_[i] == 0 && WhyRare(sentence).empty()) missed.emplace_back(sentence);
  }
  return missed;
}

std::vector<std::string> Coverage::MissedCells() const {
  std::vector<std::string> missed;
  for (size_t adversity = 0; adversity < kAdversities; ++adversity) {
    for (size_t phase = 0; phase < kPhases; ++phase) {
      const auto which = static_cast<Phase>(phase);
      if (!CanBefall(adversity, which) || cell(adversity, which) > 0) continue;
      missed.push_back(absl::StrCat(AdversityWords(adversity), " x ", Name(which)));
    }
  }
  return missed;
}

std::vector<std::string> Coverage::MissedPairs() const {
  std::vector<std::string> missed;
  for (size_t a = 0; a < kFamilyLetters.size(); ++a) {
    for (size_t b = a + 1; b < kFamilyLetters.size(); ++b) {
      if (pair(a, b) == 0) missed.push_back(absl::StrCat(kFamilyLetters.substr(a, 1), kFamilyLetters.substr(b, 1)));
    }
  }
  return missed;
}

}  // namespace calsync::sim
