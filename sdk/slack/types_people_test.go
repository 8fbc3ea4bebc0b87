package slack_test

// This file looks at people, groups, teams and what a sign-in tells.

import (
	"testing"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/sdk/slack"
)

func TestUsers(t *testing.T) {
	users, _ := all(t, newClient(t).Users.ListPages(t.Context(), nil))
	anna, bo, bot := users[0], users[1], users[2]

	if anna.Deleted || anna.IsBot || !*anna.IsAdmin || *anna.TZOffset != 3600 || anna.Profile.Email != "anna@bakery.example" {
		t.Errorf("anna is %+v", anna)
	}
	if e := anna.Profile.StatusEmojiDisplayInfo; len(e) != 1 || e[0].Unicode != "1f525" || *anna.Profile.StatusExpiration != 1750009999 {
		t.Errorf("her status is %+v", anna.Profile)
	}
	if bo.TZ != "" || bo.IsAdmin != nil || bo.Presence != slack.PresenceAway || bo.EnterpriseUser.Teams[1] != "T0HILL002" {
		t.Errorf("bo, of an organization, is %+v", bo)
	}
	if !bot.Deleted || !bot.IsBot || bot.Profile.BotID != "B0OVEN001" || bot.EnterpriseUser != nil {
		t.Errorf("the bot is %+v", bot)
	}
}

// The fields of a profile are an object, or an empty list where there are none,
// or null.
func TestProfileFieldsInEachShape(t *testing.T) {
	users, _ := all(t, newClient(t).Users.ListPages(t.Context(), nil))
	fields, err := users[0].Profile.Fields.AsProfileFieldMap()
	if err != nil || len(fields) != 2 || fields["Xf0STAR01"].Value != "Rye" || fields["Xf0STAR02"].Label != "First day" {
		t.Errorf("as an object they are %v, %v", fields, err)
	}
	if string(users[1].Profile.Fields.Raw) != "[]" {
		t.Errorf("as an empty list they are %s", users[1].Profile.Fields.Raw)
	}
	if fields, err := users[1].Profile.Fields.AsProfileFieldMap(); err == nil {
		t.Errorf("an empty list is taken for the object %v", fields)
	}
	if fields, err := users[2].Profile.Fields.AsProfileFieldMap(); err != nil || len(fields) != 0 {
		t.Errorf("as null they are %v, %v", fields, err)
	}
	for i, want := range []int{2, 0, 0} {
		if fields, err := users[i].Profile.CustomFields(); err != nil || len(fields) != want {
			t.Errorf("the custom fields of person %d are %v, %v", i, fields, err)
		}
	}
	if fields, err := (slack.UserProfile{}).CustomFields(); fields != nil || err != nil {
		t.Errorf("where there is no word of them, they are %v, %v", fields, err)
	}
	odd := slack.UserProfile{Fields: slack.UserProfileFields{Union: runtime.Union{Raw: []byte(`[1]`)}}}
	if fields, err := odd.CustomFields(); err == nil {
		t.Errorf("a list of something is taken for the fields %v", fields)
	}
	guest := one(t, func(c *slack.Client, o ...runtime.Option) (*slack.User, error) {
		return c.Users.Info(t.Context(), &slack.UsersInfoParams{User: "U0GUEST04"}, o...)
	})
	if guest.ID != "U0GUEST04" || *guest.Profile.GuestExpirationTS != 1751000000 || guest.Locale != "fr-FR" {
		t.Errorf("a guest without fields is %+v", guest)
	}
}

func TestPresenceIsOpen(t *testing.T) {
	p := one(t, func(c *slack.Client, o ...runtime.Option) (*slack.UsersGetPresenceResult, error) {
		return c.Users.GetPresence(t.Context(), nil, o...)
	})
	if p.Presence != "dozing" || p.Presence == slack.PresenceActive || *p.ConnectionCount != 2 {
		t.Errorf("the presence is %+v", p)
	}
}

func TestUsergroups(t *testing.T) {
	groups := one(t, func(c *slack.Client, o ...runtime.Option) ([]slack.Usergroup, error) {
		return c.Usergroups.List(t.Context(), nil, o...)
	})
	night, admins := groups[0], groups[1]
	if night.AutoType != "" || night.DateDelete != 0 || night.DeletedBy != "" || night.Prefs.Channels[0] != "C0BREAD01" || len(night.Users) != 2 || *night.UserCount != 2 {
		t.Errorf("a group is %+v", night)
	}
	if admins.AutoType != slack.UsergroupAutoTypeAdmins || admins.DateDelete == 0 || admins.Users != nil {
		t.Errorf("one made by Slack, and disabled since, is %+v", admins)
	}
}

func TestTeams(t *testing.T) {
	team := one(t, func(c *slack.Client, o ...runtime.Option) (*slack.Team, error) {
		return c.Team.Info(t.Context(), nil, o...)
	})
	if team.ID != "T0RIVER01" || *team.Icon.ImageDefault || team.Icon.Image34 == "" || team.EnterpriseID != "E0GRID001" || string(team.SSOProvider) != `{"type":"saml"}` {
		t.Errorf("the team is %+v", team)
	}
	profile := one(t, func(c *slack.Client, o ...runtime.Option) (*slack.TeamProfile, error) {
		return c.TeamProfile.Get(t.Context(), nil, o...)
	})
	if f := profile.Fields; len(f[0].PossibleValues) != 2 || f[1].PossibleValues != nil || !*f[1].IsHidden || *profile.Sections[0].Order != 3 {
		t.Errorf("its profile is %+v", profile)
	}
	logins, _ := all(t, newClient(t).Team.AccessLogsPages(t.Context(), nil))
	if l := logins[0]; l.UserID != "U0ANNA001" || l.DateLast != 1749003600 || l.Region != "" {
		t.Errorf("a login is %+v", l)
	}
	logs, _ := all(t, newClient(t).Team.IntegrationLogsPages(t.Context(), nil))
	if string(logs[0].ServiceID) != "1234567890" || string(logs[1].ServiceID) != `"12345"` || logs[1].Date != "1749100001" {
		t.Errorf("the logs are %+v", logs)
	}
	billable := one(t, func(c *slack.Client, o ...runtime.Option) (*slack.TeamBillableInfoResult, error) {
		return c.Team.BillableInfo(t.Context(), nil, o...)
	})
	if !billable.BillableInfo["U0ANNA001"].BillingActive || billable.BillableInfo["W0BO00002"].BillingActive || billable.ResponseMetadata.NextCursor == "" {
		t.Errorf("billable are %+v", billable)
	}
}

func TestDoNotDisturb(t *testing.T) {
	people := one(t, func(c *slack.Client, o ...runtime.Option) (map[string]slack.DNDStatus, error) {
		return c.DND.TeamInfo(t.Context(), &slack.DNDTeamInfoParams{Users: []string{"U0ANNA001", "W0BO00002"}}, o...)
	})
	if anna, bo := people["U0ANNA001"], people["W0BO00002"]; !anna.DNDEnabled || *anna.NextDNDEndTS != 1750060000 || bo.DNDEnabled || bo.SnoozeEnabled != nil {
		t.Errorf("they are %+v", people)
	}
}

func TestSignIn(t *testing.T) {
	access := one(t, func(c *slack.Client, o ...runtime.Option) (*slack.OAuthV2AccessResult, error) {
		return c.OAuthV2.Access(t.Context(), slack.OAuthV2AccessBody{}, o...)
	})
	if access.TokenType != slack.TokenTypeBot || access.Team.ID != "T0RIVER01" || access.Enterprise != nil || *access.ExpiresIn != 43200 {
		t.Errorf("access is %+v", access)
	}
	if access.AuthedUser.AccessToken == "" || access.IncomingWebhook.ChannelID != "C0BREAD01" {
		t.Errorf("with %+v and %+v", access.AuthedUser, access.IncomingWebhook)
	}
	info := one(t, func(c *slack.Client, o ...runtime.Option) (*slack.OpenIDConnectUserInfoResult, error) {
		return c.OpenIDConnect.UserInfo(t.Context(), o...)
	})
	if info.Sub != "U0ANNA001" || info.UserID != "U0ANNA001" || info.TeamDomain != "riverbakery" || !*info.EmailVerified {
		t.Errorf("whose names are addresses, is %+v", info)
	}
	me := one(t, func(c *slack.Client, o ...runtime.Option) (*slack.AuthTestResult, error) {
		return c.Auth.Test(t.Context(), o...)
	})
	if me.TeamID != "T0RIVER01" || me.BotID != "B0OVEN001" || *me.IsEnterpriseInstall {
		t.Errorf("the token is of %+v", me)
	}
}
