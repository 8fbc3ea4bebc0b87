package load

func (t *tree) prepare(version string) {}

func (d *Document) normalise() {}
