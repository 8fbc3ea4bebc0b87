-- What answers have told: ends of windows, what is left, refusals, limits.

-- low is what this clock said at the least when the call was sent: it may have been
-- under way for long. A lower bound of a time counts from there, an upper one from now.
local low = math.min(req.low or 0, now)

-- capAt frees by the end of a window what was answered before the call was sent that
-- tells it. A member that does not know yet that ends are told goes by its own count
-- when it is away, and so do we (te).
local function capAt(st, sent, finish)
	local function cap(list)
		for _, s in ipairs(list) do
			if s[2] <= sent and s[1] > finish then s[1] = finish end
		end
	end
	for _, m in pairs(st.m) do
		if m.te then cap(m.s) end
	end
	cap(st.r or {})
end

-- announce tells the members at once, where there are others. It may be denied, and
-- the contact goes on.
local muted
local function announce(key, news)
	if p < 2 then return end
	news.k, news.by = key, name
	local said = redis.pcall('PUBLISH', KEYS[1], cjson.encode(news))
	if type(said) == 'table' and said.err then muted = said.err end
end

local function observe(st, q, key)
	for _, e in ipairs(q.ends or {}) do capAt(st, low + e[1], now + e[2]) end
	if q.f and now + q.f > now then
		if now + q.f > (st.f or 0) + meta.hb / 30 then announce(key, {f = q.f}) end
		st.f = math.max(st.f or 0, now + q.f)
		st.cap = 1
	end
	if q.told then
		local was = st.told or 0
		if not st.told then
			for _, m in pairs(st.m) do was = math.max(was, m.l or 0) end
		end
		if q.told < was then announce(key, {t = q.told}) end
		st.told = q.told
	end
	if st.w and now >= st.w[2] then st.w = nil end
	local before = st.w and st.w[3] or 1
	for _, l in ipairs(q.left or {}) do
		local left, hi = l[1], now + l[3]
		local lo = math.max(low + l[2], hi - st.life)
		if hi > now then
			if st.w and math.max(hi, st.w[2]) - math.min(lo, st.w[1]) < st.life * 0.9 then -- of one window, since those of two are W apart
				lo = math.max(lo, st.w[1])
				st.w = {lo, math.max(math.min(hi, st.w[2]), lo), math.min(left, st.w[3])}
			elseif not st.w or hi > st.w[2] then
				st.w = {lo, hi, left}
			end
		end
	end
	if q.left and st.w and st.w[3] <= 0 and before > 0 then announce(key, {z = true}) end
	if st.w and q.blind then st.w[3] = st.w[3] - q.blind end
	if st.cap and (q.good or 0) > 0 and (not st.f or st.f <= now) then
		st.cap = st.cap * 2
		if st.cap >= 1024 then st.cap = nil end
	end
end

-- poured has a bucket hold what an answer says, where that is more than all members
-- may have poured: somebody else draws on it. It was read at the sending at the
-- earliest, and a part of a unit may be rounded. What is leased and not sent counts
-- as ours, so less is seen of others than there is, and never more.
local function poured(st, q, ours)
	if q.dr and st.k == 'b' then st.e = math.max(st.e, low + q.dr - (ours + 1) * st.u) end
end
