-- Posts the files named after `--` in turn, and tells at the end how many answers had which status.

local threads = {}
local turn = 0
local posts = {}
statuses = {}

function setup(thread) table.insert(threads, thread) end

function init(arguments)
  wrk.headers["Content-Type"] = "application/json"
  for _, name in ipairs(arguments) do
    local file = assert(io.open(name, "rb"))
    table.insert(posts, wrk.format("POST", nil, nil, file:read("*a")))
    file:close()
  end
end

function request()
  turn = turn % #posts + 1
  return posts[turn]
end

function response(status)
  local name = tostring(status)
  statuses[name] = (statuses[name] or 0) + 1
end

function done()
  for _, thread in ipairs(threads) do
    for status, count in pairs(thread:get("statuses")) do
      io.write(string.format("STATUS %s %d\n", status, count))
    end
  end
end
