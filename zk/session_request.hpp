#pragma once

// Internal to the session: the only headers and sources that know the C client.
#include <zookeeper/zookeeper.h>

#include <cstring>
#include <list>
#include <string>
#include <vector>

#include "zk/session.hpp"

namespace mqttzoo::zk {

cluster::CoordinatorStatus status_of(int return_code);
cluster::ZnodeStat stat_of(const Stat& stat);
int flags_of(cluster::CreateMode mode);

/// What the C client writes the results of a multi into, at the latest until the handle is closed.
struct Session::MultiCall {
  std::vector<zoo_op_t> operations;
  std::vector<zoo_op_result_t> results;
  std::vector<std::vector<char>> created_paths;
  std::vector<Stat> stats;

  /// The texts are the caller's and must live until zoo_amulti has returned: it copies them into the packet.
  MultiCall(const std::vector<cluster::MultiOperation>& parts, const ACL_vector* acl);
  std::vector<cluster::MultiResult> parts() const;

 private:
  void prepare(std::size_t index, const cluster::MultiOperation& part, const ACL_vector* acl);
};

struct Session::Request {
  Session* session = nullptr;
  std::list<Request>::iterator self;
  Finish finish;  ///< control thread; empty once answered
  Reply reply;    ///< the completion thread's until its event, then the control thread's
  std::unique_ptr<MultiCall> multi;
};

/// The functions that the C client calls on its completion thread. Each copies and pushes an event, nothing else.
struct Session::Callbacks {
  static void session_event(zhandle_t* handle, int type, int state, const char* path, void* context);
  static void watch_event(zhandle_t* handle, int type, int state, const char* path, void* watch_number);

  static void done_void(int return_code, const void* request);
  static void done_stat(int return_code, const Stat* stat, const void* request);
  static void done_data(int return_code, const char* value, int length, const Stat* stat, const void* request);
  static void done_string(int return_code, const char* value, const void* request);
  static void done_strings(int return_code, const String_vector* strings, const void* request);
  static void done_multi(int return_code, const void* request);

  static Request& answered(const void* request, int return_code);
  static void push(Request& request);
};

}  // namespace mqttzoo::zk
