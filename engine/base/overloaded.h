// Overloaded{...}: one lambda per alternative for std::visit, no catch-all, so that a new alternative is a compile error at
// every place that must think about it.

#ifndef CALSYNC_ENGINE_BASE_OVERLOADED_H_
#define CALSYNC_ENGINE_BASE_OVERLOADED_H_

namespace calsync {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

}  // namespace calsync

#endif  // CALSYNC_ENGINE_BASE_OVERLOADED_H_
