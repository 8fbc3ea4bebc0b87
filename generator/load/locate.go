package load

func (d *Document) locate(err error) error {
	return &Error{Pos: d.tree.position(d.tree.root), Msg: err.Error(), Err: err}
}
