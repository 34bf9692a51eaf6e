#include "scenarios/laws/l02_no_double.h"

#include <cstddef>
#include <vector>

#include "absl/strings/str_cat.h"

namespace calsync::sim {

std::string CheckNoDouble(const RestView& view) {
  std::vector<const LiveBlock*> holder(view.slots.size(), nullptr);
  for (const LiveBlock& block : view.blocks) {
    if (block.slot < 0 || view.slots[static_cast<size_t>(block.slot)].duty == Duty::kFrozen) continue;
    const LiveBlock*& held = holder[static_cast<size_t>(block.slot)];
    if (held != nullptr) {
      return absl::StrCat(view.Describe(view.slots[static_cast<size_t>(block.slot)]), " is there twice: ", held->event->id.text(),
                          " and ", block.event->id.text());
    }
    held = &block;
  }
  return "";
}

}  // namespace calsync::sim
