-- The contact: each counter in its turn, and the reply.

-- counterAt is what is kept of a counter; it is made if it is missing. The second
-- result says why it cannot be the one that the member means.
local function counterAt(key, q)
	local st = load(key) or {r = {}, k = q.k, u = q.u, life = q.life, e = 0, m = {}}
	if st.k ~= q.k or math.abs(st.u - q.u) > 1e-9 * math.abs(q.u) or st.life ~= q.life then
		return st, string.format('it is counted as %s of %s ms by others, and as %s of %s ms here', st.k, st.k == 'b' and st.u or st.life, q.k, q.k == 'b' and q.u or q.life)
	end
	return st
end

-- state takes in what the member says that it has.
local function state(st, q)
	local m = st.m[name]
	if m and m.inc ~= req.inc then -- an earlier process of this name
		expire(st, m)
		for _, s in ipairs(m.s) do st.r[#st.r + 1] = s end
		m.s, m.gk = {}, nil
	end
	m = m or {o = 0, d = now, s = {}}
	st.m[name] = m
	if req.restate then m.s = {} end
	if m.gk and m.gk > q.r then -- granted, and the reply was lost
		for _, s in ipairs(m.g) do st.r[#st.r + 1] = s end
	end
	m.gk, m.g = nil, nil
	m.inc, m.te, m.l, m.has, m.x = req.inc, q.te, q.n, q.has, q.x
	m.o, m.d = q.o, req.leave and now or now + lifetime
	remember(st, m, q.cl or {})
	return m
end

-- report takes in what has happened since the last one, unless it was told before.
local function report(st, m, q, key)
	if dup and not req.restate then return end
	for _, s in ipairs(q.s or {}) do answered(st, m.s, now + s[2], now + s[1], s[3]) end
	for _, s in ipairs(q.b or {}) do push(st.r, now + s[1], now + s[1], s[2], 0) end
	observe(st, q, key)
end

-- counts is for how long the counter is to be kept, at the least.
local function counts(st, limit)
	local most = math.max(lifetime + meta.linger + st.life, (st.f or 0) - now)
	for _, other in pairs(st.m) do
		for _, s in ipairs(other.s) do most = math.max(most, s[1] - now) end
	end
	if st.k == 'b' then most = most + math.max(st.e - now, 0) + limit * st.u end
	return most + lifetime + meta.rsv
end

-- serve is the whole of it, for one counter.
local function serve(key, q)
	local st, conflict = counterAt(key, q)
	if conflict then return {x = conflict} end
	local reply = {}
	q.x = q.x or 1
	local m = state(st, q)
	report(st, m, q, key)
	local out, held, limit = settle(st)
	poured(st, q, out + held)
	if req.restate and st.k == 'b' then -- the level cannot be restated in parts; it is not above the limit
		st.e = now + limit * st.u
	end
	if (q.w or 0) == 0 then
		m.z = nil
	elseif not meta.rec and not req.leave and not (st.f and st.f > now) then
		grant(st, m, q, reply, limit, out, held)
	end
	if st.told == nil and limit < q.n then reply.l = limit end
	if st.f and st.f > now then reply.f = st.f - now end
	if st.w then reply.e = {st.w[1] - now, st.w[2] - now} end
	if st.told then reply.t = st.told end
	save(key, st, counts(st, limit))
	return reply
end

local replies = {}
for i, q in ipairs(req.c) do replies[i] = serve(KEYS[i + 1], q) end
save(KEYS[1], meta, keep * 2)
local reply = {gen = meta.gen, p = p, others = #others > 0 and others or nil, rec = meta.rec and recovered() - now or nil,
	mute = muted, now = clock(), long = meta.wait}
if #replies > 0 then reply.c = replies end
return finish(reply)
