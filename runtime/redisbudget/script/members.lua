-- The members: who they are, and whether what is known of them can be trusted.

local meta = load(KEYS[1])
local known = meta ~= nil
if not known then
	meta = {gen = req.fresh, speed = req.speed, hb = req.hb, linger = req.linger, rsv = req.rsv, wait = 0, last = now, mem = {}}
end
if meta.speed ~= req.speed or meta.hb ~= req.hb or meta.linger ~= req.linger or meta.rsv ~= req.rsv then
	error(string.format('WEIR config the members here have speed %s, heartbeat %s ms, linger %s ms, and reserve for %s ms', meta.speed, meta.hb, meta.linger, meta.rsv))
end
now = now + (meta.off or 0)
if now < meta.last then -- its clock was set back; ours goes on from where it was
	meta.off, now = (meta.off or 0) + meta.last - now, meta.last
end
local lifetime = 5 * meta.hb
meta.wait = math.max(meta.wait, req.longest)
local longest = lifetime + meta.linger + meta.wait
local keep = longest + (meta.rsv > 0 and meta.rsv + meta.hb or 0) -- what a silent member may send counts no longer

-- A recovery: members have lost sight of Redis, or it of them. Nothing is granted
-- until all that are known have restated what they hold, or none of it can count: so
-- long after it began, also if somebody turns out to have a longer window.
local function recover()
	meta.gen = req.fresh
	meta.blank = not known or meta.rec and meta.blank -- what silent members may send is not known any more
	meta.rec = now
	meta.exp = {}
	for other, m in pairs(meta.mem) do
		if not m.gone then meta.exp[other] = true end
	end
	for _, other in ipairs(req.others) do -- of those that are gone the counters know, unless that is lost
		if not (meta.mem[other] and meta.mem[other].gone) then meta.exp[other] = true end
	end
	meta.exp[name] = req.gen ~= '' or nil
end

local function recovered() return meta.rec + (meta.blank and keep or longest) end

local me = meta.mem[name]
local dup = false
if me and me.inc == req.inc then
	if req.k <= me.k then return cjson.encode({stale = true}) end
	dup = me.n == req.n
end
local taken = me and me.inc ~= req.inc and req.gen ~= ''
if taken then return cjson.encode({taken = true}) end
local function clock() return string.format('%.6f', now) end
local lost = req.gen ~= '' and (not known or not me or (me.n ~= req.ack and me.n ~= req.n))
local alive = false
for other, m in pairs(meta.mem) do alive = alive or not m.gone and (other ~= name or req.gen ~= '') end
local silent = alive and now - meta.last > 2 * meta.hb
-- One of a generation that nobody is asked to restate has missed a recovery, or
-- somebody new came first to a Redis that had lost everything.
local strange = req.gen ~= '' and req.gen ~= meta.gen and not meta.rec
if req.gen == meta.gen and (req.away or lost) or req.gen ~= '' and not known or silent or strange then recover() end
for other, m in pairs(meta.mem) do -- not before: all may have been without Redis for long
	if other ~= name and m.at + keep < now and not (meta.exp and meta.exp[other]) then meta.mem[other] = nil end
end

local restating = req.gen ~= '' and req.gen ~= meta.gen
meta.last = now
-- Its leases last until then at least (by), as it said when it sent this. It knows
-- of no later end before it has a reply, which it may never have.
local by = math.min(req.by or now, now + lifetime)
meta.mem[name] = {inc = req.inc, at = now, k = req.k, n = restating and req.ack or req.n, by = by, p = 1}

local p, others = 0, {}
for other, m in pairs(meta.mem) do
	if m.at + lifetime >= now and not m.gone then p = p + 1 end
	if other ~= name then others[#others + 1] = other end
end
meta.mem[name].p = math.max(math.min(p, req.p), 1)
if restating then -- it may know of some whom those before it did not
	for _, other in ipairs(req.others) do
		if not meta.mem[other] then meta.exp[other] = true end
	end
end
if restating and not req.restate then
	save(KEYS[1], meta, keep * 2)
	return finish({restate = true, gen = meta.gen, p = p, others = #others > 0 and others or nil, now = clock(), long = meta.wait})
end
if meta.rec then
	if req.restate then meta.exp[name] = nil end
	if not next(meta.exp) or now >= recovered() then meta.rec, meta.exp = nil, nil end
end
meta.mem[name].n = req.n
if req.leave then meta.mem[name].gone = true end
