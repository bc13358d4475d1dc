-- Sends the requests of a folder in random order and compares each answer, known by its identifier,
-- with the one right body. Arguments: the folder, how many requests it has, the seed.

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local content = file:read("*a")
  file:close()
  return content
end

function init(arguments)
  sent, answers = {}, {}
  for number = 0, tonumber(arguments[2]) - 1 do
    sent[number] = read(arguments[1] .. "/" .. number .. ".request")
    answers[tostring(number)] = read(arguments[1] .. "/" .. number .. ".answer")
  end
  count = tonumber(arguments[2])
  right, refused, wrong, example = 0, 0, 0, ""
  math.randomseed(tonumber(arguments[3]))
end

function request()
  return sent[math.random(0, count - 1)]
end

function response(status, headers, body)
  if status == 200 and body == answers[headers["X-Request-Id"]] then
    right = right + 1
  elseif status == 429 and tonumber(headers["Retry-After"]) >= 1 then
    refused = refused + 1
  else
    wrong = wrong + 1
    example = status .. " " .. (headers["X-Request-Id"] or "without identifier")
  end
end

function done(summary, latency, requests)
  local sums = { right = 0, refused = 0, wrong = 0 }
  local example = ""
  for _, thread in ipairs(threads) do
    for name in pairs(sums) do sums[name] = sums[name] + thread:get(name) end
    if thread:get("example") ~= "" then example = thread:get("example") end
  end
  local errors = summary.errors
  local lost = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format(
    '\nRESULT {"right": %d, "refused": %d, "wrong": %d, "lost": %d, "example": "%s", ' ..
    '"median": %d, "tail": %d}\n', sums.right, sums.refused, sums.wrong, lost, example,
    latency:percentile(50), latency:percentile(99)))
end
