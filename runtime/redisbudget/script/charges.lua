-- A counter holds for each member what it has leased and not reported (o), until
-- when (d), and its answered charges (s): {free at, answered at, cost}.

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
