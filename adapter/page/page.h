// The page on which a running CalSync shows how it is, on this machine alone.
//
//   /             calendars, alerts, last passes, events and their blocks, the trail; search
//   /event        one event's story: its slots as they are and why, and its trail
//   /status.json  the same figures, for programs
//   /healthz      200 while every group runs, or will by itself; 503 if one stopped for good. The body names the alerts, and
//                 groups whose file in the registry is broken
//   /metrics      for Prometheus
//
// It only reads. Requests that name another host than this machine are refused: a page of somebody else's could otherwise have a
// browser read this one. People's text is escaped; titles are shown only where the settings say so, secrets never.

#ifndef CALSYNC_ADAPTER_PAGE_PAGE_H_
#define CALSYNC_ADAPTER_PAGE_PAGE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapter/config/settings.h"
#include "adapter/http/loop.h"
#include "adapter/http/server.h"
#include "adapter/page/board.h"
#include "adapter/runner/runner.h"
#include "adapter/store/store.h"

namespace calsync::adapter {

class Page {
 public:
  // All must outlive it. Errors: InvalidArgument if `listen` is no address of this machine alone, Unavailable if the port is
  // taken.
  static absl::StatusOr<std::unique_ptr<Page>> Listen(http::Loop& loop, const PageSettings& settings, Board& board,
                                                      const Runner& runner, Store& store, absl::TimeZone zone);

  uint16_t port() const { return server_->port(); }
  http::Response Answer(const http::Request& request);
  void Stop(absl::Duration grace, std::function<void()> done) { server_->Stop(grace, std::move(done)); }

 private:
  Page(const PageSettings& settings, Board& board, const Runner& runner, Store& store, absl::TimeZone zone)
      : settings_(settings), board_(board), runner_(runner), store_(store), zone_(zone) {}

  std::string Home(const std::string& search) const;
  std::string Event(const std::string& group, const std::string& id) const;

  PageSettings settings_;
  Board& board_;
  const Runner& runner_;
  Store& store_;
  absl::TimeZone zone_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace calsync::adapter

#endif  // CALSYNC_ADAPTER_PAGE_PAGE_H_
