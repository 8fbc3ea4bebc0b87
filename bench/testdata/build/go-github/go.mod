module github.com/weirkit/weir/bench/testdata/build/go-github

go 1.26.0

require github.com/google/go-github/v89 v89.0.0

require github.com/google/go-querystring v1.2.0 // indirect
