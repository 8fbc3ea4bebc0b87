-- What a member gets of a counter: its demand, or its share of what is left, in
-- turns of a hundredth.

-- share is how much it may have of what it wants.
local function share(st, m, q, limit, remaining, out)
	local k = math.min(q.w, math.max(math.floor(remaining / (2 * p)), math.ceil(limit / 100), q.x or 1))
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
	return k
end

-- horizon is until when places are granted that are not free yet.
local horizon = now + 3 * meta.hb

-- fromBucket grants up to k charges, each from when the bucket has room for it.
-- It returns them as slots, and how many they are.
local function fromBucket(st, k, room)
	local slots, n = {}, 0
	while n < math.min(k, room) do
		local free = st.e - (room - n - 1) * st.u
		if free > horizon then break end
		free = math.max(free, now)
		local last = slots[#slots]
		if last and last[1] == free - now then
			last[2] = last[2] + 1
		else
			slots[#slots + 1] = {free - now, 1}
		end
		n = n + 1
	end
	return slots, n
end

-- fromPlaces grants up to k places: those that are free, and then those that come
-- free. What it takes of charges that still count it notes, to be put back if the
-- reply is lost.
local function fromPlaces(st, m, k, remaining, held, out)
	local slots, here = {}, remaining - held
	local debt = math.max(-here, 0)
	if st.w then here = math.min(here, st.w[3] - out) end
	local n = math.max(math.min(k, here), 0)
	if n > 0 then slots[1] = {0, n} end
	if n == k then return slots, n end
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
		if n >= k or s[1] > horizon then break end
		local skip = math.min(debt, s[3])
		debt = debt - skip
		local cost = math.min(s[3] - skip, k - n)
		if cost > 0 then
			slots[#slots + 1] = {s[1] - now, cost}
			m.g[#m.g + 1] = {s[1], s[2], cost}
			s[3], n = s[3] - cost, n + cost
		end
	end
	return slots, n
end

local function grant(st, m, q, reply, limit, out, held)
	local remaining = limit - out
	local k = share(st, m, q, limit, remaining, out)
	local slots, n
	if st.k == 'b' then
		slots, n = fromBucket(st, k, remaining)
	else
		slots, n = fromPlaces(st, m, k, remaining, held, out)
	end
	m.o = m.o + n
	if n > 0 then
		reply.g = slots
		m.z, m.got = nil, now
	else
		m.z = now
	end
	-- Places that are not free yet may be fetched at any time until they are; those
	-- of others come back when these say so.
	if k <= 0 or n < k or n < q.w and n >= remaining then
		reply.y = meta.hb / 30
		if st.k == 'w' then reply.y = math.min(meta.hb, st.life / 4) end
		if st.k == 'b' then reply.y = math.min(meta.hb, st.u * limit) / 4 end
	end
end
