package api

// PageStyle is how a list's pages follow one another.
type PageStyle string

const (
	// CursorStyle: the body tells the cursor of the next page, which the
	// Cursor parameter carries.
	CursorStyle PageStyle = "cursor"
	// PageNumberStyle: the Cursor parameter counts pages from First.
	PageNumberStyle PageStyle = "page"
	// OffsetStyle: the Cursor parameter counts the items before the page.
	OffsetStyle PageStyle = "offset"
	// LinkStyle: the Link header (RFC 8288) has the next page's URL.
	LinkStyle PageStyle = "link"
	// URLStyle: the body has the next page's URL.
	URLStyle PageStyle = "url"
	// KeysetStyle: the Cursor parameter carries the id of the last item seen.
	KeysetStyle PageStyle = "keyset"
)

// Pagination tells how to walk all pages of a list. A list ends where the
// next cursor is missing, null or empty; where More is false; where End is
// true; at the last of Pages; or, for numbered pages, offsets and keysets without
// any of these or Total, at the first page with fewer items than were asked for.
type Pagination struct {
	Style PageStyle
	// Items is where the page's items stand; empty means the body is the list.
	Items Path
	// Size is the parameter for the page size; nil where the provider decides.
	Size *PageSize
	// Cursor is the parameter that selects the page; unused by LinkStyle, and by
	// URLStyle except to resume.
	Cursor Param
	// First is the number of the first page (PageNumberStyle).
	First int
	// Last is the largest number that a page may have (PageNumberStyle); zero
	// where the provider names none.
	Last int
	// Cap is how many items the provider shows of a list at most, however long it
	// is by Total; zero where it shows all.
	Cap int
	// Next is where the next cursor (CursorStyle) or URL (URLStyle) stands.
	Next Path
	// More is where a boolean stands that is false on the last page.
	More Path
	// End is where a boolean stands that is true on the last page. Unlike an
	// empty cursor it leaves one to go on from later, as incremental exports do.
	End Path
	// Total is where the number of items of all pages stands.
	Total Path
	// Pages is where the number of pages stands (PageNumberStyle). It counts before
	// Total, which may have items in it that no page shows.
	Pages Path
	// Partial is where a boolean stands that is true where the provider has left out
	// items of the page, as a search that ran out of time does.
	Partial Path
	// ID is where an item's id stands within the item (KeysetStyle).
	ID Path
}

// PageSize is the parameter that asks for a page size, and the largest that it may ask for.
type PageSize struct {
	Param
	Max    int
	Source Source
}
