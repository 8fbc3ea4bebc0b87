-- The members: who they are, and whether what is known of them can be trusted.

local meta = load(KEYS[1])
local known = meta ~= nil
if not known then
	meta = {gen = req.fresh, speed = req.speed, hb = req.hb, linger = req.linger, wait = 0, last = now, mem = {}}
end
if meta.speed ~= req.speed or meta.hb ~= req.hb or meta.linger ~= req.linger then
	error(string.format('WEIR config the members here have speed %s, heartbeat %s ms and linger %s ms', meta.speed, meta.hb, meta.linger))
end
now = math.max(now, meta.last) -- its clock may be set back
local lifetime = 5 * meta.hb
meta.wait = math.max(meta.wait, req.longest)
local longest = lifetime + meta.linger + meta.wait

-- A recovery: members have lost sight of Redis, or it of them. Nothing is granted
-- until all that are known have restated what they hold, or none of it can count.
local function recover()
	meta.gen = req.fresh
	meta.rec = now + longest
	meta.exp = {}
	for other, m in pairs(meta.mem) do
		if not m.gone then meta.exp[other] = true end
	end
	for _, other in ipairs(req.others) do -- of those that are gone the counters know, unless that is lost
		if not (meta.mem[other] and meta.mem[other].gone) then meta.exp[other] = true end
	end
	meta.exp[name] = req.gen ~= '' or nil
end

local me = meta.mem[name]
local dup = false
if me and me.inc == req.inc then
	if req.k <= me.k then return cjson.encode({stale = true}) end
	dup = me.n == req.n
end
for other, m in pairs(meta.mem) do
	if other ~= name and m.at + longest < now then meta.mem[other] = nil end
end
local taken = me and me.inc ~= req.inc and req.gen ~= ''
if taken then return cjson.encode({taken = true}) end
local lost = req.gen ~= '' and (not known or not me or (me.n ~= req.ack and me.n ~= req.n))
local alive = false
for other, m in pairs(meta.mem) do alive = alive or not m.gone and (other ~= name or req.gen ~= '') end
local silent = alive and now - meta.last > 2 * meta.hb
if req.gen == meta.gen and (req.away or lost) or req.gen ~= '' and not known or silent then recover() end

local restating = req.gen ~= '' and req.gen ~= meta.gen
meta.last = now
-- Its leases last from the last contact that it had a reply of, which it tells
-- with a later one (c); until then there is a log of those that it may have had.
local same = me and me.inc == req.inc and me or {}
local confirmed, heard, log = same.c, same.h, {}
for _, l in ipairs(same.log or {}) do
	if l[1] == req.ak then confirmed, heard = l[2] - req.lag, l[2] end
	if l[1] > req.ak then log[#log + 1] = l end
end
if #log < 50 then log[#log + 1] = {req.k, now} end
meta.mem[name] = {inc = req.inc, at = now, k = req.k, n = restating and req.ack or req.n, c = confirmed, h = heard, log = log}

-- This call was on its way for no longer than this: it was sent so long (since) after
-- the last reply was had, and that was written when it was heard. What a request tells
-- to be from now on was earlier by up to as much.
local late = heard and math.max(now - heard - req.since, 0) or math.huge

local p, others = 0, {}
for other, m in pairs(meta.mem) do
	if m.at + lifetime >= now and not m.gone then p = p + 1 end
	if other ~= name then others[#others + 1] = other end
end
if restating and meta.rec then -- it may know of some whom those before it did not
	for _, other in ipairs(req.others) do
		if not meta.mem[other] then meta.exp[other] = true end
	end
end
if restating and not req.restate then
	save(KEYS[1], meta, longest * 2)
	return cjson.encode({restate = true, gen = meta.gen, p = p, others = #others > 0 and others or nil})
end
if meta.rec then
	if req.restate then meta.exp[name] = nil end
	if not next(meta.exp) or now >= meta.rec then meta.rec, meta.exp = nil, nil end
end
meta.mem[name].n = req.n
if req.leave then meta.mem[name].gone = true end
