-- One contact of one member. KEYS[1] is what is known of the members, the others
-- are the counters of the request; all are in one slot. ARGV[1] is the request.
-- The files of this folder are one script, in the order of wire.go.
--
-- Times in a request and in its reply count from now, in milliseconds of the
-- ledger's clock, since cjson keeps 14 digits; those that are kept are absolute,
-- and are packed whole.

local req = cjson.decode(ARGV[1])
local name = req.name

local function load(key)
	local kind = redis.call('TYPE', key).ok
	if kind == 'none' then return nil end
	if kind ~= 'string' then error('WEIR foreign ' .. key) end
	local raw = redis.call('GET', key)
	if string.sub(raw, 1, 5) ~= 'weir1' then
		error((string.match(raw, '^weir%d') and 'WEIR version ' or 'WEIR foreign ') .. key)
	end
	return cmsgpack.unpack(string.sub(raw, 6))
end

-- What is kept is written at the end, all or nothing: a call that fails has done nothing.
local writes = {}
local function save(key, value, life)
	writes[#writes + 1] = {key, 'weir1' .. cmsgpack.pack(value), math.ceil(math.min(life, 4e11) / req.speed) + 1000}
end

local function finish(reply)
	for _, w in ipairs(writes) do redis.call('SET', w[1], w[2], 'PX', w[3]) end
	return cjson.encode(reply)
end

local now = req.now
if not now then
	local t = redis.call('TIME')
	now = ((tonumber(t[1]) - 1767225600) * 1000 + tonumber(t[2]) / 1000) * req.speed
end
