-- What a member gets of a counter: what it wants, or its share of what is left,
-- in turns of a hundredth.

-- share is how much it may have of what it wants; the second result is its part of
-- the limit where others want it too, by its uses, the third how many of these have
-- their turn before it, and the fourth whether these lack what they need.
local function share(st, m, q, users, limit, remaining, out)
	local k = math.min(q.w, math.max(math.floor(remaining / (3 * p)), math.ceil(limit / 100), math.floor(limit / (8 * p)), q.x))
	if st.cap then k = math.min(k, st.cap - out) end
	local vain = false
	for other, om in pairs(st.m) do
		vain = vain or other ~= name and meta.mem[other] and (om.vain or 0) + math.max(2 * meta.hb, st.life) > now
	end
	if not vain then return k, nil, 0 end
	-- Where others have waited in vain since the limit went last none takes more than
	-- its part; and where they still do, of the last places none before those whose
	-- turn is before, unless they have their parts.
	local all, parts = partsOf(name, users, limit)
	local turn, before, theirs, mine = turnOf(st, m), 0, 0, 0
	for _, user in ipairs(users) do
		local om = st.m[user.name]
		if user.name == name then
			mine = (all[name] or 0) - user.has
			if mine > 0 then mine = math.max(mine, q.x) end
		elseif user.lately and om.z and om.z + 2 * meta.hb > now and user.has < (all[user.name] or 0) then
			local at = turnOf(st, om)
			if at < turn or at == turn and (om.got or 0) < (m.got or 0) then before, theirs = before + 1, theirs + om.x end
		end
	end
	return math.min(k, math.max(mine, 0), math.max(remaining - theirs, 0)), parts, before, theirs > remaining
end

-- A grant in the making (g) has room for so much (room), of which so much is free
-- now (free), the slots granted so far, and how many charges these are (n). So much is kept
-- from the use that is served (keep), and a bucket drains so much slower for those
-- in contact (slow).

-- fromBucket grants up to k charges, each from when the bucket has room for it
-- besides what is kept. A charge granted ahead takes its room from now on, so where
-- some is kept no more than half of that may drain until then.
local function fromBucket(st, m, g, k)
	local most, ahead = math.min(g.n + k, g.room - g.keep), horizon
	if g.keep > 0 then ahead = math.min(horizon, now + g.keep * st.u / 2) end
	while g.n < most do
		local free = st.e - (g.room - g.keep - g.n - 1) * st.u
		if free > now then free = now + (free - now) * g.slow end
		if free > ahead then break end
		free = math.max(free, now)
		local last = g.slots[#g.slots]
		if last and last[1] == free - now then
			last[2] = last[2] + 1
		else
			g.slots[#g.slots + 1] = {free - now, 1}
		end
		g.n = g.n + 1
	end
end

-- nextPlaces is the charges whose places come free, in that order. A member may
-- send again what comes free once its leases have ended; that is left to it.
local function nextPlaces(st)
	local all = {}
	local function collect(list, by)
		for _, s in ipairs(list) do
			if s[1] > now and (not by or s[1] <= by) then all[#all + 1] = s end
		end
	end
	for other, om in pairs(st.m) do
		local owner = meta.mem[other]
		collect(om.s, owner and not owner.gone and owner.by or nil)
	end
	collect(st.r)
	table.sort(all, function(a, b) return a[1] < b[1] end)
	return all
end

-- place grants up to so many places that are free from a moment on, and returns how
-- many. What a class takes of others' part comes at its pace, for a heartbeat ahead.
local function place(g, at, cost)
	local n = math.min(cost, g.own)
	if n > 0 then g.slots[#g.slots + 1] = {math.max(at - now, 0), n} end
	g.own = g.own - n
	while n < cost do
		local turn = math.max(at, g.turn)
		if turn > now + meta.hb then break end
		g.slots[#g.slots + 1] = {turn - now, 1}
		g.turn, g.lent, n = turn + g.step, g.lent + 1, n + 1
	end
	g.n = g.n + n
	return n
end

-- fromPlaces grants up to k places: those that are free, and then those that come
-- free, besides what is kept. What it takes of charges that still count it notes,
-- to be put back if the reply is lost.
local function fromPlaces(st, m, g, k)
	local most, here = g.n + k, g.free
	if st.w then here = math.min(here, st.w[3] - (g.limit - g.room) - g.n) end
	local debt = math.max(g.keep - g.free, 0)
	g.free = g.free - place(g, now, math.max(math.min(k, here - g.keep), 0))
	if g.n == most then return end
	for _, s in ipairs(nextPlaces(st)) do
		if g.n >= most or s[1] > horizon then break end
		local skip = math.min(debt, s[3])
		debt = debt - skip
		local cost = place(g, s[1], math.min(s[3] - skip, most - g.n))
		if cost > 0 then
			m.g[#m.g + 1] = {s[1], s[2], cost}
			s[3] = s[3] - cost
		end
	end
end

-- withdraw takes a grant back.
local function withdraw(st, m, g)
	for _, s in ipairs(m.g) do st.r[#st.r + 1] = s end
	m.g, g.slots, g.n = {}, {}, 0
end

local function grant(st, m, q, reply, limit, out, held)
	local drawing, slow = slower(st, limit)
	local users = usersOf(st, limit)
	if st.k == 'b' then out = out + held + drawing end -- what will be poured, and what silent members may pour
	local g = {limit = limit, room = limit - out, free = limit - out - held, slots = {}, n = 0, keep = 0, slow = slow}
	local k, parts, before, yields = share(st, m, q, users, limit, g.room, out)
	m.g, m.gk = {}, req.k
	local turns = {unpack(st.turns or {0, 0, 0})}
	local got, from = {}, st.k == 'b' and fromBucket or fromPlaces
	for _, use in ipairs(m.u) do
		local some, n = math.min(use.w, k - g.n), g.n
		if some > 0 then
			g.keep = kept(st, users, limit, use, q.x)
			g.own, g.step = pace(st, users, limit, use)
			g.turn, g.lent = math.max(turns[use.c] or 0, now), 0
			from(st, m, g, some)
			if g.lent > 0 then
				turns[use.c] = g.turn
				lend(st, use, now, g.lent)
			end
		end
		got[#got + 1] = g.n - n
	end
	if g.n < q.x then -- two that have half of what each needs would wait for each other
		withdraw(st, m, g)
	else
		st.turns = turns
		for i, use in ipairs(m.u) do served(st, use, got[i]) end
	end
	m.o = m.o + g.n
	if g.n > 0 then
		reply.g = g.slots
		m.z, m.got = nil, now
	else
		m.z, m.vain = now, now
	end
	reply.a, reply.v = parts, yields
	-- Places that are not free yet may be fetched at any time until they are; those
	-- of others come back when these say so, and then it is the turn of who is first.
	if k <= 0 or g.n < k or g.n < q.w and g.n >= g.room then
		reply.y = meta.hb / 30
		if st.k == 'w' then reply.y = math.min(meta.hb, st.life / 4) end
		if st.k == 'b' then reply.y = math.min(meta.hb, st.u * limit, g.keep > 0 and g.keep * st.u or math.huge) / 4 end
		if limit < 20 then reply.y = math.min(reply.y * (1 + 2 * before), meta.hb) end
	end
end
