package diag

// Codes about a file as a whole.
const (
	FileTooLarge   Code = "file-too-large"
	NotRegularFile Code = "not-regular-file"
	FileEmpty      Code = "file-empty"
	FileBinary     Code = "file-binary"
	FileNotUTF8    Code = "file-not-utf8"
	FileBOM        Code = "file-bom"
	NameBadEscape  Code = "name-bad-escape"
	PathNotUTF8    Code = "path-not-utf8"
)
