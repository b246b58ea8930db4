#include "zk/session_request.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

namespace mqttzoo::zk {

using cluster::CoordinatorStatus;

CoordinatorStatus status_of(int return_code) {
  switch (return_code) {
    case ZOK:
      return CoordinatorStatus::ok;
    case ZNONODE:
      return CoordinatorStatus::no_node;
    case ZNODEEXISTS:
      return CoordinatorStatus::node_exists;
    case ZBADVERSION:
      return CoordinatorStatus::bad_version;
    case ZNOTEMPTY:
      return CoordinatorStatus::not_empty;
    case ZSESSIONEXPIRED:
    case ZAUTHFAILED:  // the handle is as unusable as after an expiry
      return CoordinatorStatus::session_expired;
    // Every way in which the C client gives up on a connection, and the servers' two ways to say "again, please".
    case ZCONNECTIONLOSS:
    case ZOPERATIONTIMEOUT:
    case ZSYSTEMERROR:
    case ZCLOSING:
    case ZSESSIONMOVED:
    case ZTHROTTLEDOP:
      return CoordinatorStatus::connection_loss;
    case ZRUNTIMEINCONSISTENCY:  // in a multi: an earlier part failed
      return CoordinatorStatus::not_tried;
    default:
      return CoordinatorStatus::failed;
  }
}

cluster::ZnodeStat stat_of(const Stat& stat) {
  return {.created_zxid = stat.czxid,
          .modified_zxid = stat.mzxid,
          .modified_time_ms = stat.mtime,
          .ephemeral_owner = stat.ephemeralOwner,
          .version = stat.version};
}

int flags_of(cluster::CreateMode mode) {
  switch (mode) {
    case cluster::CreateMode::ephemeral:
      return ZOO_EPHEMERAL;
    case cluster::CreateMode::persistent_sequential:
      return ZOO_PERSISTENT_SEQUENTIAL;
    case cluster::CreateMode::persistent:
      break;
  }
  return ZOO_PERSISTENT;
}

namespace {

/// "127.0.0.1:2181", or "" when the connection is gone again.
std::string connected_server(zhandle_t* handle) {
  sockaddr_storage storage{};
  socklen_t length = sizeof(storage);
  const sockaddr* address = zookeeper_get_connected_host(handle, reinterpret_cast<sockaddr*>(&storage), &length);
  if (address == nullptr) return {};
  char text[INET6_ADDRSTRLEN] = {};
  if (address->sa_family == AF_INET6) {
    const auto& ipv6 = reinterpret_cast<const sockaddr_in6&>(storage);
    inet_ntop(AF_INET6, &ipv6.sin6_addr, text, sizeof(text));
    return '[' + std::string(text) + "]:" + std::to_string(ntohs(ipv6.sin6_port));
  }
  const auto& ipv4 = reinterpret_cast<const sockaddr_in&>(storage);
  inet_ntop(AF_INET, &ipv4.sin_addr, text, sizeof(text));
  return std::string(text) + ':' + std::to_string(ntohs(ipv4.sin_port));
}

}  // namespace

Session::MultiCall::MultiCall(const std::vector<cluster::MultiOperation>& parts, const ACL_vector* acl)
    : operations(parts.size()), results(parts.size()), created_paths(parts.size()), stats(parts.size()) {
  for (std::size_t index = 0; index < parts.size(); ++index) prepare(index, parts[index], acl);
}

void Session::MultiCall::prepare(std::size_t index, const cluster::MultiOperation& part, const ACL_vector* acl) {
  using Kind = cluster::MultiOperation::Kind;
  zoo_op_t* operation = &operations[index];
  const char* path = part.path.c_str();
  const auto data_bytes = static_cast<int>(part.data.size());
  results[index].err = ZRUNTIMEINCONSISTENCY;
  switch (part.kind) {
    case Kind::create: {
      auto& buffer = created_paths[index];
      buffer.resize(part.path.size() + 16);  // a sequence number of up to 11 characters, and the zero
      zoo_create_op_init(operation, path, part.data.data(), data_bytes, acl, flags_of(part.mode), buffer.data(),
                         static_cast<int>(buffer.size()));
      break;
    }
    case Kind::set:
      zoo_set_op_init(operation, path, part.data.data(), data_bytes, part.version, &stats[index]);
      break;
    case Kind::remove:
      zoo_delete_op_init(operation, path, part.version);
      break;
    case Kind::check:
      zoo_check_op_init(operation, path, part.version);
      break;
  }
}

std::vector<cluster::MultiResult> Session::MultiCall::parts() const {
  std::vector<cluster::MultiResult> parts(results.size());
  for (std::size_t index = 0; index < results.size(); ++index) {
    parts[index].status = status_of(results[index].err);
    if (results[index].err != ZOK) continue;
    if (!created_paths[index].empty()) parts[index].created_path = created_paths[index].data();
    if (results[index].stat != nullptr) parts[index].stat = stat_of(stats[index]);
  }
  return parts;
}

void Session::Callbacks::session_event(zhandle_t* handle, int type, int state, const char*, void* context) {
  if (type != ZOO_SESSION_EVENT) return;
  auto* session = static_cast<Session*>(context);
  if (state == ZOO_CONNECTED_STATE) {
    SessionListener::Connection connection{zoo_client_id(handle)->client_id, zoo_recv_timeout(handle),
                                           connected_server(handle)};
    session->mailbox_->push([session, handle, connection = std::move(connection)] {
      session->handle_ = handle;
      if (session->listener_ != nullptr) session->listener_->session_connected(connection);
    });
  } else if (state == ZOO_CONNECTING_STATE) {
    session->mailbox_->push([session] {
      if (session->listener_ != nullptr) session->listener_->session_dropped();
    });
  } else if (state == ZOO_EXPIRED_SESSION_STATE || state == ZOO_AUTH_FAILED_STATE) {
    session->mailbox_->push([session, refused = state == ZOO_AUTH_FAILED_STATE] {
      if (session->listener_ != nullptr) session->listener_->session_ended(refused);
    });
  }
}

void Session::Callbacks::watch_event(zhandle_t* handle, int type, int, const char*, void* watch_number) {
  // Every watch hears of every change of the session too; those go to session_event.
  if (type == ZOO_SESSION_EVENT || type == ZOO_NOTWATCHING_EVENT) return;
  auto* session = static_cast<Session*>(const_cast<void*>(zoo_get_context(handle)));
  const auto id = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(watch_number));
  session->mailbox_->push([session, id] { session->fire_watch(id); });
}

Session::Request& Session::Callbacks::answered(const void* request, int return_code) {
  auto& answered = *static_cast<Request*>(const_cast<void*>(request));
  answered.reply.status = status_of(return_code);
  answered.reply.detail = zerror(return_code);
  return answered;
}

void Session::Callbacks::push(Request& request) {
  request.session->mailbox_->push([&request] { request.session->deliver(request); });
}

void Session::Callbacks::done_void(int return_code, const void* request) { push(answered(request, return_code)); }

void Session::Callbacks::done_stat(int return_code, const Stat* stat, const void* request) {
  auto& done = answered(request, return_code);
  if (stat != nullptr) done.reply.stat = stat_of(*stat);
  push(done);
}

void Session::Callbacks::done_data(int return_code, const char* value, int length, const Stat* stat,
                                   const void* request) {
  auto& done = answered(request, return_code);
  if (value != nullptr && length > 0) done.reply.data.assign(value, static_cast<std::size_t>(length));
  if (stat != nullptr) done.reply.stat = stat_of(*stat);
  push(done);
}

void Session::Callbacks::done_string(int return_code, const char* value, const void* request) {
  auto& done = answered(request, return_code);
  if (value != nullptr) done.reply.data = value;
  push(done);
}

void Session::Callbacks::done_strings(int return_code, const String_vector* strings, const void* request) {
  auto& done = answered(request, return_code);
  if (strings != nullptr) done.reply.names.assign(strings->data, strings->data + strings->count);
  push(done);
}

void Session::Callbacks::done_multi(int return_code, const void* request) {
  auto& done = answered(request, return_code);
  done.reply.parts = done.multi->parts();
  push(done);
}

}  // namespace mqttzoo::zk
