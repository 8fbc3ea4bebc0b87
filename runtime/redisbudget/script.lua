-- One contact of one member. KEYS[1] is what is known of the members, the others
-- are the counters of the request; all are in one slot. ARGV[1] is the request.
-- Times in a request and in its reply count from now, in milliseconds of the
-- ledger's clock, since cjson keeps 14 digits; those that are kept are absolute,
-- and are packed whole.
--
-- A counter holds for each member what it has leased and not reported (o), until
-- when (d), and its answered charges (s): {free at, answered at, cost}.

local req = cjson.decode(ARGV[1])
local name = req.name

local function load(key)
	local kind = redis.call('TYPE', key).ok
	if kind == 'none' then return nil end
	if kind ~= 'string' then error('WEIR foreign ' .. key) end
	local raw = redis.call('GET', key)
	if string.sub(raw, 1, 5) ~= 'weir1' then error('WEIR foreign ' .. key) end
	return cmsgpack.unpack(string.sub(raw, 6))
end

local function save(key, value, life)
	redis.call('SET', key, 'weir1' .. cmsgpack.pack(value), 'PX', math.ceil(math.min(life, 4e11) / req.speed) + 1000)
end

local now = req.now
if not now then
	local t = redis.call('TIME')
	now = ((tonumber(t[1]) - 1767225600) * 1000 + tonumber(t[2]) / 1000) * req.speed
end

-- The members.

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
local confirmed, log = same.c, {}
for _, l in ipairs(same.log or {}) do
	if l[1] == req.ak then confirmed = l[2] - req.lag end
	if l[1] > req.ak then log[#log + 1] = l end
end
if #log < 50 then log[#log + 1] = {req.k, now} end
meta.mem[name] = {inc = req.inc, at = now, k = req.k, n = restating and req.ack or req.n, c = confirmed, log = log}

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

-- The counters.

local function push(list, free, at, cost, grain)
	local last = list[#list]
	if last and math.abs(last[1] - free) <= grain and math.abs(last[2] - at) <= grain then
		last[1], last[2], last[3] = math.max(last[1], free), math.max(last[2], at), last[3] + cost
	else
		list[#list + 1] = {free, at, cost}
	end
end

-- answered starts the clock of a charge; end_ is when its window ends, where told.
local function answered(st, m, at, free, cost)
	if cost <= 0 then return end
	if st.k == 'b' then
		st.e = math.max(st.e, at) + cost * st.u
	elseif free > now then
		push(m.s, free, at, cost, st.life / 1000)
	end
end

-- settle frees what is free by now, and takes what has expired as answered.
local function settle(st)
	local out, held, least = 0, 0, nil
	for other, m in pairs(st.m) do
		if m.o > 0 and (m.d <= now or meta.mem[other] == nil and other ~= name) then
			local at = m.d + meta.linger
			answered(st, m, at, at + st.life, m.o)
			m.o = 0
		end
		local kept = {}
		for _, s in ipairs(m.s) do
			if s[1] > now then
				kept[#kept + 1] = s
				held = held + s[3]
			end
		end
		m.s = kept
		if m.o == 0 and #kept == 0 and meta.mem[other] == nil then
			st.m[other] = nil
		else
			out = out + m.o
			if m.l and (not least or m.l < least) then least = m.l end
		end
	end
	return out, held, least
end

local function capAt(st, sent, finish)
	for _, m in pairs(st.m) do
		for _, s in ipairs(m.s) do
			if s[2] <= sent and s[1] > finish then s[1] = finish end
		end
	end
end

local function observe(st, q)
	for _, e in ipairs(q.ends or {}) do capAt(st, now + e[1], now + e[2]) end
	if q.f and now + q.f > now then
		st.f = math.max(st.f or 0, now + q.f)
		st.cap = 1
	end
	if q.told then st.told = q.told end
	if st.w and now >= st.w[2] then st.w = nil end
	for _, l in ipairs(q.left or {}) do
		local left, lo, hi = l[1], now + l[2], now + l[3]
		if hi > now then
			if st.w and math.max(hi, st.w[2]) - math.min(lo, st.w[1]) < st.life then
				st.w = {math.max(lo, st.w[1]), math.max(math.min(hi, st.w[2]), lo), math.min(left, st.w[3])}
			elseif not st.w or hi > st.w[2] then
				st.w = {lo, hi, left}
			end
		end
	end
	if st.w and q.blind then st.w[3] = st.w[3] - q.blind end
	if st.cap and (q.good or 0) > 0 and (not st.f or st.f <= now) then
		st.cap = st.cap * 2
		if st.cap >= 1024 then st.cap = nil end
	end
end

local replies, granted = {}, not meta.rec
for i, q in ipairs(req.c) do
	local key = KEYS[i + 1]
	local st = load(key)
	local reply = {}
	if not st then st = {k = q.k, u = q.u, life = q.life, e = 0, m = {}} end
	if st.k ~= q.k or math.abs(st.u - q.u) > 1e-9 * math.abs(q.u) or st.life ~= q.life then
		reply.x = string.format('it is counted as %s of %s ms by others, and as %s of %s ms here', st.k, st.k == 'b' and st.u or st.life, q.k, q.k == 'b' and q.u or q.life)
	else
		local m = st.m[name]
		if m and m.inc ~= req.inc then -- an earlier process of this name
			if m.o > 0 then
				local at = m.d + meta.linger
				answered(st, m, at, at + st.life, m.o)
				m.o = 0
			end
			m.gk = nil
		end
		m = m or {o = 0, d = now, s = {}}
		st.m[name] = m
		m.inc = req.inc
		if req.restate then
			m.s = {}
		elseif m.gk and m.gk > req.ak then -- granted, and the reply was lost
			for _, s in ipairs(m.g) do
				if s[1] > now then m.s[#m.s + 1] = s end
			end
		end
		m.gk, m.g = nil, nil
		m.l = q.n
		m.o, m.d = q.o, now + lifetime
		if req.leave then m.d = now end
		if req.restate or not dup then
			for _, s in ipairs(q.s or {}) do answered(st, m, now + s[2], now + s[1], s[3]) end
			observe(st, q)
		end
		local out, held, limit = settle(st)
		if req.restate and st.k == 'b' then -- the level cannot be restated in parts; it is not above the limit
			st.e = now + limit * st.u
		end
		if st.told == nil and limit < q.n then reply.l = limit end

		-- What it gets: its demand, or its share of what is left, in turns of a hundredth.
		local want = q.w or 0
		if want == 0 then m.z = nil end
		if want > 0 and granted and not req.leave and not (st.f and st.f > now) then
			local remaining = limit - out
			local k = math.min(want, math.max(math.floor(remaining / (2 * p)), math.ceil(limit / 100), q.x or 1))
			if st.cap then k = math.min(k, st.cap - out) end
			-- Where others have waited in vain lately none takes more than its even part,
			-- and of the last places none before those who were served longer ago.
			local waiting, longer, mine = 1, 0, m.o
			for other, om in pairs(st.m) do
				if other ~= name and om.z and om.z + 2 * meta.hb > now and meta.mem[other] then
					waiting = waiting + 1
					if (om.got or 0) < (m.got or 0) then longer = longer + 1 end
				end
			end
			if waiting > 1 then
				for _, s in ipairs(m.s) do mine = mine + s[3] end
				k = math.min(k, math.max(math.ceil(limit / waiting) - mine, 0), math.max(remaining - longer, 0))
			end
			-- Places that are not free yet may be fetched at any time until they are; those
			-- of others come back when these say so.
			local later = meta.hb / 30
			if st.k == 'w' then later = math.min(meta.hb, st.life / 4) end
			if st.k == 'b' then later = math.min(meta.hb, st.u * limit) / 4 end
			if k <= 0 then reply.y = later end
			local slots, left = {}, k
			local horizon = now + 3 * meta.hb
			if st.k == 'b' then
				left = math.min(left, remaining)
				local n, at = 0, nil
				while left > 0 do
					local free = st.e - (limit - out - n - 1) * st.u
					if free > horizon then
						reply.y = later
						break
					end
					free = math.max(free, now)
					if #slots > 0 and slots[#slots][1] == free - now then
						slots[#slots][2] = slots[#slots][2] + 1
					else
						slots[#slots + 1] = {free - now, 1}
					end
					n, left = n + 1, left - 1
				end
				if n < k or n == 0 then reply.y = later end
				m.o = m.o + n
			else
				local here = remaining - held
				local debt = math.max(-here, 0)
				if st.w then here = math.min(here, st.w[3] - out) end
				local take = math.max(math.min(left, here), 0)
				if take > 0 then
					slots[1] = {0, take}
					left = left - take
				end
				if left > 0 then -- places that are not free yet
					local all = {}
					for other, om in pairs(st.m) do
						-- Its member may send again what comes free once its leases have ended.
						local owner, by = meta.mem[other], nil
						if owner and not owner.gone then by = (owner.c or now - lifetime) + lifetime end
						for _, s in ipairs(om.s) do
							if not by or s[1] <= by then all[#all + 1] = s end
						end
					end
					table.sort(all, function(a, b) return a[1] < b[1] end)
					m.g, m.gk = {}, req.k
					for _, s in ipairs(all) do
						if left <= 0 then break end
						if s[1] > horizon then break end
						local free = s[3]
						local skip = math.min(debt, free)
						debt, free = debt - skip, free - skip
						local cost = math.min(free, left)
						if cost > 0 then
							slots[#slots + 1] = {s[1] - now, cost}
							m.g[#m.g + 1] = {s[1], s[2], cost}
							s[3], left, take = s[3] - cost, left - cost, take + cost
						end
					end
				end
				if left > 0 then reply.y = later end
				m.o = m.o + take
			end
			if m.o - q.o >= remaining and m.o - q.o < want then reply.y = later end
			if #slots > 0 then reply.g = slots end
			if #slots > 0 then m.z, m.got = nil, now else m.z = now end
		end
		if st.f and st.f > now then reply.f = st.f - now end
		if st.w then reply.e = {st.w[1] - now, st.w[2] - now} end
		if st.told then reply.t = st.told end
		local most = math.max(lifetime + meta.linger + st.life, (st.f or 0) - now, st.e - now)
		for _, other in pairs(st.m) do
			for _, s in ipairs(other.s) do most = math.max(most, s[1] - now) end
		end
		save(key, st, most + lifetime)
	end
	replies[i] = reply
end
save(KEYS[1], meta, longest * 2)
local reply = {gen = meta.gen, p = p, others = #others > 0 and others or nil, rec = meta.rec and meta.rec - now or nil}
if #replies > 0 then reply.c = replies end
return cjson.encode(reply)
