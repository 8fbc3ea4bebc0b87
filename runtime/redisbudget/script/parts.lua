-- What of a limit each member may count on, where all together want more than
-- there is. A member tells who uses the counter there (u): flows with stated
-- demands (d, in the order of their ranks r), and classes (c) with their shares
-- (s); what each has (u) and wants besides (w), and for how long it is active (a).

-- horizon is until when places are granted that are not free yet.
local horizon = now + 3 * meta.hb

-- usersOf is who uses the counter: for each member its name, its uses, what it has
-- in all and beyond the horizon, and whether it has told that lately. (What comes free before
-- may be granted anew. If it were counted too, members that have their parts would
-- get their own places back only once they are free, and with the next contact.)
local function usersOf(st, limit)
	local list = {}
	for other, om in pairs(st.m) do
		local member = meta.mem[other]
		if om.u and member and not member.gone and member.at + 2 * meta.hb > now then
			local has, all = om.o, om.o
			if st.k == 'b' then
				has = has + math.max(om.has - has, 0) * math.max(1 - 3 * meta.hb / (limit * st.u), 0)
			else
				for _, s in ipairs(om.s) do
					all = all + s[3]
					if s[1] > horizon then has = has + s[3] end
				end
			end
			list[#list + 1] = {name = other, has = has, all = all, uses = om.u, lately = om.ut + 2 * meta.hb > now}
		end
	end
	return list
end

-- fill shares an amount among wishes {want, weight}: to each what it wants, and
-- of what is short by weight. It sets got, and returns what is left.
local function fill(amount, wishes)
	local weight = 0
	for _, wish in ipairs(wishes) do weight = weight + wish.weight end
	table.sort(wishes, function(a, b) return a.want * b.weight < b.want * a.weight end)
	for _, wish in ipairs(wishes) do
		wish.got = math.min(wish.want, weight > 0 and amount * wish.weight / weight or 0)
		amount, weight = amount - wish.got, weight - wish.weight
	end
	return amount
end

-- remember has a member's uses know the most that they have wanted lately: where
-- a limit goes in a burst, all are satisfied when the next one begins, and would be
-- given what the first to come leaves.
local function remember(st, m, uses)
	local before = {}
	for _, use in ipairs(m.u or {}) do
		if not use.d then before[use.c] = use end
	end
	for _, use in ipairs(uses) do
		use.till = now + use.a
		local last, wanted = before[use.c], use.u + use.w
		if not use.d and st.k == 'w' then
			use.cur, use.prev, use.since = wanted, 0, now
			if last and last.since then
				use.cur, use.prev, use.since = math.max(last.cur, wanted), last.prev, last.since
				if now - last.since > st.life then use.cur, use.prev, use.since = wanted, last.cur, now end
			end
			use.peak = math.max(use.cur, use.prev)
			use.asked = use.w > 0 and now or last and last.asked or 0
		end
	end
	m.u, m.ut = uses, now
end

-- wishes is what all want, for each stated demand and each class, as a list of
-- {of, use, want}.
local function wishes(users)
	local stated, classes = {}, {}
	for _, user in ipairs(users) do
		local sum = 0
		for _, use in ipairs(user.uses) do sum = sum + use.u end
		for i, use in ipairs(user.lately and user.uses or {}) do
			local has = sum > 0 and user.has * use.u / sum or user.has / #user.uses
			local wish = {of = user.name, i = i, want = math.max(has + use.w, use.peak and use.asked + 2 * meta.hb > now and use.peak or 0), weight = 1, rank = use.r}
			if use.d then
				wish.most = use.d
				stated[#stated + 1] = wish
			else
				local class = classes[use.c] or {want = 0, weight = 0, members = {}}
				classes[use.c] = class
				class.want, class.weight = class.want + wish.want, math.max(class.weight, use.s)
				class.members[#class.members + 1] = wish
			end
		end
	end
	table.sort(stated, function(a, b) return a.rank < b.rank or a.rank == b.rank and a.of < b.of end)
	return stated, classes
end

-- partsOf is what of a limit each member may have, by its name, and what each of
-- the uses of one of them may.
local function partsOf(who, users, limit)
	local stated, classes = wishes(users)
	local left, all, parts = limit, {}, {}
	local function give(wish)
		all[wish.of] = (all[wish.of] or 0) + wish.got
		if wish.of == who then parts[wish.i] = math.max(math.floor(wish.got + 0.5), 1) end
	end
	for _, wish in ipairs(stated) do
		wish.got = math.min(wish.want, wish.most, left)
		left = left - wish.got
		give(wish)
	end
	local list = {}
	for _, class in pairs(classes) do list[#list + 1] = class end
	left = fill(left, list)
	for _, class in ipairs(list) do
		fill(class.got, class.members)
		for _, wish in ipairs(class.members) do give(wish) end
	end
	for other, got in pairs(all) do all[other] = math.ceil(got + left - 1e-6) end
	return all, parts
end

-- kept is what is kept back from a use for those before it: for one that is
-- active what budget's hold.go holds, for classes that are not a hundredth.
local function kept(st, users, limit, mine, least)
	if mine.d then return 0 end
	local before = {}
	for _, user in ipairs(users) do
		for i, use in ipairs(user.uses) do
			if use.d or use.c < mine.c then
				local key = use.d and user.name .. i or use.c
				local b = before[key] or {used = 0, part = use.d or 0}
				before[key] = b
				b.used, b.active = b.used + (user.lately and use.u or 0), b.active or use.till > now
				if not use.d then b.part = math.max(b.part, math.floor(use.s * limit)) end
			end
		end
	end
	local sum, idle = 0, 0
	for _, b in pairs(before) do
		local most = 0
		if not b.active then
			idle = math.floor(limit / 100)
		elseif st.k == 'b' then
			most = b.part
		elseif st.k == 'c' then
			most = limit >= 100 and 1 or 0
		elseif st.w then
			local guard = math.min(meta.hb, st.life / 10)
			local z = (st.w[2] - guard - now) / (st.life - guard)
			most = math.ceil(b.part * math.max(0, math.min(1, z)))
		elseif limit >= 20 then
			most = math.max(1, math.floor(limit / 200))
		end
		sum = sum + math.max(0, math.min(b.part - b.used, most))
	end
	if st.k ~= 'c' then sum = sum + idle end
	return math.min(sum, limit - least)
end

-- borrowed is how much of others' part a class has taken that may still count. It is
-- noted as it is granted (lend), since charges are not told apart by class.
local function borrowed(st, use)
	local sum, kept = 0, {}
	for _, b in ipairs(st.b and st.b[use.c] or {}) do
		if b[1] + st.life > now then
			kept[#kept + 1] = b
			sum = sum + b[2]
		end
	end
	st.b = st.b or {{}, {}, {}}
	st.b[use.c] = kept
	return sum
end

local function lend(st, use, at, n)
	local list = st.b[use.c]
	local last = list[#list]
	if last and at - last[1] < st.life / 50 then
		last[2] = last[2] + n
	else
		list[#list + 1] = {at, n}
	end
end

-- pace is how much a use may have of a window whose end is not told before it takes
-- of others' part, and in which time it may take one of these: as in one process
-- (hold.go), so that what is borrowed comes back evenly, for those whose it is.
local function pace(st, users, limit, mine)
	if st.k ~= 'w' or st.w or limit < 20 or mine.d then return limit, 0 end
	local used, others, own = {}, {}, limit + borrowed(st, mine)
	for _, user in ipairs(users) do
		local sum = 0
		for _, use in ipairs(user.uses) do sum = sum + use.u end
		for i, use in ipairs(user.uses) do
			local key = use.d and user.name .. i or use.c
			used[key] = (used[key] or 0) + (sum > 0 and user.all * use.u / sum or 0)
			if not use.d and use.c == mine.c then
				own = own - (sum > 0 and user.all * use.u / sum or 0)
			elseif use.d or use.till > now then
				others[key] = math.max(others[key] or 0, use.d or math.floor(use.s * limit))
			end
		end
	end
	local idle, held = 0, math.max(1, math.floor(limit / 200))
	for key, part in pairs(others) do
		own = own - part
		idle = idle + math.max(part - used[key] - held, 0)
	end
	if not next(others) then return limit, 0 end
	return math.max(math.floor(own), 0), st.life / math.max(idle, 1)
end

-- The order of turns, where places are few: by class, each with a tag that grows
-- as it is served, by the cost and its share. One that was idle begins where
-- the one served last has begun, so it is next, and has saved nothing up.

local function tagOf(st, use)
	return use.d and -1 or math.max(st.v and st.v[use.c] or 0, st.vt or 0)
end

-- turnOf is the tag of the use of a member that is served first.
local function turnOf(st, om)
	local tag
	for _, use in ipairs(om.u or {}) do
		if use.w > 0 and not (tag and tag <= tagOf(st, use)) then tag = tagOf(st, use) end
	end
	return tag or math.huge
end

local function served(st, use, cost)
	if use.d or cost <= 0 then return end
	st.v = st.v or {0, 0, 0}
	st.vt = tagOf(st, use)
	st.v[use.c] = st.vt + cost / math.max(use.s, 0.01)
end
