// "Sometimes" marks: what must be met in a long enough campaign, each in a short sentence. They turn the question whether the
// runs are any good into a list of what they have not seen.
//
// The tables are in marks_of_*.cc, one for each kind of sight: a mark is a predicate over what flows by, and nothing of it is in
// the engine. A Coverage is what one or many runs met: how often each mark was reached, in which phases each adversity struck,
// and which families of adversities came together in one run.

#ifndef CALSYNC_SCENARIOS_MARKS_H_
#define CALSYNC_SCENARIOS_MARKS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "scenarios/laws/at_rest.h"
#include "scenarios/phases.h"
#include "scenarios/sights.h"

namespace calsync::sim {

// One row of a table. `key` narrows down which rows are asked at all: what it is, the table says; kAnyKey: whatever it is.
inline constexpr int kAnyKey = -1;
template <class Sight>
struct MarkRow {
  int key = kAnyKey;
  absl::string_view sentence;
  bool (*holds)(const Sight& sight);
};

absl::Span<const MarkRow<Sent>> MarksOfSent();             // Key: CallKind.
absl::Span<const MarkRow<Answered>> MarksOfAnswers();      // Key: CallKind.
absl::Span<const MarkRow<Committed>> MarksOfRows();        // Key: RecordKind, of what is made durable.
absl::Span<const MarkRow<Audited>> MarksOfAudits();        // Key: AuditKind.
absl::Span<const MarkRow<ChangeSeen>> MarksOfWrites();     // Key: fake::WriteKind.
absl::Span<const MarkRow<MessageSeen>> MarksOfMessages();  // Key: none.
absl::Span<const MarkRow<Processed>> MarksOfProcesses();   // Key: Processed::What.
absl::Span<const MarkRow<RestView>> MarksOfRest();         // Key: none.

struct MarkWords {
  absl::string_view table;  // "call sent", "answer" …
  absl::string_view sentence;
};
// All marks, numbered over all tables.
const std::vector<MarkWords>& AllMarks();
// Why a mark need not be met in ten minutes; empty if it must. A campaign does not fail on those.
absl::string_view WhyRare(absl::string_view sentence);

inline constexpr absl::string_view kFamilyLetters = "NVCWUAKPDTGI";

class Coverage {
 public:
  Coverage();

  void See(const Sent& sight);
  void See(const Answered& sight);
  void See(const Committed& sight);
  void See(const Audited& sight);
  void See(const ChangeSeen& sight);
  void See(const MessageSeen& sight);
  void See(const Processed& sight);
  void See(const RestView& sight);

  // It struck in these phases; those in which it cannot are passed over.
  void Strike(size_t adversity, uint32_t phases);
  // A run ended: which families of adversities it had.
  void EndRun();

  Coverage& operator+=(const Coverage& other);

  const std::vector<uint64_t>& marks() const { return marks_; }
  uint64_t cell(size_t adversity, Phase phase) const { return cells_[adversity * kPhases + static_cast<size_t>(phase)]; }
  uint64_t pair(size_t a, size_t b) const { return pairs_[a * kFamilyLetters.size() + b]; }  // Of kFamilyLetters.

  struct Share {
    size_t met = 0;
    size_t all = 0;
  };
  Share Marks() const;
  Share Cells() const;
  Share Pairs() const;
  // What was not met, in words; those that may be rare left out.
  std::vector<std::string> MissedMarks() const;
  std::vector<std::string> MissedCells() const;
  std::vector<std::string> MissedPairs() const;

 private:
  template <class Sight>
  void Count(const Sight& sight, absl::Span<const MarkRow<Sight>> rows, size_t first, int key);

  std::vector<uint64_t> marks_;
  std::vector<uint64_t> cells_;
  std::vector<uint64_t> pairs_;
  uint32_t families_ = 0;  // Of the run that goes on.
};

}  // namespace calsync::sim

#endif  // CALSYNC_SCENARIOS_MARKS_H_
