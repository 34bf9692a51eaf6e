// Tells when sockets of somebody else are ready. They stay theirs: they open and close them.

#ifndef CALSYNC_ADAPTER_HTTP_SOCKETS_H_
#define CALSYNC_ADAPTER_HTTP_SOCKETS_H_

#include <functional>
#include <map>
#include <memory>

#include "adapter/http/loop.h"

namespace calsync::http {

class Sockets {
 public:
  enum Ready : unsigned { kReadable = 1, kWritable = 2, kBroken = 4 };  // As libcurl's CURL_CSELECT_….
  using Told = std::function<void(int socket, unsigned ready)>;

  Sockets(Loop& loop, Told told);
  ~Sockets();  // Lets go of all of them.
  Sockets(const Sockets&) = delete;
  Sockets& operator=(const Sockets&) = delete;

  // Until the next Watch of the same one, `told` is called on the loop each time that it is ready. Neither: no longer watched,
  // which must be said before it is closed.
  void Watch(int socket, bool for_reading, bool for_writing);

 private:
  struct Watched;
  static void Wait(const std::shared_ptr<Watched>& watched, unsigned what);

  Loop& loop_;
  const std::shared_ptr<const Told> told_;
  std::map<int, std::shared_ptr<Watched>> watched_;
};

}  // namespace calsync::http

#endif  // CALSYNC_ADAPTER_HTTP_SOCKETS_H_
