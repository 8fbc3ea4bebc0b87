package callsites

import (
	"bytes"
	"context"
	"io"
	"testing"
	"testing/synctest"

	gogithub "github.com/google/go-github/v89/github"
	openaigo "github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	slackgo "github.com/slack-go/slack"
	stripego "github.com/stripe/stripe-go/v85"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/sdk/github"
	"github.com/weirkit/weir/sdk/slack"
	"github.com/weirkit/weir/sdk/zendesk"
)

// job is a function of this package with its client made for a stand-in.
type job func(ctx context.Context, w io.Writer, s standIn) error

func byGoGithub(f func(context.Context, io.Writer, *gogithub.Client) error) job {
	return func(ctx context.Context, w io.Writer, s standIn) error {
		client, err := gogithub.NewClient(gogithub.WithTransport(s), gogithub.WithAuthToken("secret"))
		if err != nil {
			return err
		}
		return f(ctx, w, client)
	}
}

func bySlackGo(f func(context.Context, io.Writer, *slackgo.Client) error) job {
	return func(ctx context.Context, w io.Writer, s standIn) error {
		return f(ctx, w, slackgo.New("xoxb-secret", slackgo.OptionHTTPClient(s.client())))
	}
}

func byStripeGo(f func(context.Context, io.Writer, *stripego.Client) error) job {
	return func(ctx context.Context, w io.Writer, s standIn) error {
		return f(ctx, w, stripego.NewClient("sk_secret", stripego.WithBackends(stripego.NewBackends(s.client()))))
	}
}

func byOpenaiGo(f func(context.Context, io.Writer, openaigo.Client) error) job {
	return func(ctx context.Context, w io.Writer, s standIn) error {
		return f(ctx, w, openaigo.NewClient(option.WithAPIKey("secret"), option.WithBaseURL("https://api.openai.com/v1/"), option.WithHTTPClient(s.client())))
	}
}

func byWeirGithub(f func(context.Context, io.Writer, *github.Client) error) job {
	return func(ctx context.Context, w io.Writer, s standIn) error {
		gh, err := github.New(github.Token("secret"), runtime.WithTransport(s))
		if err != nil {
			return err
		}
		return f(ctx, w, gh)
	}
}

func byWeirSlack(f func(context.Context, io.Writer, *slack.Client) error) job {
	return func(ctx context.Context, w io.Writer, s standIn) error {
		sl, err := slack.New(slack.Token("xoxb-secret"), slack.OnPlan(slack.PlanInternal), runtime.WithTransport(s))
		if err != nil {
			return err
		}
		return f(ctx, w, sl)
	}
}

func byWeirZendesk(f func(context.Context, io.Writer, *zendesk.Client) error) job {
	return func(ctx context.Context, w io.Writer, s standIn) error {
		zd, err := zendesk.New("acme", zendesk.OAuthToken("secret"), runtime.WithTransport(s))
		if err != nil {
			return err
		}
		return f(ctx, w, zd)
	}
}

// TestJobs does each job in each way. What functions of one job find is the
// same, or else they are not of one job.
func TestJobs(t *testing.T) {
	// What it logs of failures is its default, and here they are wanted.
	stripego.DefaultLeveledLogger = &stripego.LeveledLogger{Level: stripego.LevelNull}
	gh, sl, zd, st, oa := githubProvider(), slackProvider(), zendeskProvider(), stripeProvider(), openaiProvider()
	const secondary, history = "/repos/golang/go/issues", "/api/conversations.history"
	for name, test := range map[string]struct {
		at   standIn
		job  job
		want string
	}{
		"get one, go-github":    {gh, byGoGithub(goGithubGetOne), "First\n"},
		"get one, sdk/github":   {gh, byWeirGithub(weirGithubGetOne), "First\n"},
		"get one, slack-go":     {sl, bySlackGo(slackGoGetOne), "ada\n"},
		"get one, sdk/slack":    {sl, byWeirSlack(weirSlackGetOne), "ada\n"},
		"get one, stripe-go":    {st, byStripeGo(stripeGoGetOne), "Ada\n"},
		"get one, openai-go":    {oa, byOpenaiGo(openaiGoGetOne), "Ada\n"},
		"get one, sdk/zendesk":  {zd, byWeirZendesk(weirZendeskGetOne), "Ada\n"},
		"list all, go-github":   {gh, byGoGithub(goGithubListAll), "1 First\n2 Second\n3 Third\n"},
		"list all, sdk/github":  {gh, byWeirGithub(weirGithubListAll), "1 First\n2 Second\n3 Third\n"},
		"list all, slack-go":    {sl, bySlackGo(slackGoListAll), "C1 general\nC2 random\n"},
		"list all, sdk/slack":   {sl, byWeirSlack(weirSlackListAll), "C1 general\nC2 random\n"},
		"list all, stripe-go":   {st, byStripeGo(stripeGoListAll), "Ada\nGrace\n"},
		"list all, openai-go":   {oa, byOpenaiGo(openaiGoListAll), "Ada\nGrace\n"},
		"list all, sdk/zendesk": {zd, byWeirZendesk(weirZendeskListAll), "Ada\nGrace\n"},

		// Their second page is refused once.
		"unrefused, go-github":  {gh.refusing(secondary, githubRefuses), byGoGithub(goGithubListUnrefused), "1 First\n2 Second\n3 Third\n"},
		"unrefused, sdk/github": {gh.refusing(secondary, githubRefuses), byWeirGithub(weirGithubListAll), "1 First\n2 Second\n3 Third\n"},
		"unrefused, slack-go":   {sl.refusing(history, slackRefuses), bySlackGo(slackGoListUnrefused), "2.0 Tea?\n1.0 Hello\n"},
		"unrefused, sdk/slack":  {sl.refusing(history, slackRefuses), byWeirSlack(weirSlackListUnrefused), "2.0 Tea?\n1.0 Hello\n"},

		"create, go-github":   {gh, byGoGithub(goGithubCreate), "4\n"},
		"create, sdk/github":  {gh, byWeirGithub(weirGithubCreate), "4\n"},
		"create, slack-go":    {sl, bySlackGo(slackGoCreate), "3.0\n"},
		"create, sdk/slack":   {sl, byWeirSlack(weirSlackCreate), "3.0\n"},
		"create, stripe-go":   {st, byStripeGo(stripeGoCreate), "Ada\n"},
		"create, openai-go":   {oa, byOpenaiGo(openaiGoCreate), "Ada\n"},
		"create, sdk/zendesk": {zd, byWeirZendesk(weirZendeskCreate), "Ada\n"},
		"errors, go-github":   {gh, byGoGithub(goGithubErrors), "gone\n"},
		"errors, sdk/github":  {gh, byWeirGithub(weirGithubErrors), "gone\n"},
		"errors, slack-go":    {sl, bySlackGo(slackGoErrors), "gone\n"},
		"errors, sdk/slack":   {sl, byWeirSlack(weirSlackErrors), "gone\n"},
		"errors, stripe-go":   {st, byStripeGo(stripeGoErrors), "gone\n"},
		"errors, openai-go":   {oa, byOpenaiGo(openaiGoErrors), "gone\n"},
		"errors, sdk/zendesk": {zd, byWeirZendesk(weirZendeskErrors), "gone\n"},

		"timeout, go-github":   {gh, byGoGithub(goGithubTimeout), "First\n"},
		"timeout, sdk/github":  {gh, byWeirGithub(weirGithubTimeout), "First\n"},
		"timeout, slack-go":    {sl, bySlackGo(slackGoTimeout), "ada\n"},
		"timeout, sdk/slack":   {sl, byWeirSlack(weirSlackTimeout), "ada\n"},
		"timeout, stripe-go":   {st, byStripeGo(stripeGoTimeout), "Ada\n"},
		"timeout, openai-go":   {oa, byOpenaiGo(openaiGoTimeout), "Ada\n"},
		"timeout, sdk/zendesk": {zd, byWeirZendesk(weirZendeskTimeout), "Ada\n"},
		"priority, sdk/github": {gh, byWeirGithub(weirGithubPriority), "First\n"},

		// The first two attempts fail.
		"retries, slack-go": {sl.unavailable(2), func(ctx context.Context, w io.Writer, s standIn) error {
			return slackGoRetries(ctx, w, "xoxb-secret", s.client())
		}, "ada\n"},
		"retries, stripe-go": {st.unavailable(2), func(ctx context.Context, w io.Writer, s standIn) error {
			return stripeGoRetries(ctx, w, "sk_secret", s.client())
		}, "Ada\n"},
		"retries, openai-go":   {oa.unavailable(2), byOpenaiGo(openaiGoRetries), "Ada\n"},
		"retries, sdk/github":  {gh.unavailable(2), byWeirGithub(weirGithubRetries), "First\n"},
		"retries, sdk/slack":   {sl.unavailable(2), byWeirSlack(weirSlackRetries), "ada\n"},
		"retries, sdk/zendesk": {zd.unavailable(2), byWeirZendesk(weirZendeskRetries), "Ada\n"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var out bytes.Buffer
				if err := test.job(t.Context(), &out, test.at); err != nil {
					t.Fatal(err)
				}
				if out.String() != test.want {
					t.Errorf("found %q, want %q", out.String(), test.want)
				}
			})
		})
	}
}
