-- What a silent member may send by itself, and how it is reserved.
--
-- A member that has lost sight of Redis sends again what its own charges free, from
-- the end of its leases on (away.go). One that is heard of, though it may have no
-- replies, keeps these places. One that is not heard of for as long as leases last is taken
-- for gone; but with PartitionSafe it keeps them too, for meta.rsv at the longest.
-- Rule: a place that it occupied, or had leased, at the end of its leases is not
-- free before it is back and has restated, or has left, or the last that it may
-- send there is free. So each charge of its own has a place here for as long as it
-- counts, and those in contact are granted the others: the sum stays within the
-- limit whoever is cut off, and for how long ever. What it costs is that the places of
-- a process that was killed are idle for as long.

-- last is when a member that is not heard of any more sends by itself for the last time.
local function last(m) return m.at + lifetime + meta.rsv + meta.hb end

-- apart is until when a member may be sending by itself that is silent for so long, nil
-- where it is not. One that has started anew under its name is not the one.
local function apart(st, other)
	local m = meta.mem[other]
	if meta.rsv > 0 and other ~= name and m and not m.gone and m.inc == st.m[other].inc then return last(m) end
end

-- reserved is from when on a place that comes free is left to its member (trim), nil for never.
local function reserved(st, other)
	local m = meta.mem[other]
	if st.k == 'b' or not m or m.gone then return nil end
	if m.at + lifetime > now then return m.by end
	local to = apart(st, other)
	if to and now < to + meta.linger + st.life then return m.by end
end

-- slower is what silent members take of a bucket: each may draw on it as on one of 1
-- that regains 1/P of the rate, with the number of members P that it knows of. It
-- moves the level by what they may have drawn since it was reckoned last, and
-- returns how many they are, and how much slower the rest comes free: of two buckets in
-- one, which sum up to its burst and to its rate, the level is never above the sum of
-- theirs. They begin when all leases have ended that were granted before they fell silent.
local function slower(st, limit)
	if meta.rsv == 0 or st.k ~= 'b' then return 0, 1 end
	local n, part = 0, 0
	for other, m in pairs(meta.mem) do
		if other ~= name and not m.gone and m.p <= (st.m[other] and st.m[other].l or limit) then
			local from, to = m.by, last(m)
			local passed = math.min(now, to) - math.max(st.at or now, from)
			if passed > 0 then st.e = st.e + passed / m.p end
			if now > from and now < to + meta.linger + st.u then n, part = n + 1, part + 1 / m.p end
		end
	end
	st.at = now
	return n, part < 1 and 1 / (1 - part) or math.huge
end
