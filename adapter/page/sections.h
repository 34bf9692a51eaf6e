// The parts of the page, each a piece of HTML.

#ifndef CALSYNC_ADAPTER_PAGE_SECTIONS_H_
#define CALSYNC_ADAPTER_PAGE_SECTIONS_H_

#include <string>

#include "absl/time/time.h"
#include "adapter/page/board.h"
#include "adapter/runner/runner.h"
#include "adapter/store/store.h"
#include "engine/state/ids.h"

namespace calsync::adapter {

// What all of them are written with.
struct Pen {
  const Board& board;
  const Runner& runner;
  Store& store;
  absl::TimeZone zone;
  bool titles = false;
};

std::string HeaderSection(const Pen& pen, const std::string& search);
std::string AlertSection(const Pen& pen);
std::string CalendarSection(const Pen& pen);
// The next events with their blocks, or those in which the text is found.
std::string EventSection(const Pen& pen, const std::string& search);
std::string PassSection(const Pen& pen);
std::string TrailSection(const Pen& pen);
std::string StorySection(const Pen& pen, const GroupId& group, const std::string& id);
std::string FooterSection(const Pen& pen);

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_PAGE_SECTIONS_H_
