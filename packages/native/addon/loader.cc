// What must be done in native code before TensorFlow's library is loaded: it reads its settings from the process's own
// environment, which `process.env` of a worker thread does not reach, and writes a banner to stderr while it is
// mapped, before any of its log levels can be set.
#include <node_api.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

int saved_stderr = -1;
FILE* captured = nullptr;

std::string Text(napi_env env, napi_value value) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) return "";
  std::vector<char> bytes(length + 1);
  napi_get_value_string_utf8(env, value, bytes.data(), bytes.size(), &length);
  return std::string(bytes.data(), length);
}

// setVariable(name, value)
napi_value SetVariable(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value arguments[2];
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  if (count == 2) setenv(Text(env, arguments[0]).c_str(), Text(env, arguments[1]).c_str(), 1);
  return nullptr;
}

// captureStderr(): from now on stderr goes to a nameless file. Does nothing if that cannot be made.
napi_value CaptureStderr(napi_env, napi_callback_info) {
  if (captured != nullptr || (captured = tmpfile()) == nullptr) return nullptr;
  fflush(stderr);
  saved_stderr = dup(STDERR_FILENO);
  if (saved_stderr >= 0 && dup2(fileno(captured), STDERR_FILENO) >= 0) return nullptr;
  if (saved_stderr >= 0) close(saved_stderr);
  fclose(captured);
  captured = nullptr;
  return nullptr;
}

// releaseStderr(): stderr goes where it went before; returns what was written meanwhile.
napi_value ReleaseStderr(napi_env env, napi_callback_info) {
  std::string text;
  if (captured != nullptr) {
    fflush(stderr);
    dup2(saved_stderr, STDERR_FILENO);
    close(saved_stderr);
    rewind(captured);
    char bytes[4096];
    for (size_t count; (count = fread(bytes, 1, sizeof bytes, captured)) > 0;) text.append(bytes, count);
    fclose(captured);
    captured = nullptr;
  }
  napi_value result = nullptr;
  napi_create_string_utf8(env, text.data(), text.size(), &result);
  return result;
}

void Export(napi_env env, napi_value exports, const char* name, napi_callback callback) {
  napi_value function;
  if (napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function) == napi_ok) {
    napi_set_named_property(env, exports, name, function);
  }
}

napi_value Init(napi_env env, napi_value exports) {
  Export(env, exports, "setVariable", SetVariable);
  Export(env, exports, "captureStderr", CaptureStderr);
  Export(env, exports, "releaseStderr", ReleaseStderr);
  return exports;
}

}  // namespace

NAPI_MODULE(NODE_GYP_MODULE_NAME, Init)
