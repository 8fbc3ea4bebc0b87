package slack

import "fmt"

// CustomFields are the fields that the workspace has added to profiles, by their
// ids (TeamProfile.Get tells what each is for). Where there are none Slack sends an
// object, an empty list or null, and CustomFields is nil.
//
// Source: https://docs.slack.dev/reference/methods/users.profile.get
func (p UserProfile) CustomFields() (map[string]ProfileField, error) {
	if list, err := p.Fields.AsJSONList(); p.Fields.IsZero() || err == nil && len(list) == 0 {
		return nil, nil
	}
	fields, err := p.Fields.AsProfileFieldMap()
	if err != nil {
		return nil, fmt.Errorf("the custom fields of a profile: %w", err)
	}
	return fields, nil
}
