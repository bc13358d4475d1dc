-- Posts the file named after `--` again and again, and reports in one line of JSON at the end.

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  wrk.method = "POST"
  wrk.body = file:read("*a")
  wrk.headers["Content-Type"] = "application/json"
  file:close()
end

function done(summary, latency, requests)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.timeout + errors.status
  io.write(string.format(
    '\nRESULT {"requests": %d, "microseconds": %d, "failed": %d, "median_latency": %d}\n',
    summary.requests, summary.duration, failed, latency:percentile(50)))
end
