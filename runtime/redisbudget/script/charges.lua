-- A counter holds for each member what it has leased and not reported (o), until
-- when (d), and its answered charges (s): {free at, answered at, cost}. Beside them
-- there are charges that nobody would restate (r): places that were handed on
-- before they were free, and came back, and those of a process whose name another
-- one has taken.

-- together reports whether two times are of one grain. (Not: less than a grain apart.
-- A steady stream would then all be one charge, that comes free with the last of it.)
local function together(a, b, grain)
	return a == b or grain > 0 and math.floor(a / grain) == math.floor(b / grain)
end

local function push(list, free, at, cost, grain)
	local last = list[#list]
	if last and together(last[1], free, grain) and together(last[2], at, grain) then
		last[1], last[2], last[3] = math.max(last[1], free), math.max(last[2], at), last[3] + cost
	else
		list[#list + 1] = {free, at, cost}
	end
end

-- answered starts the clock of a charge, which is free at a time. Into a bucket it
-- pours when it is answered, and that may be to come: a lost one is deemed answered.
local function answered(st, list, at, free, cost)
	if cost <= 0 then return end
	if st.k == 'b' then
		if at > now then
			push(list, at, at, cost, 0)
		else
			st.e = math.max(st.e, at) + cost * st.u
		end
	elseif free > now then
		push(list, free, at, cost, st.life / 1000)
	end
end

-- expire takes what a member has leased as answered as late as it can be; to is until
-- when it may have sent something in its place.
local function expire(st, m, to)
	local at = (to and st.k ~= 'b' and to or m.d) + meta.linger
	answered(st, m.s, at, at + st.life, m.o)
	m.o = 0
end

-- trim drops the charges of a list that are free by now, and returns the others and
-- their cost. A member whose leases have ended sends again what comes free from then
-- on (by, away.go), so these places stay occupied while it may (silent.lua).
local function trim(st, list, by)
	local kept, held = {}, 0
	for _, s in ipairs(list) do
		if s[3] <= 0 then -- all of it was handed on
		elseif s[1] > now or by and s[1] > by then
			kept[#kept + 1] = s
			held = held + s[3]
		elseif st.k == 'b' then
			st.e = math.max(st.e, s[1]) + s[3] * st.u
		end
	end
	return kept, held
end

-- settle frees what is free by now, and takes what has expired as answered.
local function settle(st)
	local out, held, least = 0, 0, nil
	for other, m in pairs(st.m) do
		if m.o > 0 and (m.d <= now or meta.mem[other] == nil and other ~= name) then
			expire(st, m, apart(st, other))
		end
		local n
		m.s, n = trim(st, m.s, reserved(st, other))
		held = held + n
		if m.o == 0 and #m.s == 0 and meta.mem[other] == nil then
			st.m[other] = nil
		else
			out = out + m.o
			if m.l and (not least or m.l < least) then least = m.l end
		end
	end
	local n
	st.r, n = trim(st, st.r or {})
	return out, held + n, least
end
