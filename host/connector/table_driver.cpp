#include <atomic>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <sluice/error.hpp>
#include <string>

#include "connector/abi_call.hpp"
#include "connector/driver.hpp"
#include "connector/host_table.hpp"
#include "connector/plugin_library.hpp"

namespace sluice::host {
namespace {

// An open reader or writer. Its mutex keeps a close, which may come early after a cancel, behind
// the running call.
struct Handle {
  std::mutex mutex;
  sluice_reader* reader = nullptr;
  sluice_writer* writer = nullptr;
  bool is_closed = false;
};

class TableDriver final : public Driver {
 public:
  TableDriver(const PluginFile& plugin, HostServices& services)
      : plugin_{load_plugin(plugin)}, table_{plugin_.table}, host_{services} {}

  ~TableDriver() override {
    for (auto& [id, handle] : handles_) close_now(*handle);
    if (auto* instance = instance_.load()) table_.destroy(instance);
  }

  const json::object& spec() const noexcept override { return plugin_.spec; }

  void create(std::string_view config) override {
    sluice_instance* instance = nullptr;
    invoke("create", [&](sluice_failure* failure) {
      return table_.create(host_.get(), to_slice(config), &instance, failure);
    });
    if (instance == nullptr) contract_broken("create", "made no instance");
    instance_ = instance;
    if (is_cancelled_) table_.cancel(instance);
  }

  Answer call(Operation operation, std::uint64_t handle, std::string_view request) override {
    if (is_cancelled_) throw Error{Code::Cancelled, "stopped on request"};
    switch (operation) {
      case Operation::Check:
        return instance_call("check", table_.check);
      case Operation::Discover:
        return instance_call("discover", table_.discover);
      case Operation::OpenReader:
        return open_reader(request);
      case Operation::Read:
        return read(handle);
      case Operation::LookupRecords:
        return instance_call("lookup_records", table_.lookup_records, request);
      case Operation::Prepare:
        return instance_call("prepare", table_.prepare, request);
      case Operation::OpenWriter:
        return open_writer(request);
      case Operation::Write:
        return writer_call("write", table_.write, handle, request);
      case Operation::Poll:
        return writer_call("poll", table_.poll, handle, request);
      case Operation::Flush:
        return flush(handle);
      case Operation::LookupRemote:
        return writer_call("lookup_remote", table_.lookup_remote, handle, request);
      case Operation::Estimate:
        return writer_call("estimate", table_.estimate, handle, request);
      case Operation::Screen:
        return writer_call("screen", table_.screen, handle, request);
      case Operation::Verify:
        return writer_call("verify", table_.verify, handle, request);
      case Operation::None:
        break;
    }
    throw Error{Code::Unsupported,
                "unknown operation " + std::to_string(static_cast<int>(operation))};
  }

  void close(std::uint64_t id) noexcept override {
    std::shared_ptr<Handle> handle;
    {
      const std::lock_guard lock{mutex_};
      const auto found = handles_.find(id);
      if (found == handles_.end()) return;
      handle = std::move(found->second);
      handles_.erase(found);
    }
    close_now(*handle);
  }

  void cancel() noexcept override {
    is_cancelled_ = true;
    if (auto* instance = instance_.load()) table_.cancel(instance);
  }

  std::uint64_t peak_memory() const noexcept override { return status_of_process(0).peak_memory; }

 private:
  using InstanceFunction = sluice_code (*)(sluice_instance*, sluice_buffer*, sluice_failure*);
  using InstanceRequest = sluice_code (*)(sluice_instance*, sluice_slice, sluice_buffer*,
                                          sluice_failure*);
  using WriterRequest = sluice_code (*)(sluice_writer*, sluice_slice, sluice_buffer*,
                                        sluice_failure*);

  template <typename Call>
  void invoke(const char* function, Call&& call) {
    AbiFailure failure;
    const auto code = guarded(plugin_.file.id, function, [&] { return call(failure.out()); });
    failure.check(code, plugin_.file.id, function);
  }

  void require(bool is_offered, const char* function) const {
    if (is_offered) return;
    throw Error{Code::Unsupported,
                "connector '" + plugin_.file.id + "' does not offer " + function};
  }

  [[noreturn]] void contract_broken(const char* function, const std::string& how) const {
    throw Error{Code::Internal, "connector '" + plugin_.file.id + "' " + how + " in " + function};
  }

  std::string text_of(const AbiBuffer& buffer, const char* function) const {
    if (buffer.is_broken()) contract_broken(function, "announced bytes that it does not hand over");
    if (buffer.text().size() > kMaxFramePayload) {
      contract_broken(function, "answered " + std::to_string(buffer.text().size() >> 20) +
                                    " MiB, over the limit of " +
                                    std::to_string(kMaxFramePayload >> 20) + " MiB,");
    }
    return std::string{buffer.text()};
  }

  std::shared_ptr<Handle> find(std::uint64_t id) {
    const std::lock_guard lock{mutex_};
    const auto found = handles_.find(id);
    if (found == handles_.end())
      throw Error{Code::Internal, "no reader or writer is open as " + std::to_string(id)};
    return found->second;
  }

  std::uint64_t keep(sluice_reader* reader, sluice_writer* writer) {
    auto handle = std::make_shared<Handle>();
    handle->reader = reader;
    handle->writer = writer;
    const std::lock_guard lock{mutex_};
    handles_.emplace(++last_handle_, std::move(handle));
    return last_handle_;
  }

  void close_now(Handle& handle) noexcept {
    const std::lock_guard lock{handle.mutex};
    if (handle.is_closed) return;
    handle.is_closed = true;
    if (handle.reader != nullptr) table_.close_reader(handle.reader);
    if (handle.writer != nullptr) table_.close_writer(handle.writer);
  }

  Answer instance_call(const char* function, InstanceFunction pointer) {
    return answer_of(function, [&](sluice_buffer* answer, sluice_failure* failure) {
      return pointer(instance_, answer, failure);
    });
  }

  Answer instance_call(const char* function, InstanceRequest pointer, std::string_view request) {
    require(pointer != nullptr, function);
    return answer_of(function, [&](sluice_buffer* answer, sluice_failure* failure) {
      return pointer(instance_, to_slice(request), answer, failure);
    });
  }

  template <typename Call>
  Answer answer_of(const char* function, Call&& call) {
    AbiBuffer buffer;
    invoke(function, [&](sluice_failure* failure) { return call(buffer.out(), failure); });
    Answer answer;
    answer.body = text_of(buffer, function);
    return answer;
  }

  Answer writer_call(const char* function, WriterRequest pointer, std::uint64_t id,
                     std::string_view request) {
    require(pointer != nullptr, function);
    return on_writer(id, [&](sluice_writer* writer) {
      return answer_of(function, [&](sluice_buffer* answer, sluice_failure* failure) {
        return pointer(writer, to_slice(request), answer, failure);
      });
    });
  }

  template <typename Call>
  Answer on_writer(std::uint64_t id, Call&& call) {
    const auto handle = find(id);
    const std::lock_guard lock{handle->mutex};
    if (handle->is_closed || handle->writer == nullptr)
      throw Error{Code::Internal, "the writer is not open"};
    return call(handle->writer);
  }

  Answer open_reader(std::string_view request) {
    require(table_.open_reader != nullptr, "open_reader");
    sluice_reader* reader = nullptr;
    invoke("open_reader", [&](sluice_failure* failure) {
      return table_.open_reader(instance_, to_slice(request), &reader, failure);
    });
    if (reader == nullptr) contract_broken("open_reader", "made no reader");
    Answer answer;
    answer.handle = keep(reader, nullptr);
    return answer;
  }

  Answer read(std::uint64_t id) {
    const auto handle = find(id);
    const std::lock_guard lock{handle->mutex};
    if (handle->is_closed || handle->reader == nullptr)
      throw Error{Code::Internal, "the reader is not open"};
    sluice_page page{};
    invoke("read",
           [&](sluice_failure* failure) { return table_.read(handle->reader, &page, failure); });
    const AbiBuffer records{page.records};
    const AbiBuffer cursor{page.cursor};
    Answer answer;
    answer.body = text_of(records, "read");
    answer.extra = text_of(cursor, "read");
    answer.value = page.count;
    answer.flags = page.flags;
    return answer;
  }

  Answer open_writer(std::string_view request) {
    require(table_.open_writer != nullptr, "open_writer");
    sluice_writer* writer = nullptr;
    AbiBuffer limits;
    invoke("open_writer", [&](sluice_failure* failure) {
      return table_.open_writer(instance_, to_slice(request), &writer, limits.out(), failure);
    });
    if (writer == nullptr) contract_broken("open_writer", "made no writer");
    Answer answer;
    answer.handle = keep(nullptr, writer);
    answer.body = text_of(limits, "open_writer");
    return answer;
  }

  Answer flush(std::uint64_t id) {
    require(table_.flush != nullptr, "flush");
    return on_writer(id, [&](sluice_writer* writer) {
      invoke("flush", [&](sluice_failure* failure) { return table_.flush(writer, failure); });
      return Answer{};
    });
  }

  const LoadedPlugin& plugin_;
  const sluice_connector& table_;
  HostTable host_;
  std::atomic<sluice_instance*> instance_ = nullptr;
  std::atomic<bool> is_cancelled_ = false;
  std::mutex mutex_;
  std::uint64_t last_handle_ = 0;
  std::map<std::uint64_t, std::shared_ptr<Handle>> handles_;
};

}  // namespace

std::unique_ptr<Driver> make_table_driver(const PluginFile& plugin, HostServices& services) {
  return std::make_unique<TableDriver>(plugin, services);
}

ProcessStatus status_of_process(int pid) noexcept try {
  std::ifstream file{"/proc/" + (pid == 0 ? std::string{"self"} : std::to_string(pid)) + "/status"};
  ProcessStatus status;
  for (std::string word; file >> word;) {
    if (word == "VmHWM:") {
      file >> status.peak_memory;
      status.peak_memory *= 1024;
    } else if (word == "Threads:") {
      file >> status.threads;
    }
  }
  return status;
} catch (...) {
  return {};
}

}  // namespace sluice::host
