// A thin N-API binding of the few MPI functions that @pixelis/distributed rests on. Messages are bytes of typed arrays, in
// place. Calls block: a rank's only thread has nothing else to do until its neighbour has sent, and MPI wants all calls from
// one thread. While they wait they give the processor away, since ranks may be more than cores.
#define OMPI_SKIP_MPICXX 1
#define MPICH_SKIP_MPICXX 1
#include <mpi.h>
#include <node_api.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

namespace {

// MPI counts in int; longer messages go in parts that all ranks cut alike.
constexpr size_t kPartBytes = size_t{1} << 30;
// A message between processes of one machine is there within microseconds: look often first, then ever more rarely.
constexpr int kLooks = 2000;
constexpr int kYields = 4000;
constexpr std::chrono::microseconds kNap{200};

napi_value Undefined(napi_env env) {
  napi_value value;
  napi_get_undefined(env, &value);
  return value;
}

void Throw(napi_env env, const char* what, int status) {
  char reason[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  MPI_Error_string(status, reason, &length);
  napi_throw_error(env, "MPI_FAILED", (std::string(what) + ": " + std::string(reason, length)).c_str());
}

bool Await(napi_env env, const char* what, MPI_Request* request) {
  for (int64_t look = 0;; look++) {
    int done = 0;
    const int status = MPI_Test(request, &done, MPI_STATUS_IGNORE);
    if (status != MPI_SUCCESS) {
      Throw(env, what, status);
      return false;
    }
    if (done) return true;
    if (look > kYields) std::this_thread::sleep_for(kNap);
    else if (look > kLooks) std::this_thread::yield();
  }
}

struct Message {
  char* bytes;
  size_t length;
  int rank;
};

// The arguments (Uint8Array, rank) of every function that moves bytes.
bool ReadMessage(napi_env env, napi_callback_info info, Message* message) {
  size_t count = 2;
  napi_value arguments[2];
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  bool is_typed_array = false;
  if (count == 2) napi_is_typedarray(env, arguments[0], &is_typed_array);
  napi_typedarray_type type = napi_int8_array;
  void* data = nullptr;
  if (is_typed_array)
    napi_get_typedarray_info(env, arguments[0], &type, &message->length, &data, nullptr, nullptr);
  message->bytes = static_cast<char*>(data);
  if (type == napi_uint8_array && napi_get_value_int32(env, arguments[1], &message->rank) == napi_ok) return true;
  napi_throw_type_error(env, nullptr, "Cannot move bytes: the arguments must be a Uint8Array and a rank");
  return false;
}

template <typename Begin>
napi_value Move(napi_env env, napi_callback_info info, const char* what, Begin begin) {
  Message message;
  if (!ReadMessage(env, info, &message)) return nullptr;
  for (size_t done = 0; done < message.length;) {
    const size_t part = std::min(kPartBytes, message.length - done);
    MPI_Request request;
    const int status = begin(message.bytes + done, static_cast<int>(part), message.rank, &request);
    if (status != MPI_SUCCESS) {
      Throw(env, what, status);
      return nullptr;
    }
    if (!Await(env, what, &request)) return nullptr;
    done += part;
  }
  return Undefined(env);
}

napi_value Send(napi_env env, napi_callback_info info) {
  return Move(env, info, "MPI_Isend", [](char* bytes, int count, int rank, MPI_Request* request) {
    return MPI_Isend(bytes, count, MPI_BYTE, rank, 0, MPI_COMM_WORLD, request);
  });
}

napi_value Receive(napi_env env, napi_callback_info info) {
  return Move(env, info, "MPI_Irecv", [](char* bytes, int count, int rank, MPI_Request* request) {
    return MPI_Irecv(bytes, count, MPI_BYTE, rank, 0, MPI_COMM_WORLD, request);
  });
}

napi_value Broadcast(napi_env env, napi_callback_info info) {
  return Move(env, info, "MPI_Ibcast", [](char* bytes, int count, int rank, MPI_Request* request) {
    return MPI_Ibcast(bytes, count, MPI_BYTE, rank, MPI_COMM_WORLD, request);
  });
}

napi_value Barrier(napi_env env, napi_callback_info) {
  MPI_Request request;
  const int status = MPI_Ibarrier(MPI_COMM_WORLD, &request);
  if (status != MPI_SUCCESS) {
    Throw(env, "MPI_Ibarrier", status);
    return nullptr;
  }
  return Await(env, "MPI_Ibarrier", &request) ? Undefined(env) : nullptr;
}

void SetNumber(napi_env env, napi_value object, const char* name, int number) {
  napi_value value;
  napi_create_int32(env, number, &value);
  napi_set_named_property(env, object, name, value);
}

void SetText(napi_env env, napi_value object, const char* name, const char* text) {
  napi_value value;
  napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value);
  napi_set_named_property(env, object, name, value);
}

// Asks without MPI_Init, so that a build can be looked at on its own.
napi_value LibraryVersion(napi_env env, napi_callback_info) {
  char version[MPI_MAX_LIBRARY_VERSION_STRING] = "";
  int length = 0;
  MPI_Get_library_version(version, &length);
  napi_value value;
  napi_create_string_utf8(env, version, NAPI_AUTO_LENGTH, &value);
  return value;
}

napi_value Init(napi_env env, napi_callback_info) {
  int provided = 0;
  int status = MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided);
  if (status != MPI_SUCCESS) {
    Throw(env, "MPI_Init_thread", status);
    return nullptr;
  }
  // Else MPI ends the process by itself where a call fails.
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  int rank = 0;
  int size = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  MPI_Comm machine;
  int local_rank = 0;
  status = MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, rank, MPI_INFO_NULL, &machine);
  if (status != MPI_SUCCESS) {
    Throw(env, "MPI_Comm_split_type", status);
    return nullptr;
  }
  MPI_Comm_rank(machine, &local_rank);
  MPI_Comm_free(&machine);
  char processor[MPI_MAX_PROCESSOR_NAME] = "";
  int length = 0;
  MPI_Get_processor_name(processor, &length);
  napi_value world;
  napi_create_object(env, &world);
  SetNumber(env, world, "rank", rank);
  SetNumber(env, world, "size", size);
  SetNumber(env, world, "localRank", local_rank);
  SetText(env, world, "processor", processor);
  return world;
}

napi_value Finalize(napi_env env, napi_callback_info) {
  const int status = MPI_Finalize();
  if (status == MPI_SUCCESS) return Undefined(env);
  Throw(env, "MPI_Finalize", status);
  return nullptr;
}

napi_value Abort(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  int32_t code = 1;
  if (count == 1) napi_get_value_int32(env, argument, &code);
  MPI_Abort(MPI_COMM_WORLD, code);
  return Undefined(env);
}

void Export(napi_env env, napi_value exports, const char* name, napi_callback function) {
  napi_value value;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, function, nullptr, &value);
  napi_set_named_property(env, exports, name, value);
}

napi_value Register(napi_env env, napi_value exports) {
  Export(env, exports, "libraryVersion", LibraryVersion);
  Export(env, exports, "init", Init);
  Export(env, exports, "send", Send);
  Export(env, exports, "receive", Receive);
  Export(env, exports, "broadcast", Broadcast);
  Export(env, exports, "barrier", Barrier);
  Export(env, exports, "finalize", Finalize);
  Export(env, exports, "abort", Abort);
  return exports;
}

}  // namespace

NAPI_MODULE(NODE_GYP_MODULE_NAME, Register)
